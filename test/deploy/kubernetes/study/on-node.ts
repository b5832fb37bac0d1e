import { apply, kubectl } from '../node/cluster.ts';
import { asOlder } from '../older.ts';
import { render } from '../render.ts';
import { allReady, bounded, hello, pages } from './arrival.ts';
import { allFull, oneFull } from './full.ts';
import { killed, networkLost } from './kill.ts';
import { rolledOut } from './roll-out.ts';
import { budget, policies, strangers } from './rules.ts';
import { type Step, take } from './step.ts';

/** `on-node.ts`, in the network of the node: prints what became of each step, a line of JSON each. */
const applied: Step = {
  what: 'the manifests are applied',
  async act() {
    await kubectl(['get', 'node', 'one-node']);
    const { manifests, changed } = asOlder(await render('one-node'));
    // Everything lives in its namespace, which has to be there first.
    const [namespace, ...rest] = manifests;
    if (namespace === undefined) throw new Error('Expected manifests, found none');
    const told = [...(await apply([namespace])), ...(await apply(rest))];
    return [`${told.length} objects`, ...changed];
  },
};

const STEPS = [
  ...[applied, allReady, bounded, pages, hello, oneFull, allFull],
  ...[networkLost, killed, rolledOut, budget, policies, strangers],
];

for (const step of STEPS) {
  const outcome = await take(step);
  console.log(JSON.stringify(outcome));
  // What comes later needs what came before.
  if (outcome.kind === 'not' && (step === applied || step === allReady)) break;
}
// Visitors of a step that failed may still wait for something.
process.stdout.write('', () => process.exit());

import { applyExperiment, type Snippet } from '../../protocol/manifest.ts';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { HOME_TOPOLOGY } from '../../protocol/topology.ts';
import { type Visitor, visit } from '../lab/visitor.ts';
import { alternate, figureOf } from './figure.ts';
import type { Place } from './place.ts';
import type { Row } from './row.ts';
import { startRunnerProcess } from './runner-process.ts';

const ROUNDS = 3;
const SNIPPET = 'bulk-python';
const PLAIN = 'Make the client plain TCP';
/** Long enough that the slow start of two subflows does not decide. */
const SECONDS = 10;
/** Of the sum of both links' rates, headers included: what two subflows are asked to make of it. */
const PART_OF_SUM = 0.85;

/** One transfer over Wi-Fi and cellular by Multipath TCP, and one by TCP, in the same lab and by the same programs. */
export async function linkRows({ quiet }: Place): Promise<Row[]> {
  const rates = HOME_TOPOLOGY.links.flatMap(({ rateMbit }) => (rateMbit === null ? [] : [rateMbit]));
  const sumMbit = rates.reduce((sum, rate) => sum + rate, 0);
  const snippet = readSnippets('snippets').find(({ id }) => id === SNIPPET);
  const experiment = snippet?.manifest.experiments.find(({ title }) => title === PLAIN);
  if (snippet === undefined || experiment === undefined) throw new Error(`Expected ${SNIPPET} with "${PLAIN}", found none`);
  const source = forSeconds(snippet.sources[experiment.file] ?? '');

  await using runner = await startRunnerProcess();
  await using visitor = await visit(runner.address);
  const transfer = transfers(visitor, snippet);
  const { multipath, plain } = await alternate(ROUNDS, quiet, {
    multipath: () => transfer({ [experiment.file]: source }),
    plain: () => transfer({ [experiment.file]: applyExperiment(source, experiment) }),
  });
  const fastest = Math.max(...rates);
  const strange = plain.find((mbit) => mbit > fastest);
  if (strange !== undefined) throw new Error(`Void: TCP got ${strange} Mbit/s, and no link carries more than ${fastest}`);
  return [
    {
      what: `Two links, ${rates.join(' and ')} Mbit/s: a transfer of ${SECONDS} s`,
      unit: 'Mbit/s',
      measured: figureOf(multipath),
      baseline: { what: 'plain TCP', figure: figureOf(plain) },
      target: { kind: 'at-least', value: sumMbit * PART_OF_SUM },
    },
  ];
}

/** Runs both programs, and gives the rate of the payload until the server has all of it, in Mbit/s. */
function transfers(visitor: Visitor, { id }: Snippet): (files: Record<string, string>) => Promise<number> {
  let last = 0;
  return async (files) => {
    const [server, client] = [++last, ++last];
    visitor.run(server, 'server', id);
    visitor.run(client, 'client', id, files);
    const { end } = await visitor.until('run-ended', ({ run }) => run === client);
    await visitor.until('run-ended', ({ run }) => run === server);
    const rate = /: ([\d.]+) Mbit\/s\r?\nSHA-256 is the same/.exec(visitor.output(client))?.[1];
    if (end.kind === 'exit' && end.code === 0 && rate !== undefined) return Number(rate);
    throw new Error(`Void: the client ended by ${JSON.stringify(end)} and printed:\n${visitor.output(client)}`);
  };
}

function forSeconds(source: string): string {
  const changed = source.replace(/^SECONDS = \d+$/m, `SECONDS = ${SECONDS}`);
  if (changed === source) throw new Error('Expected a line "SECONDS = …" in the client, found none');
  return changed;
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Verdict } from '../../protocol/verdict.ts';
import { readConfig } from '../../runner/config.ts';
import { runBoth } from '../../runner/session/run-both.ts';
import { openWorld } from '../../runner/world.ts';
import { missing } from '../require.ts';

/** Longer than a hello takes from its start to its end. */
const BUSY_MS = 400;

describe('a runner that is busy', { skip: await missing('lab') }, () => {
  test('sees a client that was done before the runner was told that it began', async () => {
    const { session: world, admission } = openWorld(readConfig({ LABS: '1', LABS_WARM: '0', LOG_LEVEL: 'error' }));
    let verdict: Verdict | null = null;
    await runBoth(
      world,
      { client: 'python', server: 'python', files: {}, columns: 80, rows: 24 },
      {
        event(event) {
          if (event.type === 'verdict') verdict = event.verdict;
          if (event.type === 'run-phase' && event.host === 'client' && event.phase === 'running') keepBusy();
        },
        output() {},
      },
    );
    await admission.close();
    assert.equal((verdict as Verdict | null)?.kind, 'multipath');
  });
});

/** Keeps this process from everything else, as a loaded machine does. */
function keepBusy(): void {
  const until = performance.now() + BUSY_MS;
  while (performance.now() < until);
}

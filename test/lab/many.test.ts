import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { figureOf } from '../bench/figure.ts';
import { untilLabsIdle } from '../bench/idle-labs.ts';
import { holdClass } from '../bench/many/class.ts';
import { makeLabs } from '../bench/many/labs-alive.ts';
import { openAndClose } from '../bench/many/sessions.ts';
import { tracesOf } from '../bench/many/traces.ts';
import { descendantsOf, proportionalBytes } from '../bench/processes.ts';
import { startRunnerProcess } from '../bench/runner-process.ts';
import { missing } from '../require.ts';
import { eventually } from './runner.ts';

/** `npm run bench -- many` does the same with 200 learners, 10,000 sessions and 500 labs, and says how fast. */
describe('many', { skip: await missing('lab') }, () => {
  test('learners at a time get every byte of their programs, beside a transfer', async () => {
    const plan = { learners: 10, snippet: 'c', everyMs: 2_000, bulks: 1, durationMs: 5_000 };
    await using runner = await startRunnerProcess({ LABS: '11', LABS_WARM: '0' });
    const { faults, hellos, transfers, firstByteMs } = await holdClass(runner, plan);
    assert.deepEqual(faults, []);
    assert.ok(hellos >= 25 && transfers >= 1, `${hellos} hellos, ${transfers} transfers`);
    assert.equal(firstByteMs.length, hellos);
  });

  test('sessions come and go, with labs and without, and leave nothing in their runner', async () => {
    const plan = { sessions: 300, together: 6, labEvery: 10, snippet: 'c' };
    await using runner = await startRunnerProcess({ LABS: '6', LABS_WARM: '0' });
    const untilQuiet = async () => {
      await untilLabsIdle(runner.pid, 0);
      // The kernel lets go of a control group a moment after its last process.
      await eventually('no control group of a lab is left', () => tracesOf(runner.pid).controlGroups === 0);
    };
    await openAndClose(runner.address, { ...plan, sessions: 20 });
    await untilQuiet();
    const before = { traces: tracesOf(runner.pid), bytes: proportionalBytes(runner.pid) };
    await openAndClose(runner.address, plan);
    await untilQuiet();
    assert.deepEqual(tracesOf(runner.pid), before.traces);
    const grownBytes = proportionalBytes(runner.pid) - before.bytes;
    // 250 kB for each session would be more. V8 is lazy: 20 MB is usual here, and 275 MB is where it ends after 10,000 sessions.
    assert.ok(grownBytes < 75e6, `${grownBytes} bytes more`);
  });

  test('labs are alive at a time, and the last one is made as the first one', async () => {
    const before = descendantsOf(process.pid).length;
    const times = await makeLabs(30);
    const [first, last] = [figureOf(times.slice(0, 8)).p50, figureOf(times.slice(-8)).p50];
    assert.ok(last < 2 * first, `${first} ms, then ${last} ms`);
    assert.equal(descendantsOf(process.pid).length, before);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openAdmission } from '../admission.ts';

type FakeLab = { closed: Promise<void>; close(): Promise<void> };
type Asked = { source: string; number: number; leaving: AbortController; lab: FakeLab | null; over: boolean };
type Step = { kind: 'ask'; source: number } | { kind: 'give-back' | 'leave' | 'crash'; index: number } | { kind: 'fail' };

const index = fc.nat({ max: 60 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask' as const), source: fc.nat({ max: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('give-back' as const), index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), index }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'fail' }) },
);
const limits = fc.record({
  capacity: fc.integer({ min: 1, max: 6 }),
  perSource: fc.integer({ min: 1, max: 6 }),
  warm: fc.integer({ min: 0, max: 3 }),
  queueLength: fc.integer({ min: 0, max: 8 }),
});

/** All that follows from what has happened. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};
const quiet = () => {};

test('whoever comes, leaves and crashes: capacity holds, each source keeps to its part and its order, nobody waits for nothing', async () => {
  await fc.assert(
    fc.asyncProperty(limits, fc.array(step, { maxLength: 80 }), async ({ capacity, perSource, warm, queueLength }, steps) => {
      let alive = 0;
      let failNext = false;
      const admission = openAdmission<FakeLab>({
        ...{ capacity, perSource, warm, queueLength, queuePerSource: queueLength },
        async makeLab() {
          if (failNext) {
            failNext = false;
            throw new Error('made to fail');
          }
          assert.ok(++alive <= capacity, `${alive} labs of ${capacity}`);
          const { promise: closed, resolve } = Promise.withResolvers<void>();
          let isOpen = true;
          const close = async () => {
            if (isOpen) alive--;
            isOpen = false;
            resolve();
          };
          return { closed, close };
        },
        imageState: () => ({ state: 'ready', recipe: 'test' }),
        onMakeFailed: quiet,
        on: { made: quiet, given: quiet, givenBack: quiet, refused: quiet },
      });
      const all: Asked[] = [];
      const lastGiven = new Map<string, number>();
      const waiting = () => all.filter(({ lab, over }) => lab === null && !over);
      const holding = () => all.filter(({ lab, over }) => lab !== null && !over);

      const ask = (source: string) => {
        const asked: Asked = { source, number: all.length, leaving: new AbortController(), lab: null, over: false };
        all.push(asked);
        admission
          .from(source)
          .acquire(asked.leaving.signal, quiet)
          .then(
            (lab) => {
              asked.lab = lab;
              assert.ok((lastGiven.get(source) ?? -1) < asked.number, 'within a source, first come is first served');
              lastGiven.set(source, asked.number);
            },
            () => {
              asked.over = true;
            },
          );
      };
      await using _closed = { [Symbol.asyncDispose]: () => admission.close() };
      for (const taken of steps) {
        if (taken.kind === 'ask') ask(String(taken.source));
        else if (taken.kind === 'fail') failNext = true;
        else if (taken.kind === 'leave') waiting()[taken.index]?.leaving.abort(new Error('left'));
        else {
          const found = holding()[taken.index % Math.max(1, holding().length)];
          if (found !== undefined) {
            found.over = true;
            await found.lab?.close();
          }
        }
        await settled();
        const { open, queued } = admission.counts();
        assert.equal(open, holding().length);
        assert.equal(queued, waiting().length);
        assert.ok(alive <= capacity);
        for (const source of ['0', '1', '2', '3']) {
          const own = holding().filter((asked) => asked.source === source).length;
          assert.ok(own <= perSource, `${own} labs of one source`);
          const waits = waiting().some((asked) => asked.source === source);
          assert.ok(!waits || own === perSource || open === capacity, 'nobody waits while there is a lab to be had');
        }
      }
      // Whatever was before, everybody who still waits is served in the end.
      while (holding().length > 0) {
        const [first] = holding();
        if (first !== undefined) first.over = true;
        await first?.lab?.close();
        await settled();
      }
      assert.deepEqual(waiting(), []);
    }),
    { numRuns: 300 },
  );
});

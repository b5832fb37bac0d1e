import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageState } from '../protocol/status.ts';
import { type AdmissionPlan, openAdmission, QueueFull, type Waiting } from './admission.ts';

type FakeLab = { id: number; closed: Promise<void>; close(): Promise<void> };

/** The kernel has no part in who comes first: labs are numbers here. */
function labMaker(): { makeLab(): Promise<FakeLab>; made(): number } {
  let made = 0;
  return {
    made: () => made,
    async makeLab() {
      const { promise, resolve } = Promise.withResolvers<void>();
      return { id: ++made, closed: promise, close: async () => resolve() };
    },
  };
}

const never = new AbortController().signal;
const quiet = () => {};

function plan(settings: Partial<AdmissionPlan<FakeLab>>): AdmissionPlan<FakeLab> {
  const ready: ImageState = { state: 'ready', recipe: 'test' };
  return {
    capacity: 2,
    warm: 1,
    queueLength: 2,
    perSource: 2,
    queuePerSource: 2,
    makeLab: labMaker().makeLab,
    imageState: () => ready,
    onMakeFailed: quiet,
    on: { made: quiet, given: quiet, givenBack: quiet, refused: quiet },
    ...settings,
  };
}

test('a closed lab goes to the visitor who waited longest', async () => {
  const admission = openAdmission(plan({}));
  const first = await admission.from(null).acquire(never, quiet);
  await admission.from(null).acquire(never, quiet);
  const told = Promise.withResolvers<Waiting>();
  const third = admission.from(null).acquire(never, told.resolve);
  const fourth = admission.from(null).acquire(never, quiet);
  assert.deepEqual(admission.counts(), { open: 2, capacity: 2, queued: 2, warm: 0, making: 0 });
  assert.deepEqual(await told.promise, { for: 'lab', position: 1, expectedMs: null, ownLimit: null });

  await first.close();
  const given = await Promise.race([third.then(() => 'third'), fourth.then(() => 'fourth')]);
  assert.equal(given, 'third');
  await admission.close();
  await assert.rejects(fourth, /shutting down/);
});

test('a full queue refuses, and says why', async () => {
  const admission = openAdmission(plan({ capacity: 1, queueLength: 1 }));
  await admission.from(null).acquire(never, quiet);
  const waiting = admission.from(null).acquire(never, quiet);
  await assert.rejects(admission.from(null).acquire(never, quiet), QueueFull);
  await admission.close();
  await assert.rejects(waiting, /shutting down/);
});

test('a visitor who leaves gives up the place in the queue', async () => {
  const admission = openAdmission(plan({ capacity: 1 }));
  await admission.from(null).acquire(never, quiet);
  const leaving = new AbortController();
  const waiting = admission.from(null).acquire(leaving.signal, quiet);
  leaving.abort(new Error('left'));
  await assert.rejects(waiting, /left/);
  assert.equal(admission.counts().queued, 0);
  await admission.close();
});

test('while the image is being made, visitors are told how far it is, and then get a lab', async () => {
  let image: ImageState = { state: 'building', phase: 'download', percent: 40 };
  const admission = openAdmission(plan({ imageState: () => image }));
  assert.equal(admission.readiness(), 'starting');
  const told: Waiting[] = [];
  await admission.from(null).acquire(never, (waiting) => {
    told.push(waiting);
    image = { state: 'ready', recipe: 'test' };
  });
  assert.deepEqual(told[0], { for: 'image', image: { state: 'building', phase: 'download', percent: 40 } });
  assert.equal(admission.readiness(), 'ready');
  await admission.close();
});

test('when labs cannot be made, the visitor learns it at once', async () => {
  const failures: unknown[] = [];
  const admission = openAdmission(
    plan({
      warm: 0,
      makeLab: () => Promise.reject(new Error('no user namespaces')),
      onMakeFailed: (error) => failures.push(error),
    }),
  );
  await assert.rejects(admission.from(null).acquire(never, quiet), /no user namespaces/);
  assert.equal(admission.readiness(), 'failing');
  assert.ok(failures.length >= 1);
  await admission.close();
});

test('one address leaves labs and places in line to others, and is told its limit', async () => {
  const admission = openAdmission(plan({ capacity: 4, perSource: 2, queueLength: 4, queuePerSource: 1 }));
  const greedy = admission.from('192.0.2.1');
  const first = await greedy.acquire(never, quiet);
  await greedy.acquire(never, quiet);
  const told = Promise.withResolvers<Waiting>();
  const third = greedy.acquire(never, told.resolve);
  await assert.rejects(greedy.acquire(never, quiet), /1 of the runner’s QUEUE=4/);
  assert.deepEqual(await told.promise, { for: 'lab', position: 1, expectedMs: null, ownLimit: 2 });
  // There is room, and a newcomer gets it at once.
  await admission.from('192.0.2.2').acquire(never, quiet);
  assert.equal(admission.counts().queued, 1);
  await first.close();
  await third;
  await admission.close();
});

test('a runner whose labs are all in use is full, and ready again when one is given back', async () => {
  const admission = openAdmission(plan({ capacity: 1, warm: 0 }));
  assert.equal(admission.readiness(), 'ready', 'nothing is made ahead that could be waited for');
  const lab = await admission.from(null).acquire(never, quiet);
  assert.equal(admission.readiness(), 'full');
  await lab.close();
  await lab.closed;
  assert.equal(admission.readiness(), 'ready');
  await admission.close();
  assert.equal(admission.readiness(), 'closing');
});

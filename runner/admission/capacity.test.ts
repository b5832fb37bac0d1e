import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admissionLimits, capacityOf, describeCapacity, partOfOneSource, thisMachine } from './capacity.ts';

const GIB = 1024 ** 3;

for (const [machine, expected] of [
  [
    { memoryBytes: 16 * GIB, cores: 2, openFiles: 20_000, neighbours: 65_536 },
    { labs: 200, boundBy: 'cores' },
  ],
  [
    { memoryBytes: 2 * GIB, cores: 2, openFiles: 20_000, neighbours: 65_536 },
    { labs: 25, boundBy: 'memory' },
  ],
  [
    { memoryBytes: 64 * GIB, cores: 32, openFiles: 1_024, neighbours: 65_536 },
    { labs: 24, boundBy: 'open-files' },
  ],
  [
    { memoryBytes: 512 * GIB, cores: 64, openFiles: 1_048_576, neighbours: 65_536 },
    { labs: 1_000, boundBy: 'uids' },
  ],
  [
    { memoryBytes: 64 * GIB, cores: 8, openFiles: 40_000, neighbours: 1_024 },
    { labs: 512, boundBy: 'neighbours' },
  ],
  [
    { memoryBytes: GIB / 32, cores: 1, openFiles: 100, neighbours: 65_536 },
    { labs: 1, boundBy: 'open-files' },
  ],
] as const) {
  test(`${machine.memoryBytes / GIB} GiB, ${machine.cores} cores, ${machine.openFiles} files, ${machine.neighbours} neighbours: ${expected.labs} labs`, () =>
    assert.deepEqual(capacityOf(machine), expected));
}

test('this machine has room for a lab', () => {
  const { memoryBytes, cores, openFiles, neighbours } = thisMachine();
  assert.ok(memoryBytes > 0 && cores >= 1 && openFiles > 0 && neighbours > 0);
});

test('one source leaves something to others, as soon as there is more than one', () => {
  assert.deepEqual([1, 2, 3, 4, 20, 200].map(partOfOneSource), [1, 1, 2, 3, 15, 150]);
});

test('what the operator sets goes before what the machine is good for', () => {
  const machine = { memoryBytes: 2 * GIB, cores: 2, openFiles: 20_000, neighbours: 65_536 };
  const unset = { capacity: null, perAddress: null, warm: 2, queueLength: 100 };
  assert.deepEqual(admissionLimits(unset, machine), {
    capacity: 25,
    perSource: 18,
    warm: 2,
    queueLength: 100,
    queuePerSource: 75,
  });
  assert.deepEqual(admissionLimits({ ...unset, capacity: 1 }, machine), {
    ...{ capacity: 1, perSource: 1, warm: 1, queueLength: 100, queuePerSource: 75 },
  });
  assert.deepEqual(admissionLimits({ ...unset, capacity: 30, perAddress: 500 }, machine), {
    ...{ capacity: 30, perSource: 30, warm: 2, queueLength: 100, queuePerSource: 100 },
  });
});

test('what bounds the number of labs is told', () => {
  const machine = { memoryBytes: 2 * GIB, cores: 2, openFiles: 20_000, neighbours: 65_536 };
  assert.equal(describeCapacity(machine), 'Up to 25 labs at a time: 2147 MB of memory are good for that.');
  assert.equal(
    describeCapacity({ ...machine, openFiles: 300, neighbours: 65_536 }),
    'Up to 1 lab at a time: more would need more open files than 300 (ulimit -n).',
  );
});

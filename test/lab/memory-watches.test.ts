import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { openCgroups } from '../../runner/lab/cgroups/cgroups.ts';

const MIB = 1024 * 1024;

const cgroups = openCgroups({ memoryBytes: 64 * MIB, processes: 64 });
const skip = 'why' in cgroups ? cgroups.why : !cgroups.controllers.includes('memory') && 'no control group bounds memory';

describe('the memory of a control group', { skip }, () => {
  test('is watched by several at a time: a new watch takes nothing from those before it', async () => {
    if ('why' in cgroups) return;
    const group = cgroups.open('memory-watches');
    try {
      const begin = group.watchMemory ?? assert.fail('expected a watch, found none');
      const first = begin();
      assert.equal(first(), null);
      await takeAll(group.procs);
      const second = begin();
      assert.deepEqual([first(), second()], ['own', null]);
      await takeAll(group.procs);
      assert.deepEqual([first(), second(), begin()()], ['own', 'own', null]);
    } finally {
      await group.close();
      await cgroups.close();
    }
  });
});

/** A process in these groups that takes memory until the kernel kills it. */
async function takeAll(procs: string[]): Promise<void> {
  const script = `for procs in ${procs.join(' ')}; do echo 0 >$procs; done; exec tail /dev/zero`;
  const [, signal] = await once(spawn('sh', ['-c', script], { stdio: 'ignore' }), 'exit');
  assert.equal(signal, 'SIGKILL');
}

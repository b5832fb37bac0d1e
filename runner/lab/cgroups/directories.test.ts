import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownGroups } from './directories.ts';

/** Linux 6.18.44 with cgroup v1 and a v2 hierarchy beside it. */
const HYBRID_MOUNTS = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`;
const HYBRID_OWN = '8:pids:/\n4:memory:/session/7\n2:cpuacct:/\n1:cpu:/\n0::/\n';

test('v1: each controller has its own directory, below the group of this process', () => {
  assert.deepEqual(ownGroups(HYBRID_MOUNTS, HYBRID_OWN), {
    version: 1,
    directories: {
      memory: '/sys/fs/cgroup/memory/session/7',
      pids: '/sys/fs/cgroup/pids',
      cpu: '/sys/fs/cgroup/cpu',
      cpuacct: '/sys/fs/cgroup/cpuacct',
    },
  });
});

test('v1: controllers that are mounted together, and a container that sees its own part', () => {
  const mounts = '32 31 0:29 /docker/ab /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct';
  assert.deepEqual(ownGroups(mounts, '3:cpu,cpuacct:/docker/ab\n'), {
    version: 1,
    directories: { cpu: '/sys/fs/cgroup/cpu,cpuacct', cpuacct: '/sys/fs/cgroup/cpu,cpuacct' },
  });
});

test('v2: one directory for all', () => {
  const mounts = '29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot';
  const own = '0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope\n';
  assert.deepEqual(ownGroups(mounts, own), {
    version: 2,
    directory: '/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope',
  });
});

test('without a mounted one there is none', () => {
  assert.equal(ownGroups('31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755', HYBRID_OWN), null);
});

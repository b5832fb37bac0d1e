import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sandboxCommand, shellCommand } from './command.ts';
import { DEFAULT_LIMITS } from './limits.ts';

const PLACES = {
  image: '/lab/image',
  devices: '/lab/dev',
  beginProgram: '/proc/self/fd/10',
  workDir: { home: '/lab/work/1', tmp: '/lab/work/1.tmp', shm: '/lab/work/1.shm', run: '/lab/work/1.run' },
};
const command = sandboxCommand(['python3', 'client.py'], 'client', PLACES, DEFAULT_LIMITS);
const text = command.join(' ');

test('a program has no capability, no way to more, and namespaces of its own but for the network', () => {
  for (const option of [
    '--unshare-user',
    '--unshare-pid',
    '--unshare-ipc',
    '--unshare-uts',
    '--disable-userns',
    '--cap-drop ALL',
    '--die-with-parent',
  ]) {
    assert.ok(text.includes(option), option);
  }
  assert.doesNotMatch(text, /--unshare-net|--unshare-all|--cap-add|--share-net/);
});

test('only the given directories can be written to', () => {
  assert.match(text, /--ro-bind \/lab\/image \/ /);
  assert.equal(command.filter((word) => word === '--bind').length, 4);
  assert.match(text, /--bind \/lab\/work\/1 \/home\/u/);
  assert.match(text, /--remount-ro \/dev\b/);
  for (const [index, word] of command.entries()) {
    if (word === '--tmpfs') assert.deepEqual(command.slice(index + 2, index + 4), ['--remount-ro', command[index + 1]]);
  }
});

test('the environment is made from nothing', () => {
  assert.ok(command.indexOf('--clearenv') < command.indexOf('--setenv'));
});

test('limits are set by the kernel, inside', () => {
  assert.match(
    text,
    / \/proc\/self\/fd\/10 nproc=128 nofile=256 fsize=67108864 data=2147483648 sigpending=1024 cpu=20:22 -- python3 client\.py$/,
  );
});

test('a shell has the two capabilities of a network’s administrator, over no namespace but its lab’s', () => {
  const shell = shellCommand(['bash'], 'router', PLACES, DEFAULT_LIMITS);
  const added = shell.flatMap((word, index) => (word === '--cap-add' ? [shell[index + 1]] : []));
  assert.deepEqual(added, ['CAP_NET_ADMIN', 'CAP_NET_RAW']);
  assert.ok(shell.indexOf('--cap-drop') < shell.indexOf('--cap-add'));
  assert.equal(shell.includes('--unshare-user'), false);
  for (const option of ['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--die-with-parent'])
    assert.ok(shell.includes(option));
  const writable = shell.flatMap((word, index) => (word === '--bind' ? [shell[index + 2]] : []));
  assert.deepEqual(writable, ['/dev/shm', '/tmp', '/run', '/root', '/proc/sys/net']);
});

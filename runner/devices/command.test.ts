import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceServiceCommand } from './command.ts';

const plan = {
  listenProgram: '/tools/listen',
  serveProgram: '/tools/serve',
  uid: 1_999_000_000,
  address: '*',
  helloPort: 8263,
  httpPort: 8264,
};

test('the listeners are opened outside of the sandbox, by the uid that serves them', () => {
  const argv = deviceServiceCommand(plan);
  assert.equal(argv[0], 'setpriv');
  assert.ok(argv.includes('--reuid=1999000000'));
  const listen = argv.indexOf('/tools/listen');
  assert.deepEqual(argv.slice(listen, listen + 5), ['/tools/listen', '*', '8263', '8264', 'bwrap']);
});

test('what serves has no network, no capability, and no file but itself', () => {
  const argv = deviceServiceCommand(plan);
  for (const option of [
    '--seccomp',
    '--unshare-net',
    '--unshare-user',
    '--unshare-pid',
    '--die-with-parent',
    '--disable-userns',
  ]) {
    assert.ok(argv.includes(option), option);
  }
  assert.equal(argv[argv.indexOf('--cap-drop') + 1], 'ALL');
  assert.deepEqual(
    argv.filter((option) => option.startsWith('--') && option.includes('bind')),
    ['--ro-bind'],
  );
});

test('a user starts it without a change of uid', () => {
  assert.equal(deviceServiceCommand({ ...plan, uid: null })[0], '/tools/listen');
});

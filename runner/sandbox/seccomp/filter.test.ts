import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from './bpf.ts';
import { CALLS } from './calls.ts';
import { seccompFilter } from './filter.ts';
import { ALLOW, ask, KILL, MACHINES } from './interpret-filter.ts';
import { SHELL_POLICY } from './policy.ts';

const READ = { x64: 0, arm64: 63 };
const EPERM = 'error 1';
const ENOSYS = 'error 38';
const IGNORED = 'error 0';

for (const machine of ['x64', 'arm64'] as const) {
  const number = (call: keyof typeof CALLS) => CALLS[call][MACHINES[machine].column] ?? assert.fail(call);

  test(`${machine}: what programs live on is allowed, what they need not is denied`, () => {
    assert.equal(ask(machine, READ[machine]), ALLOW);
    assert.equal(ask(machine, number('ptrace')), EPERM);
    assert.equal(ask(machine, number('bpf')), EPERM);
    assert.equal(ask(machine, number('clone3')), ENOSYS);
    assert.equal(ask(machine, number('quotactl_fd')), EPERM);
    assert.equal(ask(machine, 457), ENOSYS);
  });

  test(`${machine}: a process can be cloned, a namespace cannot`, () => {
    const SIGCHLD = 17;
    assert.equal(ask(machine, number('clone'), [SIGCHLD]), ALLOW);
    assert.equal(ask(machine, number('clone'), [0x1000_0000 + SIGCHLD]), EPERM);
    assert.equal(ask(machine, number('unshare'), [0x400]), ALLOW);
    assert.equal(ask(machine, number('unshare'), [0x80]), EPERM);
  });

  test(`${machine}: sockets are of the families and protocols of lessons`, () => {
    const socket = (...args: number[]) => ask(machine, number('socket'), args);
    assert.equal(socket(1, 1, 0), ALLOW);
    assert.equal(socket(2, 1, 262), ALLOW);
    assert.equal(socket(10, 1, 6), ALLOW);
    assert.equal(socket(2, 1, 132), 'error 93');
    for (const protocol of [0, 4, 16]) assert.equal(socket(16, 3, protocol), ALLOW);
    for (const protocol of [12, 9, 15]) assert.equal(socket(16, 3, protocol), EPERM);
    for (const family of [17, 38, 40, 21, 43]) assert.equal(socket(family, 3, 0), EPERM);
  });

  test(`${machine}: a shell has packet sockets besides, and nothing else`, () => {
    const shell = (...args: number[]) => ask(machine, number('socket'), args, { filter: seccompFilter(machine, SHELL_POLICY) });
    assert.equal(shell(17, 3, 0), ALLOW);
    assert.equal(shell(2, 1, 262), ALLOW);
    for (const family of [38, 40, 21, 43]) assert.equal(shell(family, 3, 0), EPERM);
    for (const protocol of [12, 9, 6]) assert.equal(shell(16, 3, protocol), EPERM);
  });

  test(`${machine}: keys cannot be typed into a terminal`, () => {
    assert.equal(ask(machine, number('ioctl'), [0, 0x5413]), ALLOW);
    assert.equal(ask(machine, number('ioctl'), [0, 0x5412]), EPERM);
    assert.equal(ask(machine, number('ioctl'), [0, 0x541c]), EPERM);
  });

  test(`${machine}: the personality stays a usual one`, () => {
    assert.equal(ask(machine, number('personality'), [0xffff_ffff]), ALLOW);
    assert.equal(ask(machine, number('personality'), [0x4_0000]), EPERM);
  });

  test(`${machine}: the core limit can be read, and is not changed by who believes to change it`, () => {
    const [RLIMIT_CORE, RLIMIT_NOFILE] = [4, 7];
    const prlimit = (...args: number[]) => ask(machine, number('prlimit64'), args);
    assert.equal(ask(machine, number('setrlimit'), [RLIMIT_CORE, 0x7fff_0000_1000]), IGNORED);
    assert.equal(ask(machine, number('setrlimit'), [RLIMIT_NOFILE, 0x7fff_0000_1000]), ALLOW);
    assert.equal(prlimit(0, RLIMIT_CORE, 0, 0x7fff_0000_1000), ALLOW);
    // A program chooses where in its memory the new limit is.
    for (const pointer of [0x1000, 0x7fff_0000_1000, 0x1_0000_0000]) assert.equal(prlimit(0, RLIMIT_CORE, pointer), IGNORED);
    assert.equal(prlimit(0, RLIMIT_NOFILE, 0x1000), ALLOW);
  });

  test(`${machine}: pairs of sockets are Unix ones`, () => {
    assert.equal(ask(machine, number('socketpair'), [1, 1, 0]), ALLOW);
    for (const family of [2, 30, 40]) assert.equal(ask(machine, number('socketpair'), [family, 1, 0]), EPERM);
  });

  test(`${machine}: calls of another architecture end the process`, () => {
    assert.equal(ask(machine, READ[machine], [], { audit: 0x4000_0003 }), KILL);
    assert.equal(ask(machine, 0x4000_0000 + READ[machine]), KILL);
  });
}

test('the upper half of a number changes nothing', () => {
  assert.equal(ask('x64', CALLS.ioctl[0], [0, 0x1_0000_5412]), EPERM);
});

test('a machine that the filter does not know is named', () => {
  assert.throws(() => seccompFilter('riscv64'), /expected a machine with x64 or arm64, found riscv64/);
});

test('a jump cannot go back or too far', () => {
  const jump = { op: 'jump-if', test: 'equal', value: 0, yes: 'there' } as const;
  const there = { op: 'label', name: 'there' } as const;
  assert.throws(() => assemble([there, jump]), /expected "there" at most 255 lines ahead/);
  assert.throws(() => assemble([jump, ...Array(256).fill({ op: 'return', value: 0 }), there]), /found 256/);
});

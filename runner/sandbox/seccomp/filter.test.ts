import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from './bpf.ts';
import { CALLS } from './calls.ts';
import { seccompFilter } from './filter.ts';
import { SHELL_POLICY } from './policy.ts';

const KILL = 'killed';
const ALLOW = 'allowed';
const MACHINES = { x64: { audit: 0xc000_003e, column: 0 }, arm64: { audit: 0xc000_00b7, column: 1 } } as const;

/** What the filter of an architecture makes of a call; arguments are the lower 32 bits of each. */
function ask(
  machine: keyof typeof MACHINES,
  call: number,
  args: number[] = [],
  audit: number = MACHINES[machine].audit,
  filter: Uint8Array = seccompFilter(machine),
): string {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call, true);
  data.setUint32(4, audit, true);
  for (const [index, value] of args.entries()) data.setUint32(16 + 8 * index, value, true);
  return interpret(filter, data);
}

/** The part of classic BPF that seccomp filters are made of (Documentation/networking/filter.rst). */
function interpret(program: Uint8Array, data: DataView): string {
  const view = new DataView(program.buffer);
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const value = view.getUint32(at + 4, true);
    const jump = (holds: boolean) => {
      at += 8 * view.getUint8(at + (holds ? 2 : 3));
    };
    switch (view.getUint16(at, true)) {
      case 0x20:
        accumulator = data.getUint32(value, true);
        break;
      case 0x15:
        jump(accumulator === value);
        break;
      case 0x25:
        jump(accumulator > value);
        break;
      case 0x45:
        jump((accumulator & value) !== 0);
        break;
      case 0x06:
        if (value === 0x8000_0000) return KILL;
        return value === 0x7fff_0000 ? ALLOW : `error ${value & 0xffff}`;
      default:
        assert.fail(`unknown instruction at ${at}`);
    }
  }
  return assert.fail('the program has no end');
}

const READ = { x64: 0, arm64: 63 };
const EPERM = 'error 1';
const ENOSYS = 'error 38';

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
    const shell = (...args: number[]) =>
      ask(machine, number('socket'), args, MACHINES[machine].audit, seccompFilter(machine, SHELL_POLICY));
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

  test(`${machine}: calls of another architecture end the process`, () => {
    assert.equal(ask(machine, READ[machine], [], 0x4000_0003), KILL);
    assert.equal(ask(machine, 0x4000_0000 + READ[machine]), KILL);
  });
}

test('the upper half of an argument changes nothing', () => {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, CALLS.ioctl[0], true);
  data.setUint32(4, MACHINES.x64.audit, true);
  data.setUint32(24, 0x5412, true);
  data.setUint32(28, 1, true);
  assert.equal(interpret(seccompFilter('x64'), data), EPERM);
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

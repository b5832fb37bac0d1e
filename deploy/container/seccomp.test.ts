import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ABSENT, ADDITIONS, runnerProfile } from './seccomp.ts';

// The form of moby's default, with few of its calls.
const DEFAULT = JSON.stringify({
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 1,
  archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
  syscalls: [
    { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
    { names: ['clone', 'mount', 'bpf', 'clone3'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
    { names: ['clone'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 2114060288, op: 'SCMP_CMP_MASKED_EQ' }] },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38, excludes: { caps: ['CAP_SYS_ADMIN'] } },
  ],
});

test('the profile is the default, but for the calls that are named with a reason', () => {
  const { defaultAction, defaultErrnoRet, archMap, syscalls } = runnerProfile(DEFAULT);
  assert.deepEqual(
    { defaultAction, defaultErrnoRet, archMap },
    { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1, archMap: JSON.parse(DEFAULT).archMap },
  );
  assert.deepEqual(syscalls.slice(0, 2), [
    { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
    { names: ['bpf'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
  ]);
  assert.equal(syscalls.length, 2 + ADDITIONS.length + 1);
});

test('each changed call has one rule, and a reason', () => {
  const { syscalls } = runnerProfile(DEFAULT);
  for (const name of [...ADDITIONS.flatMap(({ names }) => names), ...ABSENT.names]) {
    const rules = syscalls.filter(({ names }) => names.includes(name));
    assert.equal(rules.length, 1, name);
    assert.ok(rules[0]?.['comment'], name);
  }
});

test('a profile that allows by default is refused', () => {
  assert.throws(() => runnerProfile('{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [] }'), /found SCMP_ACT_ALLOW/);
});

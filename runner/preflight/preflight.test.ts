import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt } from './attempt.ts';
import { confiningProfile, hasMasks, missingOption } from './container.ts';
import { readSteps } from './network.ts';
import { namespaceRemedy } from './user-namespaces.ts';
import { visitors } from './visitors.ts';

test('what worked and what was said is read from the output of the probes, whose last line may be cut at its end', () => {
  // Printed on Linux 6.18.44 without netem, by iproute2 6.15.
  const output = 'tbf 0 \nnetem 2 Error: Specified qdisc kind is unknown. \nnft 0';
  assert.deepEqual(
    [...readSteps(output)],
    [
      ['tbf', ''],
      ['netem', 'exit status 2: Error: Specified qdisc kind is unknown.'],
      ['nft', ''],
    ],
  );
});

const FREE = { filter: false, maskedProc: false, profile: null };

const CLOSED_BY: [string, string, RegExp][] = [
  ['kernel/apparmor_restrict_unprivileged_userns', '1', /sysctl kernel\.apparmor_restrict_unprivileged_userns=0/],
  ['kernel/unprivileged_userns_clone', '0', /sysctl kernel\.unprivileged_userns_clone=1/],
  ['user/max_user_namespaces', '0', /sysctl user\.max_user_namespaces=15000/],
];

for (const [setting, value, expected] of CLOSED_BY) {
  test(`user namespaces closed by ${setting} are opened by that setting`, () => {
    assert.match(
      namespaceRemedy((path) => (path === setting ? value : null), 'unshare failed: Operation not permitted', FREE),
      expected,
    );
  });
}

// What unshare(1) and bwrap(1) printed in containers of Docker 26.1; AppArmor's refusal is EACCES (apparmor(7)).
for (const [said, confinement, expected] of [
  ['unshare: unshare failed: Operation not permitted', { ...FREE, filter: true }, /seccomp=deploy\/container\/seccomp\.json/],
  [
    "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
    { ...FREE, filter: true, maskedProc: true },
    /systempaths/,
  ],
  ["bwrap: Can't set hostname to lab: Operation not permitted", { ...FREE, filter: true, maskedProc: true }, /seccomp=/],
  [
    'bwrap: Failed to make / slave: Permission denied',
    { ...FREE, filter: true, profile: 'docker-default' },
    /apparmor=unconfined/,
  ],
] as const) {
  test(`"${said}" in a container names the option that is missing`, () => {
    assert.match(missingOption(said, confinement) ?? '', expected);
  });
}

test('outside of a container no option of one is named', () => {
  assert.equal(missingOption('unshare: unshare failed: Operation not permitted', FREE), null);
});

test('masks of /proc are seen among the mounts, and a confining profile by its name', () => {
  // Of Linux 6.18 in a container of Docker 26.1. Formats of many hosts are mounted below /proc too, where the kernel keeps an empty folder.
  assert.ok(hasMasks('67 143 0:56 /bus /proc/bus ro,nosuid,nodev,noexec,relatime - proc proc rw'));
  assert.ok(!hasMasks('143 142 0:56 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw'));
  assert.ok(!hasMasks('41 23 0:36 / /proc/sys/fs/binfmt_misc rw,relatime - binfmt_misc binfmt_misc rw'));
  assert.equal(confiningProfile('docker-default (enforce)\n'), 'docker-default');
  assert.equal(confiningProfile('unconfined\n'), null);
});

test('a program that is absent is told apart from one that fails', async () => {
  assert.deepEqual(await attempt(['no-such-program-here']), { kind: 'absent' });
  assert.deepEqual(await attempt(['sh', '-c', 'echo why >&2; exit 3']), { kind: 'failed', output: 'why' });
  assert.deepEqual(await attempt(['sh', '-c', 'echo fine']), { kind: 'done', output: 'fine' });
});

for (const [environment, state, found] of [
  [{}, 'ok', /visitors are at this machine/],
  [{ HOST: '0.0.0.0' }, 'ok', /a new one at each start/],
  [{ HOST: '0.0.0.0', OPEN: '1' }, 'limited', /Everybody who can open the site/],
  [{ PUBLIC_ORIGINS: 'https://mptcp.example' }, 'limited', /none is trusted/],
  [
    { PUBLIC_ORIGINS: 'https://mptcp.example', TRUSTED_PROXIES: '127.0.0.1', JOIN_CODE: 'K7Q-M4T-XP9' },
    'ok',
    /that of JOIN_CODE/,
  ],
  [{ PORT: 'many' }, 'missing', /PORT: expected a whole number/],
] as const) {
  test(`with ${JSON.stringify(environment)}, who may use labs is told`, () => {
    const finding = visitors(environment);
    assert.equal(finding.state, state);
    assert.match(finding.found, found);
  });
}

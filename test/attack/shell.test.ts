import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { startRunner, type TestRunner } from '../lab/runner.ts';
import { openTestShell, type TestShell } from '../lab/test-shell.ts';
import { type Visitor, visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { callAttacks, callProgram, callResults } from './calls.ts';
import { reaches, reachProgram } from './outward.ts';
import { openReport } from './report.ts';

const ATTACKS = callAttacks();
const SECRET = 'a-secret-of-the-runner';

/** All that an administrator of a lab's host may do and a program may not, by the names of the attacks. */
const CALLS_ALLOWED = ['packet socket', 'raw socket', 'raw socket of IPv6'];
const REACHES_OTHERWISE: Record<string, RegExp> = {
  // Its own: those of this shell.
  'processes of others': /^False$/,
  'a process of the machine by its signal': /^\[\d+\]$/,
  'a setting of the lab': /^written$/,
  forwarding: /^written$/,
  'settings of Multipath TCP in the lab': /^0$/,
  // CAP_NET_ADMIN and CAP_NET_RAW (capabilities(7)) are effective. What bounds them is no_new_privs, not the bounding set.
  capabilities: /^\['0{12}3000', '0{12}3000', '[0-9a-f]{16}', '0{12}3000'\]$/,
  // Root of its lab, which is nobody on the machine: setting the bit gains nothing.
  'a setuid copy of a shell': /^0$/,
};

/** Commands of an administrator, each with what it must print. */
const COMMANDS: { attack: string; command: string; expected: RegExp }[] = [
  {
    attack: 'packet filters',
    command: 'nft list ruleset',
    expected: /Unable to initialize Netlink socket: Operation not permitted/,
  },
  { attack: 'a mount', command: 'mount -t tmpfs x /mnt', expected: /permission denied/ },
  { attack: 'a network namespace with a name', command: 'ip netns add x', expected: /Operation not permitted/ },
  { attack: 'a user namespace', command: 'unshare -Ur true', expected: /unshare failed: Operation not permitted/ },
  { attack: 'the network namespace of another process', command: 'nsenter -t 1 -n true', expected: /Operation not permitted/ },
  {
    attack: 'an interface into the machine’s network namespace',
    command: 'ip link set wifi netns 1 && ip -brief link show wifi',
    expected: /wifi@if\d+/,
  },
  { attack: 'a setting of the machine’s network', command: 'sysctl -w net.core.rmem_max=5', expected: /Operation not permitted/ },
  { attack: 'a core pattern', command: 'sysctl -w kernel.core_pattern=x', expected: /permission denied/ },
  { attack: 'a tunnel device', command: 'ip tuntap add t0 mode tun', expected: /No such file or directory/ },
  { attack: 'encryption of all traffic (xfrm)', command: 'ip xfrm state', expected: /Operation not permitted/ },
  { attack: 'a device file', command: 'mknod /tmp/x b 8 0', expected: /Operation not permitted/ },
  { attack: 'another user', command: 'setpriv --reuid=1000 id', expected: /setresuid failed/ },
  { attack: 'a program for the kernel, by tc', command: 'tc filter add dev wifi bpf obj x', expected: /Unable to load program/ },
  { attack: 'the log of the kernel', command: 'dmesg', expected: /Operation not permitted/ },
];

describe('attacks from a shell', { skip: await missing('lab') }, () => {
  const report = openReport('What the administrator of a lab’s host can do');
  const machineAddress =
    Object.values(networkInterfaces())
      .flat()
      .find((address) => address !== undefined && !address.internal && address.family === 'IPv4')?.address ?? '127.0.0.2';
  const allReaches = (runnerPort: number) => reaches({ runnerPort, machineAddress, secret: SECRET });
  let runner: TestRunner;
  let visitor: Visitor;
  let shell: TestShell;
  let calls = new Map<number, string>();
  let reached = new Map<number, string>();
  before(async () => {
    process.env['ATTACK_SECRET'] = SECRET;
    runner = await startRunner({ HOST: '0.0.0.0', OPEN: '1', SHELLS: 'on' });
    visitor = await visit(runner.address.replace('0.0.0.0', '127.0.0.1'));
    shell = await openTestShell(visitor, 1, 'client');
    await shell.write('attack.c', callProgram(ATTACKS));
    calls = callResults(await shell.enter('gcc -o attack attack.c && ./attack'));
    await shell.write('attack.py', reachProgram(allReaches(Number(new URL(runner.address).port))));
    const lines = (await shell.enter('python3 attack.py')).matchAll(/^(\d+) (.+?)\r?$/gm);
    reached = new Map([...lines].map(([, index, text]) => [Number(index), text ?? '']));
  });
  after(async () => {
    report.print();
    await visitor[Symbol.asyncDispose]();
    await runner[Symbol.asyncDispose]();
  });

  for (const [index, { attack, answer }] of ATTACKS.entries()) {
    const expected = CALLS_ALLOWED.includes(attack) ? 'done' : answer;
    test(`${attack}: ${expected}`, () => {
      const seen = calls.get(index) ?? 'nothing';
      report.add({ attack, expected, seen });
      assert.equal(seen, expected);
    });
  }

  for (const [index, { attack, means, seen: asProgram }] of allReaches(0).entries()) {
    const expected = REACHES_OTHERWISE[attack];
    test(`${attack}: ${expected === undefined ? means : 'its own'}`, () => {
      const seen = reached.get(index) ?? 'nothing';
      report.add({ attack, expected: expected === undefined ? means : 'an administrator’s own', seen: seen.slice(0, 70) });
      assert.match(seen, expected ?? asProgram);
    });
  }

  test('each exception is one of an attack', () => {
    const known = [...ATTACKS, ...allReaches(0)].map(({ attack }) => attack);
    for (const name of [...CALLS_ALLOWED, ...Object.keys(REACHES_OTHERWISE)]) assert.ok(known.includes(name), name);
  });

  for (const { attack, command, expected } of COMMANDS) {
    test(`${attack}: ${expected.source}`, async () => {
      const seen = await shell.enter(command);
      const line = seen.split('\r\n').find((candidate) => expected.test(candidate)) ?? 'something else';
      report.add({ attack, expected: expected.source, seen: line.slice(0, 70) });
      assert.match(seen, expected);
    });
  }

  test('a thousand interfaces leave other labs and the end of this one in peace', async () => {
    const many = 'for i in $(seq 500); do echo "link add a$i type veth peer name b$i"; done | ip -batch -';
    assert.match(await shell.enter(many), /done-\d+-/);
    await using other = await visit(runner.address.replace('0.0.0.0', '127.0.0.1'));
    const neighbour = await openTestShell(other, 1, 'client');
    assert.match(await neighbour.enter('ping -c 1 server.lab'), / 1 received/);
    visitor.say({ type: 'fresh-lab' });
    await visitor.until('lab-closed');
    assert.match(await neighbour.enter('ping -c 1 server.lab'), / 1 received/);
    report.add({ attack: 'a thousand interfaces', expected: 'others go on', seen: 'others go on' });
  });
});

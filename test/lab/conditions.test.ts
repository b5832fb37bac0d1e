import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { imagePlaces } from '../../image/location.ts';
import type { Condition } from '../../protocol/condition.ts';
import type { MptcpEvent } from '../../protocol/evidence.ts';
import { openWitness } from '../../runner/evidence/witness.ts';
import type { Lab } from '../../runner/lab/lab.ts';
import { labMaker } from '../../runner/lab/maker.ts';
import { parseConditions, READ_CONDITIONS } from '../../runner/lab/read-conditions.ts';
import { missing } from '../require.ts';
import { dump } from './dump.ts';
import { eventually } from './runner.ts';

const labs = labMaker(imagePlaces());

/** One of each kind that this machine may lack nothing for. */
const CHANGES: Condition[] = [
  { kind: 'link-rate', link: 'wifi', rateKbit: 1500 },
  { kind: 'link-rate', link: 'cellular', rateKbit: null },
  { kind: 'link-rate', link: 'lan', rateKbit: 50_000 },
  { kind: 'link-loss', link: 'wifi', lossPercent: 12.5 },
  { kind: 'link-loss', link: 'lan', lossPercent: 100 },
  { kind: 'mptcp-enabled', enabled: false },
  { kind: 'options-stripped', from: 'all' },
  { kind: 'options-stripped', from: 'data' },
  { kind: 'syn-dropped', dropped: true },
  { kind: 'endpoint-add', host: 'server', address: '10.0.9.2', port: 5005, flags: ['signal'] },
  { kind: 'endpoint-add', host: 'client', address: '10.0.1.2', port: null, flags: ['subflow', 'fullmesh', 'backup'] },
  { kind: 'endpoint-change', host: 'client', id: 2, backup: true, fullmesh: true },
  { kind: 'endpoint-remove', host: 'client', id: 1 },
  { kind: 'endpoint-add', host: 'client', address: '10.0.2.2', port: null, flags: ['subflow', 'backup'] },
  { kind: 'limits', host: 'client', subflows: 8, addAddrAccepted: 0 },
  { kind: 'limits', host: 'server', subflows: 0, addAddrAccepted: 8 },
  { kind: 'link-up', link: 'wifi', up: false },
  { kind: 'link-up', link: 'cellular', up: false },
  { kind: 'link-up', link: 'lan', up: false },
];

const OWN_ADDRESS = {
  ipv4: { wifi: '10.0.1.2', cellular: '10.0.2.2' },
  ipv6: { wifi: 'fd00:1::2', cellular: 'fd00:2::2' },
};

const SERVER = `
import socket
m = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, 262)
m.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
m.bind(("::", 8262))
m.listen()
while True:
  c, _ = m.accept()
  total = 0
  while data := c.recv(65536): total += len(data)
  c.sendall(b"%d" % total)
  c.close()
`;

/** Sends so many bytes, and waits first where the third argument says so; prints what the server took in and the seconds. */
const CLIENT = `
import socket, sys, time
address, bytes_, wait = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 262)
s.settimeout(20)
start = time.monotonic()
s.connect((address, 8262))
s.sendall(b"x")
time.sleep(wait)
s.sendall(bytes(bytes_ - 1))
s.shutdown(socket.SHUT_WR)
print(s.recv(100).decode(), time.monotonic() - start)
`;

describe('a condition of a lab', { skip: await missing('lab'), concurrency: 3 }, () => {
  test('a fresh lab is as its topology says, before any is imposed', async () => {
    await using lab = await labs.make();
    const { unavailable } = lab.conditions.present();
    const read = parseConditions(await lab.shell.run(READ_CONDITIONS), lab.topology, unavailable);
    assert.deepEqual(read, lab.conditions.present());
  });

  test('a reset brings back exactly the lab that was there', async () => {
    await using lab = await labs.make();
    const fresh = await dump(lab);
    for (const condition of CHANGES) {
      const before = await dump(lab);
      await impose(lab, condition);
      assert.notDeepEqual(await dump(lab), before, `${JSON.stringify(condition)} changes something`);
    }
    const { conditions } = await impose(lab, { kind: 'reset' });
    assert.deepEqual(await dump(lab), fresh);
    assert.deepEqual(conditions.links[0]?.near, { adminUp: true, carrier: true, operstate: 'up' });
  });

  for (const link of ['wifi', 'cellular'] as const) {
    for (const address of ['10.0.9.1', 'fd00:9::1']) {
      test(`${link} down is told with its carrier, and up again it carries a new connection to ${address}`, async () => {
        await using lab = await labs.make();
        const down = await impose(lab, { kind: 'link-up', link, up: false });
        const ends = down.conditions.links.find((found) => found.link === link);
        assert.deepEqual(ends?.near, { adminUp: false, carrier: false, operstate: 'down' });
        assert.deepEqual([ends?.far.adminUp, ends?.far.carrier], [true, false]);
        // What has the address of that link does not leave by the other one.
        const from = OWN_ADDRESS[address.includes(':') ? 'ipv6' : 'ipv4'][link];
        await assert.rejects(lab.execute('client', `ip route get ${address} from ${from}`), /unreachable|No route to host/);
        assert.deepEqual(await linksOfConnection(lab, address), [link === 'wifi' ? 'cellular' : 'wifi']);
        await impose(lab, { kind: 'link-up', link, up: true });
        assert.deepEqual(await linksOfConnection(lab, address), ['wifi', 'cellular']);
      });
    }
  }

  test('a rate holds for what is sent next', async () => {
    await using lab = await labs.make();
    await impose(lab, { kind: 'limits', host: 'client', subflows: 0, addAddrAccepted: 0 });
    await impose(lab, { kind: 'link-rate', link: 'wifi', rateKbit: 2000 });
    await startServer(lab);
    const [bytes, seconds = 0] = await sendBytes(lab, '10.0.9.1', 500_000);
    assert.equal(bytes, 500_000);
    // All but what the bucket holds at first, at 2 Mbit/s; headers make it longer.
    assert.ok(seconds > (500_000 - 32_768) / 250_000, `${seconds} s`);
  });

  test('a loss takes its share of the packets, in each direction', async () => {
    await using lab = await labs.make();
    await impose(lab, { kind: 'link-loss', link: 'wifi', lossPercent: 30 });
    const packets = 2_000;
    for (const [port, host, address] of [
      [1001, 'client', '10.0.9.1'],
      [1002, 'server', '10.0.1.2'],
    ] as const) {
      const chain = (hook: string, priority: number) =>
        `chain ${hook} { type filter hook ${hook} priority ${priority}; udp dport ${port} counter; }`;
      const table = `table inet count${port} { ${chain('prerouting', -500)}; ${chain('postrouting', 500)}; }`;
      await lab.execute('router', `nft '${table}'`);
      const counted = async (hook: string) =>
        Number(/packets (\d+)/.exec(await lab.execute('router', `nft list chain inet count${port} ${hook}`))?.[1]);
      await lab.execute(host, `python3 -c '${SEND_DATAGRAMS}' ${address} ${port} ${packets}`);
      await eventually('all have arrived at the router', async () => (await counted('prerouting')) === packets);
      const share = (await counted('postrouting')) / packets;
      // Six standard deviations around it.
      assert.ok(Math.abs(share - 0.7) < 0.062, `${share} of the packets from the ${host}`);
    }
  });

  test('an address that the server announces is taken up at once', async () => {
    await using lab = await labs.make();
    const events: MptcpEvent[] = [];
    const witness = openWitness(lab, 'test', {
      event(host, event) {
        if (host === 'client') events.push(event);
      },
      toolText() {},
    });
    await startServer(lab);
    await lab.shell.put('/tmp/client.py', Buffer.from(CLIENT));
    await lab.shell.run('nsenter --net=/run/netns/client python3 /tmp/client.py 10.0.9.1 2 20 >/dev/null 2>&1 &');
    await eventually('the connection is there', () => events.some(({ kind }) => kind === 'subflow-established'));
    await impose(lab, { kind: 'endpoint-add', host: 'server', address: '10.0.9.2', port: null, flags: ['signal'] });
    await eventually('a subflow to the announced address', () =>
      events.some((event) => event.kind === 'subflow-established' && event.flow.remoteAddress === '10.0.9.2'),
    );
    assert.ok(events.some((event) => event.kind === 'announced' && event.address === '10.0.9.2'));
    witness.close();
  });

  test('what the kernel or a tool refuses is told in their words, and nothing is changed', async () => {
    await using lab = await labs.make();
    const before = lab.conditions.present();
    const refused = await lab.conditions.apply({
      kind: 'endpoint-add',
      host: 'server',
      address: '10.0.9.2',
      port: null,
      flags: ['signal', 'fullmesh'],
    });
    assert.equal(refused.fault?.code, 'condition-failed');
    assert.match(refused.fault?.message ?? '', /On server: ip mptcp endpoint add .*flags mustn't have both signal and fullmesh/s);
    assert.deepEqual(refused.conditions, before);
    assert.deepEqual(lab.conditions.present(), before);
  });

  test('a condition of several commands is taken back when one of them fails', async () => {
    await using lab = await labs.make();
    // The client's end comes first, and can be changed; the router's is not as it should be.
    await lab.execute('router', 'tc qdisc del dev wifi root');
    const { fault, conditions } = await lab.conditions.apply({ kind: 'link-rate', link: 'wifi', rateKbit: 500 });
    assert.equal(fault?.code, 'condition-failed');
    assert.equal(conditions.links[0]?.rateKbit, 20_000);
    assert.match(await lab.execute('client', 'tc qdisc show dev wifi'), /rate 20Mbit/);
  });

  test('those asked for at once are carried out one after the other', async () => {
    await using lab = await labs.make();
    const rates = [100, 200, 300, 400, 500];
    const applied = await Promise.all(
      rates.map((rateKbit) => lab.conditions.apply({ kind: 'link-rate', link: 'wifi', rateKbit })),
    );
    assert.deepEqual(
      applied.map(({ conditions }) => conditions.links[0]?.rateKbit),
      rates,
    );
  });
});

const SEND_DATAGRAMS = `
import socket, sys
address, port, packets = sys.argv[1:]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for number in range(int(packets)): s.sendto(b"x", (address, int(port)))
`;

async function impose(lab: Lab, condition: Condition) {
  const applied = await lab.conditions.apply(condition);
  assert.equal(applied.fault, null, JSON.stringify(condition));
  return applied;
}

async function startServer(lab: Lab): Promise<void> {
  await lab.shell.put('/tmp/server.py', Buffer.from(SERVER));
  await lab.shell.run('nsenter --net=/run/netns/server python3 /tmp/server.py >/dev/null 2>&1 &');
  await eventually('the server listens', async () => (await lab.execute('server', 'ss -Hltn')).includes(':8262'));
}

async function sendBytes(lab: Lab, address: string, bytes: number, waitSeconds = 0): Promise<number[]> {
  await lab.shell.put('/tmp/client.py', Buffer.from(CLIENT));
  return (await lab.execute('client', `python3 /tmp/client.py ${address} ${bytes} ${waitSeconds}`)).trim().split(' ').map(Number);
}

/** The links of the subflows of a connection that lives long enough for a join. */
async function linksOfConnection(lab: Lab, address: string): Promise<(string | null)[]> {
  const witness = openWitness(lab, 'test', { event() {}, toolText() {} });
  if (!witness.serverListensOn(8262)) await startServer(lab);
  witness.begin();
  await sendBytes(lab, address, 2, 0.3);
  await eventually('the connection is closed', () => witness.evidence().connections.some(({ closed }) => closed));
  const [connection] = witness.evidence().connections;
  witness.close();
  return connection?.subflows.map(({ link }) => link) ?? [];
}

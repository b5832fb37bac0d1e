import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HOME_TOPOLOGY } from '../../protocol/topology.ts';
import { connectionsFrom } from './connections.ts';
import { differences, parseCounters } from './counters.ts';
import { parseInterfaces } from './interfaces.ts';
import { parseMonitorLine } from './monitor.ts';
import { parseSockets } from './sockets.ts';
import { flowsNow } from './stale.ts';
import { parseTcpFlows } from './tcp-flows.ts';
import { openTcpSockets } from './tcp-sockets.ts';

/** Captured in a lab: IPv4, IPv6, and a connection with an announced and a removed address. */
const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', `${name}-6.18.44.txt`), 'utf8');
const events = (host: string) =>
  fixture(`mptcp-monitor-${host}`)
    .trim()
    .split('\n')
    .map((line) => parseMonitorLine(line) ?? assert.fail(line));

test('counters are found by their kernel names', () => {
  const mptcp = parseCounters(fixture('netstat'), 'MPTcpExt');
  assert.equal(mptcp['MPCapableSYNTX'], 3);
  assert.equal(mptcp['MPCapableSYNACKRX'], 3);
  assert.equal(mptcp['MPCapableSYNRX'], 0);
  assert.equal(mptcp['MPJoinSynTx'], 4);
  const tcp = parseCounters(fixture('snmp'), 'Tcp');
  assert.equal(tcp['ActiveOpens'], 7);
  assert.equal(tcp['MaxConn'], -1);
});

test('a kernel without Multipath TCP has no such counters', () => {
  assert.deepEqual(parseCounters('TcpExt: A B\nTcpExt: 1 2\n', 'MPTcpExt'), {});
});

test('only what moved is a difference', () => {
  assert.deepEqual(differences({ A: 1, B: 2 }, { A: 1, B: 5, C: 1 }), { B: 3, C: 1 });
});

test('bytes of each interface are told apart by direction', () => {
  const interfaces = parseInterfaces(fixture('dev'));
  assert.deepEqual(Object.keys(interfaces), ['lo', 'wifi', 'cellular']);
  assert.deepEqual(interfaces['lo'], { receivedBytes: 0, sentBytes: 0 });
  assert.ok((interfaces['wifi']?.sentBytes ?? 0) > 1000);
});

test('a listener is found by its port, a connection on the same port is none', () => {
  const sockets = openTcpSockets({ ...noSockets, sockstat6: () => 'TCP6: inuse 3\n', tcp6: () => fixture('tcp6-server') });
  assert.equal(sockets.listensOn(8262), true);
  assert.equal(sockets.listensOn(54371), false);
  assert.equal(sockets.listensOn(8263), false);
});

test('a host connects from its first SYN on, and a listener or a closed connection does not', () => {
  let [count, established, line] = [0, 0, ''];
  const sockets = openTcpSockets({
    ...noSockets,
    sockstat: () => `TCP: inuse ${count} orphan 0 tw 0 alloc 9 mem 1\n`,
    snmp: () => `Tcp: ActiveOpens CurrEstab\nTcp: 1 ${established}\n`,
    tcp: () => `  sl  local_address rem_address   st\n${line}`,
  });
  const socket = (state: string) => `   0: 0201000A:2046 0109000A:2046 ${state} 00000000:00000000\n`;
  assert.equal(sockets.connects(), false);
  [count, line] = [1, socket('0A')];
  assert.equal(sockets.connects(), false, 'listens');
  [count, line] = [2, socket('0A') + socket('02')];
  assert.equal(sockets.connects(), true, 'SYN sent');
  established = 1;
  assert.equal(sockets.connects(), true, 'established');
  [count, established, line] = [0, 0, socket('06')];
  assert.equal(sockets.connects(), false, 'closed');
});

const noSockets = {
  sockstat: () => 'TCP: inuse 0 orphan 0 tw 0 alloc 0 mem 0\n',
  sockstat6: () => 'TCP6: inuse 0\n',
  snmp: () => 'Tcp: CurrEstab\nTcp: 0\n',
  tcp: () => '',
  tcp6: () => '',
};

test('the mark of a fallback is found, which the state does not tell', () => {
  const sockets = parseSockets(fixture('ss-mptcp'));
  const plain = sockets.find(({ flow }) => flow.remotePort === 8263);
  const multipath = sockets.find(({ flow }) => flow.localAddress === '10.0.1.2' && flow.remotePort === 8262);
  assert.equal(plain?.fallback, true);
  assert.equal(multipath?.fallback, false);
  assert.equal(multipath?.subflowsTotal, 2);
  assert.match(multipath?.token ?? '', /^[0-9a-f]{8}$/);
});

test('sockets of IPv6 have their addresses without brackets, listeners are left out', () => {
  const text = 'ESTAB 0 0 [fd00:1::2]:40000 [fd00:9::1]:8262 remote_key token:ab\nLISTEN 0 5 *:8262 *:*\n\nnonsense\n';
  assert.deepEqual(parseSockets(text), [
    {
      flow: { localAddress: 'fd00:1::2', localPort: 40_000, remoteAddress: 'fd00:9::1', remotePort: 8262 },
      token: '000000ab',
      fallback: false,
      subflowsTotal: 0,
    },
  ]);
});

test('each line of the monitor is an event', () => {
  assert.deepEqual(
    events('client').map((event) => event.kind),
    [
      ...['created', 'established', 'subflow-established', 'closed'],
      ...['created', 'established', 'subflow-established', 'closed'],
      ...['created', 'established', 'announced', 'subflow-established', 'subflow-established'],
      ...['removed', 'subflow-closed', 'subflow-closed', 'closed'],
    ],
  );
  assert.ok(events('server').some((event) => event.kind === 'subflow-priority' && event.backup));
  assert.deepEqual(events('server')[0], { kind: 'listener-created', address: '::', port: 8262 });
});

test('an IPv4 peer of an IPv6 socket has its IPv4 address', () => {
  const [, created] = events('server');
  assert.equal(created?.kind === 'created' && created.flow.remoteAddress, '10.0.1.2');
});

test('text that is no event is none', () => {
  for (const line of ['', 'Error: no such file', '[CREATED', '[[[]]]']) assert.equal(parseMonitorLine(line), null);
});

test('an event of a newer kernel has its name at least', () => {
  assert.deepEqual(parseMonitorLine('[  FUTURE_EVENT] token=1'), { kind: 'other', name: 'FUTURE_EVENT' });
});

test('connections have their subflows, each on its link', () => {
  const connections = connectionsFrom(events('client'), HOME_TOPOLOGY);
  assert.deepEqual(
    connections.map(({ closed, subflows }) => [closed, subflows.map(({ link, role, state }) => `${link} ${role} ${state}`)]),
    [
      [true, ['wifi initial closed', 'cellular joined closed']],
      [true, ['wifi initial closed', 'cellular joined closed']],
      [true, ['wifi initial closed', 'wifi joined closed', 'cellular joined closed']],
    ],
  );
  assert.equal(connections[1]?.subflows[1]?.flow.localAddress, 'fd00:2::2');
});

test('a connection in the middle of its life is open', () => {
  const [connection] = connectionsFrom(events('client').slice(0, 3), HOME_TOPOLOGY);
  assert.equal(connection?.closed, false);
  assert.deepEqual(
    connection?.subflows.map(({ state }) => state),
    ['established', 'established'],
  );
});

/** Four moments: IPv6 that cannot join over cellular, beside plain TCP; a backup; a late fallback; Wi-Fi cut 2.5 s ago. */
test('TCP flows are told with their connection, and what they are to it', () => {
  const told = parseTcpFlows(fixture('ss-tcp-client')).map(({ flow, token, joining, backup }) => {
    return [flow.localAddress, token, ...(joining ? ['joining'] : []), ...(backup ? ['backup'] : [])].join(' ');
  });
  assert.deepEqual(told, [
    '10.0.1.2 ',
    'fd00:2::2 936cbe49 joining',
    'fd00:1::2 936cbe49',
    '10.0.2.2 48cb9ab5 backup',
    '10.0.1.2 48cb9ab5',
    '10.0.1.2 ',
    '10.0.2.2 834f1d94',
    '10.0.1.2 834f1d94',
  ]);
});

test('as many flows are stale as the kernel counts, of those that wait for an acknowledgment', () => {
  const client = parseTcpFlows(fixture('ss-tcp-client')).slice(-2);
  const staleOnes = (count: number) => flowsNow({ client, server: [] }, { client: count, server: 0 }).map(({ stale }) => stale);
  assert.deepEqual(staleOnes(0), [false, false]);
  assert.deepEqual(staleOnes(1), [false, true]);
  assert.deepEqual(staleOnes(2), [false, true], 'the other one is acknowledged all the time');
});

test('a flow on which the server waits in vain is stale too', () => {
  const [client] = parseTcpFlows(fixture('ss-tcp-client')).slice(-2);
  assert.ok(client !== undefined);
  const { localAddress, localPort, remoteAddress, remotePort } = client.flow;
  const flow = { localAddress: remoteAddress, localPort: remotePort, remoteAddress: localAddress, remotePort: localPort };
  const server = [{ ...client, flow, waitingBytes: 1, unansweredMs: 2_000 }];
  const [told] = flowsNow({ client: [client], server }, { client: 0, server: 1 });
  assert.equal(told?.stale, true);
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Condition } from '../../protocol/condition.ts';
import type { FlowNow } from '../../protocol/evidence.ts';
import { linkOfClientAddress, HOME_TOPOLOGY as topology } from '../../protocol/topology.ts';
import { missing } from '../require.ts';
import { startRunner, type TestRunner } from './runner.ts';
import { type Visitor, visit } from './visitor.ts';

/** Takes what comes, until it is stopped. */
const SERVER = `
import socket, threading
def take(c):
  while c.recv(65536): pass
with socket.socket(socket.AF_INET6, socket.SOCK_STREAM, 262) as m:
  m.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
  m.bind(("", 8262))
  m.listen()
  while True: threading.Thread(target=take, args=m.accept()[:1], daemon=True).start()
`;

/** Sends without end, by a Multipath TCP socket and by each other kind that is named. */
const client = (...kinds: number[]) => `
import socket, threading
def send(kind):
  s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, kind)
  s.connect(("10.0.9.1", 8262))
  while True: s.sendall(bytes(16384))
for kind in ${JSON.stringify([262, ...kinds])}: threading.Thread(target=send, args=[kind]).start()
`;

describe('what the kernel tells of the flows of a connection', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner({ RUN_SECONDS: '40', LABS_WARM: '2' });
  });
  after(() => runner[Symbol.asyncDispose]());

  test('a subflow is stale while its link is cut, and no longer once it is mended', async () => {
    await using visitor = await start(client());
    await visitor.until('flows', has('wifi established', 'cellular established'));
    await impose(visitor, { kind: 'link-up', link: 'wifi', up: false });
    await visitor.until('flows', has('wifi stale', 'cellular established'));
    await impose(visitor, { kind: 'link-up', link: 'wifi', up: true });
    const stale = visitor.events.length;
    await visitor.until('flows', (event) => visitor.events.indexOf(event) >= stale && has('wifi established')(event));
  });

  test('a subflow joins for as long as nobody answers, and a backup is told as one', async () => {
    await using visitor = await start(client(), { kind: 'link-loss', link: 'cellular', lossPercent: 100 });
    await visitor.until('flows', has('wifi established', 'cellular joining'));
    await impose(visitor, { kind: 'endpoint-change', host: 'client', id: 1, backup: true }, { kind: 'reset' });
    await visitor.until('flows', has('cellular established'));
    await impose(visitor, { kind: 'endpoint-change', host: 'client', id: 1, backup: true });
    await visitor.until('flows', has('wifi established', 'cellular backup'));
  });

  test('plain TCP beside a connection is told apart, and the bytes of each flow on a link', async () => {
    await using visitor = await start(client(0));
    const { flows } = await visitor.until('flows', (event) => {
      return has('wifi established', 'wifi plain', 'cellular established')(event) && bytesOf(event.flows, null) > 1_000_000;
    });
    assert.ok(flows.every(({ sentBytes }) => sentBytes > 0));
  });

  const start = async (source: string, ...conditions: Condition[]): Promise<Visitor> => {
    const visitor = await visit(runner.address);
    await impose(visitor, ...conditions);
    visitor.run(1, 'server', 'python', { 'server.py': SERVER });
    visitor.run(2, 'client', 'python', { 'client.py': source });
    return visitor;
  };
});

let lastRequest = 0;

async function impose(visitor: Visitor, ...conditions: Condition[]): Promise<void> {
  for (const condition of conditions) {
    const request = ++lastRequest;
    visitor.say({ type: 'condition', request, condition });
    await visitor.until('conditions', (event) => event.request === request);
  }
}

/** Whether all these are among the flows: "wifi stale". */
function has(...wanted: string[]): (event: { flows: FlowNow[] }) => boolean {
  return ({ flows }) => {
    const found = flows.map((flow) => `${linkOfClientAddress(topology, flow.flow.localAddress)} ${wordOf(flow)}`);
    return wanted.every((one) => found.includes(one));
  };
}

function wordOf({ token, joining, stale, backup }: FlowNow): string {
  if (token === null) return 'plain';
  if (joining) return 'joining';
  if (stale) return 'stale';
  return backup ? 'backup' : 'established';
}

function bytesOf(flows: FlowNow[], token: string | null): number {
  return flows.reduce((sum, flow) => (flow.token === token ? sum + flow.sentBytes : sum), 0);
}

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { Condition } from '../../protocol/condition.ts';
import type { Evidence } from '../../protocol/evidence.ts';
import type { LinkName } from '../../protocol/topology.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import { missing } from '../require.ts';
import { startRunner, type TestRunner } from './runner.ts';
import { type Visitor, visit } from './visitor.ts';

/** A second or so of both links. */
const BYTES = 4_000_000;

/** Takes one transfer by Multipath TCP or TCP after the other, or both at once, and tells what came of each. */
const SERVER = `
import hashlib, socket, threading
def take(c):
  kind, digest, total = c.recv(1, socket.MSG_WAITALL), hashlib.sha256(), 0
  while data := c.recv(65536):
    digest.update(data)
    total += len(data)
  print({b"m": "multipath", b"t": "plain"}[kind], total, digest.hexdigest())
with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as m:
  m.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
  m.bind(("", 8262))
  m.listen()
  while True: threading.Thread(target=take, args=m.accept()[:1], daemon=True).start()
`;

/** Sends the same bytes by each kind of socket that is named, all at once, and says how far each came after some time. */
const client = (kinds: string, patienceSeconds: number) => `
import socket, threading, time
DATA = bytes(number % 251 for number in range(${BYTES}))
def send(kind):
  s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262 if kind == "m" else 0)
  s.settimeout(${patienceSeconds})
  try:
    s.connect(("10.0.9.1", 8262))
    s.sendall(kind.encode() + DATA)
    s.shutdown(socket.SHUT_WR)
    s.recv(1)
    print("done", kind)
  except OSError as error: print("failed", kind, error)
threads = [threading.Thread(target=send, args=kind) for kind in "${kinds}"]
for thread in threads: thread.start()
for thread in threads: thread.join()
`;

const EXPECTED = `${BYTES} ${createHash('sha256')
  .update(Buffer.from(Array.from({ length: BYTES }, (_, number) => number % 251)))
  .digest('hex')}`;

describe('a link that goes down while programs run', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner({ RUN_SECONDS: '40', LABS_WARM: '2' });
  });
  after(() => runner[Symbol.asyncDispose]());

  test('a transfer goes on over the other link and is complete; plain TCP beside it hangs', async () => {
    await using visitor = await visit(runner.address);
    start(visitor, client('mt', 12));
    await visitor.until('evidence', ({ evidence }) => sentBytes(evidence, 'wifi') > 500_000);
    const cut = await impose(visitor, 1, { kind: 'link-up', link: 'wifi', up: false });
    assert.deepEqual(cut.commands, [{ host: 'client', line: 'ip link set wifi down' }]);
    assert.equal(cut.conditions.links[0]?.near.operstate, 'down');

    const { evidence, verdict } = await finalOf(visitor);
    assert.equal(verdict.kind, 'multipath');
    assert.match(visitor.output(2), /done m/);
    assert.match(visitor.output(2), /failed t timed out/);
    assert.ok(visitor.output(1).includes(`multipath ${EXPECTED}`), visitor.output(1));
    assert.doesNotMatch(visitor.output(1), /plain/);
    const rest = BYTES - sentBytes(evidence, 'wifi');
    assert.ok(sentBytes(evidence, 'cellular') > rest, JSON.stringify(evidence.links));
    assert.ok((evidence.counters.client.mptcp['MPTCPRetrans'] ?? 0) > 0, 'what was lost with the link is sent again');
  });

  test('a backup link has no data until the other one dies', async () => {
    await using visitor = await visit(runner.address);
    await impose(visitor, 1, { kind: 'endpoint-change', host: 'client', id: 1, backup: true });
    start(visitor, client('m', 30));
    const { evidence: early } = await visitor.until('evidence', ({ evidence }) => sentBytes(evidence, 'wifi') > BYTES / 3);
    const [joined] = early.connections[0]?.subflows.filter(({ role }) => role === 'joined') ?? [];
    assert.equal(joined?.link, 'cellular');
    assert.ok(sentBytes(early, 'cellular') < 2_000, 'a handshake and no more');
    await impose(visitor, 2, { kind: 'link-up', link: 'wifi', up: false });

    const { evidence } = await finalOf(visitor);
    assert.ok(visitor.output(1).includes(`multipath ${EXPECTED}`), visitor.output(1));
    assert.ok(sentBytes(evidence, 'cellular') > BYTES / 4, JSON.stringify(evidence.links));
  });
});

function start(visitor: Visitor, clientSource: string): void {
  visitor.run(1, 'server', 'python', { 'server.py': SERVER });
  visitor.run(2, 'client', 'python', { 'client.py': clientSource });
}

function impose(visitor: Visitor, request: number, condition: Condition) {
  visitor.say({ type: 'condition', request, condition });
  return visitor.until('conditions', (event) => event.request === request);
}

/** The last evidence comes with the last verdict, just before it. */
async function finalOf(visitor: Visitor): Promise<{ evidence: Evidence; verdict: Verdict }> {
  const { verdict } = await visitor.until('verdict', ({ final }) => final);
  const evidence = visitor.events.findLast((event) => event.type === 'evidence');
  if (evidence?.type !== 'evidence') throw new Error('Expected evidence before the verdict, found none');
  const { end } = await visitor.until('run-ended', ({ host }) => host === 'client');
  assert.deepEqual(end, { kind: 'exit', code: 0 }, visitor.output(2));
  return { evidence: evidence.evidence, verdict };
}

function sentBytes({ links }: Evidence, link: LinkName): number {
  return links[link]?.sentBytes ?? 0;
}

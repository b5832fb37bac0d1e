import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { missing } from '../require.ts';
import { startRunner, type TestRunner } from './runner.ts';
import { visit } from './visitor.ts';

/** Some seconds of a link. */
const BYTES = 8_000_000;

/** Of all segments. The lab's queues and its congestion control fit each other: the first measurement had five times as many. */
const MOST_SENT_AGAIN = 0.05;

const SERVER = `
import socket
m = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
m.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
m.bind(("", 8262))
m.listen()
while True:
  c, _ = m.accept()
  total = 0
  while data := c.recv(65536): total += len(data)
  c.sendall(b"%d" % total)
  c.close()
`;

/** One transfer after the other, by Multipath TCP and by TCP, each from its first byte to the server's answer. */
const CLIENT = `
import socket, time
for name, protocol in ("multipath", 262), ("plain", 0):
  s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
  s.connect(("10.0.9.1", 8262))
  start = time.monotonic()
  s.sendall(bytes(${BYTES}))
  s.shutdown(socket.SHUT_WR)
  assert int(s.recv(100)) == ${BYTES}
  print(name, ${BYTES} * 8 / 1e6 / (time.monotonic() - start))
`;

describe('two links', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner();
  });
  after(() => runner[Symbol.asyncDispose]());

  test('carry more than the faster of them and lose little, where plain TCP stays below it', async () => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'server', 'python', { 'server.py': SERVER });
    visitor.run(2, 'client', 'python', { 'client.py': CLIENT });
    await visitor.until('run-ended', ({ host }) => host === 'client');
    const mbit = (name: string) => Number(new RegExp(`${name} ([\\d.]+)`).exec(visitor.output(2))?.[1]);
    const { topology } = await visitor.until('lab-opened');
    const fastest = Math.max(...topology.links.map(({ rateMbit }) => rateMbit ?? 0));
    assert.ok(mbit('multipath') > fastest, visitor.output(2));
    assert.ok(mbit('plain') <= fastest, visitor.output(2));
    // By all of it together: slow start fills a queue once, and its losses are sent again.
    const { evidence } = visitor.events.findLast((event) => event.type === 'evidence') ?? {};
    const { RetransSegs = 0, OutSegs = 0 } = evidence?.counters.client.tcp ?? {};
    assert.ok(RetransSegs < OutSegs * MOST_SENT_AGAIN, `${RetransSegs} of ${OutSegs} segments were sent again`);
    const verdict = await visitor.until('verdict', ({ final }) => final);
    assert.match(verdict.verdict.explanation, /two subflows: .* Beside it, one connection was plain TCP/);
  });
});

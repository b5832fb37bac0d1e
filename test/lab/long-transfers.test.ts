import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TCP_BYTES } from '../../runner/lab/cgroups/tcp-bound.ts';
import { missing } from '../require.ts';
import { startRunner } from './runner.ts';
import { visit } from './visitor.ts';

/** By Multipath TCP on the client host alone, a listener and who connects to it: several times as fast as the links of a lab. */
const TRANSFER = `
import os, socket, threading, time
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
listener.bind(("127.0.0.1", 9000))
listener.listen()
total = ${4 * TCP_BYTES}

def take_in():
  connection, _ = listener.accept()
  left = total
  while left: left -= len(connection.recv(1 << 18))
  connection.sendall(b"got it all")

threading.Thread(target=take_in).start()
sender = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
sender.connect(("127.0.0.1", 9000))
block = bytes(1 << 18)
for _ in range(total // len(block)):
  sender.sendall(block)
  time.sleep(0.0005)
print(sender.recv(100).decode())
`;

describe('a lab', { skip: await missing('lab') }, () => {
  test('moves more by Multipath TCP than its programs may have in memory for TCP', async () => {
    await using runner = await startRunner({ RUN_SECONDS: '30' });
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', { 'client.py': TRANSFER });
    const { end } = await visitor.until('run-ended');
    assert.deepEqual(end, { kind: 'exit', code: 0 });
    assert.equal(visitor.output(1), 'got it all\r\n');
  });
});

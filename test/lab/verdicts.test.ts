import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { imagePlaces } from '../../image/location.ts';
import { judge } from '../../protocol/verdict.ts';
import { openWitness } from '../../runner/evidence/witness.ts';
import type { Lab } from '../../runner/lab/lab.ts';
import { labMaker } from '../../runner/lab/maker.ts';
import { missing } from '../require.ts';

/** What a middlebox does to the connection, as rules of the router (nft(8)), and what the verdict must say. */
const MIDDLEBOXES = [
  { name: 'nothing in the way', rule: null, kind: 'multipath', reason: null },
  { name: 'options stripped from all packets', rule: 'reset tcp option mptcp', kind: 'fallback', reason: 'stripped-from-syn' },
  {
    name: 'options stripped from SYN packets',
    rule: 'tcp flags & (syn|ack) == syn reset tcp option mptcp',
    kind: 'fallback',
    reason: 'stripped-from-syn',
  },
  {
    name: 'options stripped from SYN+ACK packets',
    rule: 'tcp flags & (syn|ack) == (syn|ack) reset tcp option mptcp',
    kind: 'fallback',
    reason: 'stripped-from-syn-ack',
  },
  {
    name: 'options stripped from data packets',
    rule: 'tcp flags & syn == 0 tcp option mptcp subtype 2 reset tcp option mptcp',
    kind: 'fallback',
    reason: 'late',
  },
  {
    name: 'SYN packets with options dropped',
    rule: 'tcp option mptcp exists tcp flags syn drop',
    kind: 'fallback',
    reason: 'blackhole',
  },
] as const;

const FORWARD = 'chain forward { type filter hook forward priority mangle; policy accept;';

const SERVER = `
import socket
m = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, 262)
m.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
m.bind(("::", 8262))
m.listen()
while True:
  c, _ = m.accept()
  c.sendall(c.recv(100))
  c.recv(100)
  c.close()
`;

const CLIENT = `
import socket, sys, time
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = socket.socket(family, socket.SOCK_STREAM, 262)
s.connect((sys.argv[1], 8262))
s.sendall(b"hello")
assert s.recv(100) == b"hello"
time.sleep(0.3)
`;

const labs = labMaker(imagePlaces());

describe('the verdict on a real kernel', { skip: await missing('lab') }, () => {
  for (const address of ['10.0.9.1', 'fd00:9::1']) {
    for (const { name, rule, kind, reason } of MIDDLEBOXES) {
      test(`${name}, to ${address}: ${reason ?? kind}`, async () => {
        // A blackhole is remembered by the kernel: each case has a lab of its own.
        await using lab = await labs.make();
        const witness = openWitness(lab, 'test', () => {});
        await lab.shell.put('/tmp/server.py', Buffer.from(SERVER));
        await lab.shell.put('/tmp/client.py', Buffer.from(CLIENT));
        await lab.shell.run('nsenter --net=/run/netns/server python3 /tmp/server.py >/dev/null 2>&1 &');
        await untilListening(lab, () => witness.serverListensOn(8262));
        if (rule !== null) {
          await lab.shell.put('/tmp/middlebox.nft', Buffer.from(`table inet middlebox {\n${FORWARD} ${rule}\n}\n}\n`));
          await lab.execute('router', 'nft --file /tmp/middlebox.nft');
        }
        witness.begin();
        await lab.execute('client', `python3 /tmp/client.py ${address}`);
        const verdict = judge(witness.evidence(), lab.topology);
        witness.close();
        assert.equal(verdict.kind, kind, JSON.stringify(verdict));
        assert.equal(verdict.kind === 'fallback' ? verdict.reason : null, reason);
      });
    }
  }
});

async function untilListening(lab: Lab, listens: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 1_000 && !listens(); attempt++) await lab.shell.run('sleep 0.01');
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { imagePlaces } from '../../image/location.ts';
import type { Condition } from '../../protocol/condition.ts';
import { type EvidenceLine, observed } from '../../protocol/evidence-line.ts';
import { judge, type Verdict } from '../../protocol/verdict.ts';
import { openWitness } from '../../runner/evidence/witness.ts';
import type { Lab } from '../../runner/lab/lab.ts';
import { labMaker } from '../../runner/lab/maker.ts';
import { missing } from '../require.ts';
import { eventually } from './runner.ts';

/** What the lab is put in, what the client does, and what the verdict must say. */
type Row = {
  name: string;
  conditions: Condition[];
  /** `asks`: a Multipath TCP socket, else TCP. The others do what their name says. */
  client?: 'asks' | 'talks' | 'plain' | 'library' | 'other-port' | 'idle';
  server?: 'multipath' | 'plain';
  /** What happens in a first connection, and the conditions after it. */
  before?: Condition[];
  /** Once the connection has all its subflows. */
  during?: Condition[];
  says: [kind: Verdict['kind'], reason: string | null, explanation?: RegExp];
  /** The evidence that decides, in its order; see `brief`. */
  because: string[];
};

const ASKED = 'client MPCapableSYNTX moved';
const AGREED = ['client MPCapableSYNACKRX moved', 'server MPCapableACKRX moved'];
const NO_FALLBACK = 'no fallback';
const MULTIPATH = [ASKED, ...AGREED, NO_FALLBACK, 'client MPJoinSynTx moved', 'client SF_ESTABLISHED'];
const STRIPPED_FROM_SYN = [ASKED, 'client MPCapableFallbackSYNACK moved', 'server: port 8262', 'server MPCapableSYNRX still'];
const PLAIN_SERVER = [ASKED, 'client MPCapableFallbackSYNACK moved', 'server MPCapableSYNRX still', 'server: no listener'];
const PLAIN_SOCKET = ['client ActiveOpens moved', 'client MPCapableSYNTX still', 'client net.mptcp.enabled = 1'];

const ROWS: Row[] = [
  { name: 'nothing in the way', conditions: [], says: ['multipath', null], because: MULTIPATH },
  {
    name: 'options stripped from all packets',
    conditions: [{ kind: 'options-stripped', from: 'all' }],
    says: ['fallback', 'stripped-from-syn'],
    because: STRIPPED_FROM_SYN,
  },
  {
    name: 'options stripped from SYN packets',
    conditions: [{ kind: 'options-stripped', from: 'syn' }],
    says: ['fallback', 'stripped-from-syn'],
    because: STRIPPED_FROM_SYN,
  },
  {
    name: 'options stripped from SYN+ACK packets',
    conditions: [{ kind: 'options-stripped', from: 'syn-ack' }],
    says: ['fallback', 'stripped-from-syn-ack'],
    because: [ASKED, 'server MPCapableSYNRX moved', 'client MPCapableFallbackSYNACK moved', 'server MPCapableFallbackACK moved'],
  },
  {
    name: 'options stripped from data packets',
    conditions: [{ kind: 'options-stripped', from: 'data' }],
    says: ['fallback', 'late'],
    because: ['client MPCapableSYNACKRX moved', 'client MPCapableDataFallback moved'],
  },
  {
    name: 'options stripped in the middle of a connection with one subflow',
    conditions: [{ kind: 'limits', host: 'client', subflows: 0, addAddrAccepted: 0 }],
    client: 'talks',
    during: [{ kind: 'options-stripped', from: 'data' }],
    says: ['fallback', 'late'],
    because: ['client MPCapableSYNACKRX moved', 'server DssFallback moved'],
  },
  {
    name: 'options stripped in the middle of a connection with two subflows',
    conditions: [],
    client: 'talks',
    during: [{ kind: 'options-stripped', from: 'data' }],
    says: ['multipath', null, /every subflow was reset, because a middlebox interfered/],
    because: [...MULTIPATH, 'client SF_CLOSED error=104 reset_reason=6', 'client SF_CLOSED error=104 reset_reason=6'],
  },
  {
    name: 'SYN packets with MP_CAPABLE dropped',
    conditions: [{ kind: 'syn-dropped', dropped: true }],
    says: ['fallback', 'blackhole'],
    because: [ASKED, 'client MPCapableSYNTXDrop moved', 'client Blackhole moved', 'server PassiveOpens moved'],
  },
  {
    name: 'a blackhole that is gone',
    conditions: [{ kind: 'syn-dropped', dropped: true }],
    before: [{ kind: 'syn-dropped', dropped: false }],
    says: ['fallback', 'blackhole-remembered'],
    because: ['client MPCapableSYNTXDisabled moved', 'client ActiveOpens moved'],
  },
  {
    name: 'a blackhole that is gone, and a reset',
    conditions: [{ kind: 'syn-dropped', dropped: true }],
    before: [{ kind: 'reset' }],
    says: ['multipath', null],
    because: MULTIPATH,
  },
  {
    name: 'a plain TCP server',
    conditions: [],
    server: 'plain',
    says: ['fallback', 'server-is-plain-tcp'],
    because: PLAIN_SERVER,
  },
  {
    name: 'a plain TCP server beside an announced port, on which the kernel itself listens',
    conditions: [{ kind: 'endpoint-add', host: 'server', address: '10.0.9.2', port: 5005, flags: ['signal'] }],
    server: 'plain',
    says: ['fallback', 'server-is-plain-tcp'],
    because: PLAIN_SERVER,
  },
  {
    name: 'Multipath TCP switched off on the client',
    conditions: [{ kind: 'mptcp-enabled', enabled: false }],
    says: ['plain-tcp', 'switched-off'],
    because: ['client net.mptcp.enabled = 0', 'client ActiveOpens moved', 'client MPCapableSYNTX still'],
  },
  { name: 'a plain TCP socket', conditions: [], client: 'plain', says: ['plain-tcp', 'plain-socket'], because: PLAIN_SOCKET },
  {
    name: 'a library that cannot ask',
    conditions: [],
    client: 'library',
    says: ['plain-tcp', 'plain-socket'],
    because: PLAIN_SOCKET,
  },
  {
    name: 'a port on which nothing listens',
    conditions: [],
    client: 'other-port',
    says: ['nothing', 'refused', /The server refused it/],
    because: [ASKED, 'client ActiveOpens moved', 'server OutRsts moved', 'client AttemptFails moved'],
  },
  {
    name: 'a client that opens nothing',
    conditions: [],
    client: 'idle',
    says: ['nothing', 'none-opened', /opened none/],
    because: ['client ActiveOpens still'],
  },
  {
    name: 'the server’s link down',
    conditions: [{ kind: 'link-up', link: 'lan', up: false }],
    says: ['nothing', 'no-answer', /got no answer/],
    because: [ASKED, 'client ActiveOpens moved', 'client MPCapableSYNACKRX still', 'server PassiveOpens still'],
  },
  {
    name: 'both links down',
    conditions: [
      { kind: 'link-up', link: 'wifi', up: false },
      { kind: 'link-up', link: 'cellular', up: false },
    ],
    says: ['nothing', 'none-opened', /opened none/],
    because: ['client ActiveOpens still'],
  },
  {
    name: 'a link that loses every packet',
    conditions: [{ kind: 'link-loss', link: 'wifi', lossPercent: 100 }],
    says: ['nothing', 'no-answer', /got no answer/],
    because: [
      ASKED,
      'client ActiveOpens moved',
      'client MPCapableSYNTXDrop moved',
      'client MPCapableSYNACKRX still',
      'server PassiveOpens still',
    ],
  },
];

const SERVER = `
import socket, sys
m = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, 262 if sys.argv[1] == "multipath" else 0)
m.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
m.bind(("::", 8262))
m.listen()
while True:
  c, _ = m.accept()
  try:
    c.sendall(c.recv(100))
    while c.recv(100): pass
  except OSError as error: print(error)
  c.close()
`;

/** It always says that it uses Multipath TCP. An error of connect() is part of what is tested. */
const CLIENT = `
import socket, sys, time
address, kind = sys.argv[1:]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
print("This is Multipath TCP.")
if kind == "idle": sys.exit()
def open_socket():
  if kind == "plain": return socket.socket(family, socket.SOCK_STREAM)
  try: return socket.socket(family, socket.SOCK_STREAM, 262)
  except OSError: return socket.socket(family, socket.SOCK_STREAM)
try:
  if kind == "library": s = socket.create_connection((address, 8262))
  else:
    s = open_socket()
    s.settimeout(6)
    s.connect((address, 8263 if kind == "other-port" else 8262))
except OSError as error: sys.exit(print(error))
if kind == "talks":
  try:
    for number in range(400): s.sendall(b"hello") or time.sleep(0.01)
  except OSError as error: print(error)
  sys.exit()
s.sendall(b"hello")
assert s.recv(100) == b"hello"
time.sleep(0.3)
`;

const labs = labMaker(imagePlaces());

describe('the verdict on a real kernel', { skip: await missing('lab'), concurrency: 4 }, () => {
  for (const address of ['10.0.9.1', 'fd00:9::1']) {
    for (const { name, conditions, client = 'asks', server = 'multipath', before, during, says, because } of ROWS) {
      const [kind, reason, explanation] = says;
      test(`${name}, to ${address}: ${reason ?? kind}`, async () => {
        // A blackhole is remembered by the kernel: each case has a lab of its own.
        await using lab = await labs.make();
        const witness = openWitness(lab, 'test', { event() {}, toolText() {} });
        await lab.shell.put('/tmp/server.py', Buffer.from(SERVER));
        await lab.shell.put('/tmp/client.py', Buffer.from(CLIENT));
        await lab.shell.run(`nsenter --net=/run/netns/server python3 /tmp/server.py ${server} >/dev/null 2>&1 &`);
        await untilListening(lab, () => witness.serverListensOn(8262));
        const runClient = () => lab.execute('client', `python3 /tmp/client.py ${address} ${client}`);
        await impose(lab, conditions);
        if (before !== undefined) {
          await runClient();
          await impose(lab, before);
        }
        witness.begin();
        const running = during === undefined ? runClient() : runBeside(lab, `python3 /tmp/client.py ${address} ${client}`);
        if (during !== undefined) {
          const subflows = 1 + (lab.conditions.present().limits[0]?.subflows === 0 ? 0 : 1);
          await eventually('the connection is there', () => witness.evidence().connections[0]?.subflows.length === subflows);
          await impose(lab, during);
        }
        const said = await running;
        const evidence = witness.evidence();
        const verdict = judge(evidence, lab.topology);
        witness.close();
        const found = `${JSON.stringify(verdict)}\n${JSON.stringify(evidence)}\n${said}`;
        assert.equal(verdict.kind, kind, found);
        assert.equal('reason' in verdict ? verdict.reason : null, reason, found);
        assert.match(verdict.explanation, explanation ?? /./, found);
        assert.deepEqual(verdict.because.map(brief), because, found);
        assert.match(said, /This is Multipath TCP/);
      });
    }
  }
});

/** Without numbers and ports, which are another matter in each row. */
function brief(line: EvidenceLine): string {
  if (line.kind === 'still') return NO_FALLBACK;
  return observed(line)
    .replace(/ \d+ → \d+$/, ' moved')
    .replace(/ still \d+$/, ' still')
    .replace(/ \[?[0-9a-f:.]+\]?:\d+/, '');
}

async function impose(lab: Lab, conditions: Condition[]): Promise<void> {
  for (const condition of conditions) assert.equal((await lab.conditions.apply(condition)).fault, null);
}

/** The lab's shell does one thing at a time: what shall run beside others is waited for by its last file. */
async function runBeside(lab: Lab, command: string): Promise<string> {
  await lab.shell.run(`{ nsenter --net=/run/netns/client ${command}; touch /tmp/ended; } >/tmp/said 2>&1 &`);
  await eventually('the client has ended', async () => (await lab.shell.run('ls /tmp')).includes('ended'));
  return lab.shell.run('cat /tmp/said');
}

async function untilListening(lab: Lab, listens: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 1_000 && !listens(); attempt++) await lab.shell.run('sleep 0.01');
}

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import type { DeviceState } from '../../protocol/device.ts';
import { missing } from '../require.ts';
import { watchDevices } from './device-stream.ts';
import { missingOutside, type OutsideDevice, openOutsideDevice } from './outside.ts';
import { eventually, startRunner, type TestRunner } from './runner.ts';

const SETTINGS = { DEVICES: '1', DEVICES_HELLO_PORT: '0', DEVICES_HTTP_PORT: '0', LABS_WARM: '0' };
const skip = await missing('lab');

type On = Extract<DeviceState, { state: 'on' }>;

async function deviceState(runner: TestRunner): Promise<DeviceState> {
  return (await fetch(new URL('api/devices', runner.address))).json();
}

async function untilOn(runner: TestRunner): Promise<On> {
  let state = await deviceState(runner);
  await eventually('the services for devices are on', async () => {
    state = await deviceState(runner);
    return state.state === 'on';
  });
  if (state.state !== 'on') throw new Error(`Expected on, found ${state.state}`);
  return state;
}

describe('a device outside of the labs', { skip: skip || missingOutside() }, () => {
  let runner: TestRunner;
  let device: OutsideDevice;
  let ports: On;
  before(async () => {
    device = await openOutsideDevice();
    runner = await startRunner(SETTINGS);
    ports = await untilOn(runner);
  });
  after(async () => {
    await runner[Symbol.asyncDispose]();
    await device[Symbol.asyncDispose]();
  });

  /** Speaks once, prints the answer, and closes when it gets a line itself. */
  const SPEAKER = `
import socket, sys
protocol, host, port, words = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4].encode().decode("unicode_escape")
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
s.connect((host, port))
s.sendall(words.encode())
print(s.recv(4096).decode().splitlines()[-1])
sys.stdin.readline()
`;
  const speak = async (protocol: number, port: number, words: string, meanwhile: () => Promise<void> = async () => {}) => {
    const client = device.python(SPEAKER, String(protocol), device.machine, String(port), words);
    const output = text(client.stdout ?? process.stdin);
    const ended = once(client, 'exit');
    try {
      await meanwhile();
    } finally {
      client.stdin?.end('\n');
      await ended;
    }
    return (await output).trim();
  };
  /** Rules of nft(8) in the device's own network, as long as something lasts. */
  const withRule = async (hook: string, rule: string, during: () => Promise<void>) => {
    await device.execute(['nft', `table inet t { chain c { type filter hook ${hook} priority 0; ${rule}; }; }`]);
    try {
      await during();
    } finally {
      await device.execute(['nft', 'delete table inet t']);
    }
  };

  test('that speaks Multipath TCP is seen with two subflows, each from an address of its own', async () => {
    await using stream = await watchDevices(runner.address);
    const [first, second] = device.addresses;
    const answer = await speak(262, ports.httpPort, 'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n', async () => {
      const seen = await stream.until('two subflows', ({ connection }) => connection.subflows.length === 2);
      assert.equal(seen.open, true);
      assert.equal(seen.verdict.headline, 'Multipath TCP, 2 subflows');
      assert.deepEqual(
        seen.connection.subflows.map(({ remote }) => remote),
        [first, second],
      );
    });
    assert.equal(answer, 'You are using MPTCP.');
    const last = await stream.until('its end', ({ open, connection }) => !open && connection.subflows.length === 2);
    assert.equal(last.connection.requests, 1);
    assert.equal(last.verdict.kind, 'multipath');
  });

  test('says hello and is answered by its address', async () => {
    await using stream = await watchDevices(runner.address);
    assert.equal(await speak(262, ports.helloPort, 'hello from test\\n'), `hello ${device.addresses[0]}, I am hello-mptcp`);
    const seen = await stream.until('the hello', ({ open, connection }) => connection.service === 'hello' && !open);
    assert.equal(seen.verdict.kind, 'multipath');
    assert.equal(seen.connection.received, 'hello from test\n'.length);
  });

  test('that does not ask is seen as plain TCP, and told so', async () => {
    await using stream = await watchDevices(runner.address);
    assert.equal(await speak(6, ports.httpPort, 'GET / HTTP/1.1\\r\\n\\r\\n'), 'You are not using MPTCP.');
    const { verdict } = await stream.until('plain TCP', (sighting) => sighting.connection.protocol === 6);
    assert.equal(verdict.kind, 'plain-tcp');
    assert.match(verdict.explanation, /first packet had no option/);
  });

  test('whose answer loses its options on the way is seen to have fallen back', () =>
    withRule('prerouting', 'tcp flags syn reset tcp option mptcp', async () => {
      await using stream = await watchDevices(runner.address);
      assert.equal(await speak(262, ports.httpPort, 'GET / HTTP/1.1\\r\\n\\r\\n'), 'You are not using MPTCP.');
      const { verdict } = await stream.until('a fallback', (sighting) => sighting.verdict.kind === 'fallback');
      assert.match(verdict.explanation, /third one came without/);
    }));

  test('whose data lose their options is told so at once, though the connection began well', () =>
    withRule('output', 'tcp flags psh reset tcp option mptcp', async () => {
      await using stream = await watchDevices(runner.address);
      const begin = Math.max(0, ...stream.all().map(({ connection }) => connection.id));
      assert.equal(await speak(262, ports.httpPort, 'GET / HTTP/1.1\\r\\n\\r\\n'), 'You are not using MPTCP.');
      const { verdict } = await stream.until(
        'a late fallback',
        ({ connection, verdict }) => connection.id > begin && connection.protocol === 262 && verdict.kind === 'fallback',
      );
      assert.match(verdict.explanation, /began as Multipath TCP/);
    }));

  test('that opens 1000 connections, sends half a request or an endless line, keeps nobody else out', async () => {
    await using stream = await watchDevices(runner.address);
    const rude = device.python(
      `
import socket, sys
host, hello, http = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def talk(port, words):
    s = socket.socket(); s.settimeout(5); s.connect((host, port))
    try:
        while words: words = words[s.send(words):]
        while s.recv(65536): pass
        return "closed"
    except ConnectionError: return "closed"
    except TimeoutError: return "open"
print(talk(hello, b"x" * 1000000), talk(http, b"x" * 1000000), talk(http, b"GET / HTTP/1.1\\r\\n" + b"\\0" * 99 + b"\\r\\n\\r\\n"),
      talk(http, b"\\xff\\xfe\\r\\n\\r\\n"), talk(http, b"POST / HTTP/1.1\\r\\nContent-Length: 9\\r\\n\\r\\n"), talk(http, b"GET / HT"))
held = []
for i in range(1000):
    s = socket.socket(); s.connect((host, (hello, http)[i % 2])); held.append(s)
print("held")
sys.stdin.readline()
`,
      device.machine,
      String(ports.helloPort),
      String(ports.httpPort),
    );
    const lines = createInterface({ input: rude.stdout ?? process.stdin })[Symbol.asyncIterator]();
    try {
      // The last one is half a request: it waits, and its time is bounded.
      assert.equal((await lines.next()).value, 'closed closed closed closed closed open');
      assert.equal((await lines.next()).value, 'held');
      const answer = await fetch(`http://127.0.0.1:${ports.httpPort}/`).then((response) => response.text());
      assert.equal(answer, 'You are not using MPTCP.\n');
      await stream.until('the polite one', ({ connection }) => connection.peer === '127.0.0.1');
      const rudeOnes = stream.all().filter(({ open, connection }) => open && connection.peer === device.addresses[0]);
      assert.ok(rudeOnes.length <= 16, `${rudeOnes.length} connections of one device`);
    } finally {
      rude.kill('SIGKILL');
      await once(rude, 'exit');
    }
    assert.equal((await deviceState(runner)).state, 'on');
  });

  test('that comes and goes as fast as it can is told of at a rate that pages can follow', async () => {
    await using stream = await watchDevices(runner.address);
    const begin = Math.max(0, ...stream.all().map(({ connection }) => connection.id));
    const hasty = device.python(
      `
import socket, sys
for i in range(1000):
    s = socket.socket(); s.connect((sys.argv[1], int(sys.argv[2]))); s.close()
`,
      device.machine,
      String(ports.httpPort),
    );
    const startedMs = performance.now();
    await once(hasty, 'exit');
    const seconds = Math.ceil((performance.now() - startedMs) / 1000);
    await fetch(`http://127.0.0.1:${ports.httpPort}/`);
    await stream.until('who came after it', ({ connection }) => connection.id > begin && connection.peer === '127.0.0.1');
    const told = stream.all().filter(({ connection }) => connection.id > begin).length;
    assert.ok(told <= 33 + 8 * seconds, `${told} connections in ${seconds} s`);
  });
});

describe('the services for devices', { skip }, () => {
  test('are off unless the operator switches them on', async () => {
    await using runner = await startRunner({ LABS_WARM: '0' });
    assert.deepEqual(await deviceState(runner), { state: 'off' });
    assert.equal((await fetch(new URL('api/devices/events', runner.address))).status, 204);
    assert.deepEqual((await runner.status()).devices, { state: 'off' });
  });

  test('serve one address only where that is what the operator chose', async () => {
    await using runner = await startRunner({ ...SETTINGS, DEVICES: '127.0.0.2' });
    const { addresses, httpPort } = await untilOn(runner);
    assert.deepEqual(addresses, ['127.0.0.2']);
    assert.equal((await fetch(`http://127.0.0.2:${httpPort}/`)).status, 200);
    await assert.rejects(fetch(`http://127.0.0.1:${httpPort}/`));
  });

  test('that find their port taken say so, come once it is free, and hold up nothing else', async () => {
    const other = createServer().listen(0, '0.0.0.0');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    await using runner = await startRunner({ ...SETTINGS, DEVICES_HTTP_PORT: port, LOG_LEVEL: 'silent' });
    await eventually('it failed', async () => (await deviceState(runner)).state === 'failed');
    const state = await deviceState(runner);
    assert.equal(
      state.state === 'failed' && state.message,
      `The HTTP service for devices could not be opened: port ${port} is taken by another program. Choose another one by DEVICES_HTTP_PORT.`,
    );
    assert.deepEqual((await runner.status()).devices, state);
    assert.equal((await fetch(new URL('healthz', runner.address))).status, 200);
    other.close();
    await once(other, 'close');
    assert.equal((await untilOn(runner)).httpPort, Number(port));
  });

  test('show who came to pages of this runner only', async () => {
    await using runner = await startRunner(SETTINGS);
    await untilOn(runner);
    const ask = (headers: Record<string, string>) => fetch(new URL('api/devices/events', runner.address), { headers });
    assert.equal((await ask({ origin: 'http://attacker.example' })).status, 403);
    const own = await ask({ origin: new URL(runner.address).origin });
    assert.equal(own.headers.get('content-type'), 'text/event-stream');
    await own.body?.cancel();
  });

  test('run without network, capability and files, and end with a runner that is killed', async () => {
    const siteDir = mkdtempSync(join(tmpdir(), 'hello-mptcp-site-'));
    writeFileSync(join(siteDir, 'index.html'), '<!doctype html>');
    const environment = { ...process.env, ...SETTINGS, PORT: '0', SITE_DIR: siteDir, LOG_LEVEL: 'error' };
    const runner = spawn(process.execPath, ['runner/main.ts'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [address] = await once(createInterface({ input: runner.stdout }), 'line');
      let state: DeviceState = { state: 'off' };
      await eventually('it is on', async () => {
        state = await (await fetch(new URL('api/devices', address))).json();
        return state.state === 'on';
      });
      const service = servicesOf(runner.pid ?? 0)[0];
      assert.ok(service !== undefined);
      assert.notEqual(readlinkSync(`/proc/${service}/ns/net`), readlinkSync('/proc/self/ns/net'));
      assert.match(readFileSync(`/proc/${service}/status`, 'utf8'), /^CapEff:\t0+\n(.*\n)*NoNewPrivs:\t1\nSeccomp:\t2$/m);
      assert.deepEqual(readdirSync(`/proc/${service}/root`), ['device-service']);
      const port = 'httpPort' in state ? Number(state.httpPort) : 0;

      runner.kill('SIGKILL');
      await eventually('nothing of it is left', () => !existsSync(`/proc/${service}`));
      const refused = connect(port, '127.0.0.1');
      const [error] = await once(refused, 'error');
      assert.equal(error.code, 'ECONNREFUSED');
    } finally {
      runner.kill('SIGKILL');
      rmSync(siteDir, { recursive: true });
    }
  });
});

/** The pids of the device service below a runner: sandboxes are between them. */
function servicesOf(runner: number): number[] {
  const found = [runner];
  for (let i = 0; i < found.length; i++) {
    found.push(...readFileSync(`/proc/${found[i]}/task/${found[i]}/children`, 'utf8').split(' ').filter(Boolean).map(Number));
  }
  return found.filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'device-service');
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import * as fc from 'fast-check';
import WebSocket from 'ws';
import { decodeFrame } from '../../protocol/frame.ts';
import type { FromPage } from '../../protocol/message.ts';
import { CLOSE_NO_SUCH_SESSION, CLOSE_REPLACED, MAX_KEPT_BYTES, RESUME_PATH, SESSION_PATH } from '../../protocol/resume.ts';
import { PROTOCOL } from '../../protocol/version.ts';
import { missing } from '../require.ts';
import { openWire, type Wire } from '../wire.ts';
import { eventually, startRunner, type TestRunner } from './runner.ts';
import { type Visitor, visit } from './visitor.ts';

const LINES = 20_000;
const TYPED = 20;
/** Prints many lines, while it collects what is typed, and prints that last. */
const PRINT_AND_READ = `
import sys, termios, threading
attributes = termios.tcgetattr(0)
attributes[3] &= ~termios.ECHO
termios.tcsetattr(0, termios.TCSANOW, attributes)
typed = []
reader = threading.Thread(target=lambda: [typed.append(input()) for _ in range(${TYPED})])
reader.start()
for number in range(${LINES}): print("line", number)
reader.join()
print(*typed)`;
const EXPECTED = [
  ...Array.from({ length: LINES }, (_, number) => `line ${number}\r\n`),
  `${Array.from({ length: TYPED }, (_, number) => number).join(' ')}\r\n`,
].join('');

/** Much longer than a hello takes. */
const AWAY_MS = 1_500;
const WAITING = { 'client.py': 'print("waiting")\ninput()\nprint("went on")' };

describe('a session whose socket is lost', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  let impatient: TestRunner;
  let wire: Wire;
  let frozenWire: Wire;
  let frozen: Visitor;
  before(async () => {
    wire = await openWire();
    frozenWire = await openWire();
    runner = await startRunner({ PUBLIC_ORIGINS: wire.origin, LABS: '4' });
    impatient = await startRunner({ PUBLIC_ORIGINS: frozenWire.origin, RESUME_SECONDS: '1', LABS_WARM: '0' });
    wire.leadTo(runner.address);
    frozenWire.leadTo(impatient.address);
    // For the last test: to find out takes the runner some time.
    frozen = await visit(frozenWire.origin);
    frozen.run(1, 'client', 'python', WAITING);
    await frozen.untilOutput(1, 'waiting');
    frozenWire.freeze();
  });
  after(async () => {
    await frozenWire[Symbol.asyncDispose]();
    await wire[Symbol.asyncDispose]();
    await impatient[Symbol.asyncDispose]();
    await runner[Symbol.asyncDispose]();
  });

  /** A socket that asks for a session, and what it hears. */
  const ask = async (message: unknown): Promise<{ text: string; code: number }> => {
    const socket = new WebSocket(new URL(RESUME_PATH, runner.address.replace('http', 'ws')), PROTOCOL, {
      origin: new URL(runner.address).origin,
    });
    let text = '';
    socket.on('message', (data: Buffer) => {
      text += data.toString();
    });
    await once(socket, 'open');
    if (message !== undefined) socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    const [code] = await once(socket, 'close');
    return { text, code };
  };

  test('goes on over the next one: output and input arrive once and in order, wherever the network breaks', async () => {
    const cutAfterBytes = fc.array(fc.integer({ min: 1, max: 120_000 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(cutAfterBytes, async (cuts) => {
        await using visitor = await visit(wire.origin);
        visitor.run(1, 'client', 'python', { 'client.py': PRINT_AND_READ });
        const pieces = Math.ceil(TYPED / (cuts.length + 1));
        let typed = 0;
        const type = (count: number) => {
          for (const end = Math.min(TYPED, typed + count); typed < end; typed++) visitor.type(1, `${typed}\r`);
        };
        // From here on the terminal does not echo.
        await visitor.untilOutput(1, 'line 0\r\n');
        for (const bytes of cuts) {
          wire.cutAfter(bytes);
          type(pieces);
          await Promise.race([visitor.closed(), visitor.untilOutput(1, `line ${LINES - 1}\r\n`)]);
          await visitor.lose();
          // It breaks again on the way back, now and then.
          await visitor.comeBack().catch(() => visitor.comeBack());
        }
        wire.cutAfter(Number.POSITIVE_INFINITY);
        type(TYPED);
        const { end, outputBytes } = await visitor.until('run-ended');
        assert.deepEqual(end, { kind: 'exit', code: 0 });
        assert.equal(outputBytes, EXPECTED.length);
        assert.ok(visitor.output(1) === EXPECTED, 'each line once and in order');
        const times = visitor.events.map(({ at }) => at);
        assert.deepEqual(
          times,
          times.toSorted((a, b) => a - b),
        );
      }),
      // To shrink what takes seconds takes minutes.
      { numRuns: 6, endOnFailure: true },
    );
  });

  test('runs on meanwhile, and what it said is there afterwards, with the verdict', async () => {
    await using visitor = await visit(wire.origin);
    visitor.run(1, 'server', 'python');
    visitor.run(2, 'client', 'python');
    await visitor.until('lab-opened');
    const lostAt = performance.now();
    await visitor.lose();
    await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
    await visitor.comeBack();
    const { verdict, at } = await visitor.until('verdict', ({ final }) => final);
    assert.ok(at < performance.now() - lostAt, 'the verdict was made while the page was away');
    assert.equal(verdict.kind, 'multipath');
    assert.match(visitor.output(2), /hello 10\.0\.1\.2, I am python/);
  });

  test('a wrong secret is refused, and changes nothing for the page whose session it is', async () => {
    await using visitor = await visit(runner.address);
    const { session, secret } = await visitor.ticket();
    const wrong = secret.replace(/./, (first) => (first === 'A' ? 'B' : 'A'));
    for (const resume of [
      { session, secret: wrong },
      { session, secret: '' },
      { session: '0123456789abcdef', secret },
    ]) {
      const { text, code } = await ask({ type: 'resume', ...resume, received: 1 });
      assert.match(text, /"code":"unknown-session"/);
      assert.equal(code, CLOSE_NO_SUCH_SESSION);
    }
    visitor.run(1, 'client', 'python', { 'client.py': 'print("still mine")' });
    await visitor.untilOutput(1, 'still mine');
  });

  test('who asks for a session in other words is cut off', async () => {
    await using visitor = await visit(runner.address);
    const { session, secret } = await visitor.ticket();
    const resume = { type: 'resume', session, secret, received: 1 };
    for (const message of ['hello?', { ...resume, received: -1 }, { ...resume, more: 1 }, ' '.repeat(2_000)]) {
      assert.equal((await ask(message)).code, 1002);
    }
    // More than ever was sent: nobody knows what that page has.
    assert.equal((await ask({ ...resume, received: 1_000 })).code, 1002);
    assert.notEqual(await visitor.closed(), 1000);
  });

  test('a newer socket takes the place of the one before', async () => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', WAITING);
    await visitor.untilOutput(1, 'waiting');
    const replaced = visitor.closed();
    await visitor.comeBack();
    assert.equal(await replaced, CLOSE_REPLACED);
    visitor.type(1, '\r');
    await visitor.untilOutput(1, 'went on');
    assert.deepEqual((await visitor.until('run-ended')).end, { kind: 'exit', code: 0 });
  });

  test('a page that says goodbye has none to come back to', async () => {
    const visitor = await visit(runner.address);
    visitor.socket().close(1001);
    await visitor.closed();
    await assert.rejects(visitor.comeBack(), /unknown-session/);
  });

  test('more than can be kept ends it, and the page that comes back is told so', async () => {
    // Shows what it takes in to the program, and hides it from the line.
    const socket = new WebSocket(new URL(SESSION_PATH, runner.address.replace('http', 'ws')), PROTOCOL, {
      origin: new URL(runner.address).origin,
    });
    const say = (message: FromPage) => socket.send(JSON.stringify(message));
    let received = 0;
    let bytes = 0;
    let ticket: unknown;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      const frame = isBinary ? decodeFrame(data) : null;
      if (frame === null && isBinary) return;
      received++;
      if (!isBinary) ticket ??= JSON.parse(data.toString()).resume;
      bytes += frame?.bytes.length ?? 0;
      if (frame !== null) say({ type: 'acknowledge', run: 1, bytes });
    });
    await once(socket, 'open');
    const files = { 'client.py': 'while True: print("y" * 1000)' };
    say({ type: 'run', run: 1, host: 'client', snippet: 'python', files, columns: 80, rows: 24 });
    await once(socket, 'close');
    assert.ok(bytes > 0.9 * MAX_KEPT_BYTES && bytes <= MAX_KEPT_BYTES, `${bytes} bytes`);
    await eventually('its lab is given back', async () => (await runner.status()).labs.open === 0);
    const { session, secret } = Object(ticket);
    const { text, code } = await ask({ type: 'resume', session, secret, received });
    assert.match(text, /"unknown-session".*more than 8 MiB of it waited: the session was ended/);
    assert.equal(code, CLOSE_NO_SUCH_SESSION);
  });

  test('a page that does not come back in time finds none, and its lab is given back', async () => {
    await using own = await startRunner({ RESUME_SECONDS: '1', LABS_WARM: '0' });
    await using visitor = await visit(own.address);
    visitor.run(1, 'client', 'python', WAITING);
    await visitor.untilOutput(1, 'waiting');
    await visitor.lose();
    await eventually('the lab is given back', async () => (await own.status()).labs.open === 0);
    await assert.rejects(visitor.comeBack(), /unknown-session/);
  });

  test('a socket that asks for nothing does not stay', async () => {
    assert.equal((await ask(undefined)).code, 1006);
  });

  test('a network that is gone without a word is noticed', async () => {
    const deadline = performance.now() + 30_000;
    while ((await impatient.status()).labs.open > 0) {
      assert.ok(performance.now() < deadline, 'its lab is still open');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    frozenWire.cut();
    await frozen.closed();
  });
});

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { toolPath } from '../../image/location.ts';
import { type Terminal, TYPED_BYTES } from '../../runner/run/terminals/terminal.ts';
import { openTerminals, type Terminals } from '../../runner/run/terminals/terminals.ts';
import { descendantsOf } from '../bench/processes.ts';
import { missing } from '../require.ts';
import { eventually } from './runner.ts';

const PTY_STEPS = join(import.meta.dirname, '../../runner/run/pty-steps.c');
const SIZE = { columns: 80, rows: 24 };

/** A program on a terminal, and all that it printed. */
type Started = { terminal: Terminal; printed(): string; ended: Promise<string> };

describe('terminals', { skip: await missing('lab') }, () => {
  let terminals: Terminals;
  before(() => {
    terminals = openTerminals();
  });
  after(() => terminals.close());
  const start = (...argv: string[]): Started => {
    const chunks: Buffer[] = [];
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    const terminal = terminals.open({ argv, size: SIZE }, { output: (bytes) => chunks.push(bytes), ended: resolve });
    return { terminal, printed: () => Buffer.concat(chunks).toString(), ended };
  };
  const startScript = (script: string) => start('/bin/sh', '-c', script);
  const untilPrinted = ({ printed }: Started, text: string) => eventually(`"${text}" is printed`, () => printed().includes(text));

  test('tell how a program ended', async () => {
    assert.equal(await startScript('exit 7').ended, 'status 7');
    const killed = startScript('echo ready; sleep 60');
    await untilPrinted(killed, 'ready');
    killed.terminal.signal('SIGKILL');
    assert.equal(await killed.ended, 'signal 9');
  });

  test('have the size that was asked for, and change it', async () => {
    const program = startScript('trap "stty size; exit" WINCH; stty size; while :; do sleep 0.01; done');
    await untilPrinted(program, '24 80\r\n');
    program.terminal.resize({ columns: 132, rows: 50 });
    await program.ended;
    assert.equal(program.printed(), '24 80\r\n50 132\r\n');
  });

  test('erase a character of several bytes as one', async () => {
    const script = 'echo ready; read -r line; printf "<%s>" "$line"';
    const program = start(toolPath(PTY_STEPS), '/dev/null', '/dev/null', 'mark', '/bin/sh', '-c', script);
    await untilPrinted(program, 'ready');
    program.terminal.input(Buffer.from('aé\x7fb\r'));
    await untilPrinted(program, '<ab>');
    program.terminal.close();
  });

  test('carry a large paste whole to a program that reads it slowly', async () => {
    const paste = Buffer.from(randomBytes(TYPED_BYTES / 2).toString('hex'));
    const program = startScript(`stty raw -echo; echo ready; sleep 0.2; head -c ${paste.length} | sha256sum`);
    await untilPrinted(program, 'ready');
    for (let at = 0; at < paste.length; at += 100_000) program.terminal.input(paste.subarray(at, at + 100_000));
    await program.ended;
    assert.match(program.printed(), new RegExp(createHash('sha256').update(paste).digest('hex')));
  });

  test('keep so much of what a program does not read, and no more', async () => {
    const program = startScript('stty raw -echo; echo ready; kill -STOP $$; timeout --foreground 2 cat | wc -c');
    await untilPrinted(program, 'ready');
    const block = Buffer.alloc(100_000, 'x');
    for (let bytes = 0; bytes < 3 * TYPED_BYTES; bytes += block.length) program.terminal.input(block);
    program.terminal.signal('SIGCONT');
    await program.ended;
    const readBytes = Number(/(\d+)\s*$/.exec(program.printed())?.[1]);
    assert.ok(readBytes >= TYPED_BYTES && readBytes < 1.1 * TYPED_BYTES, `${readBytes} bytes`);
  });

  test('that pause hold their program, lose nothing, and stand in nobody’s way', async () => {
    const flood = 'seq 1 300000';
    const paused = startScript(`echo ready; read -r line; ${flood}; sleep 0.2`);
    await untilPrinted(paused, 'ready');
    paused.terminal.pause();
    paused.terminal.input(Buffer.from('\r'));
    const other = startScript(`${flood}; sleep 0.2`);
    assert.equal(await other.ended, 'status 0');
    assert.ok(paused.printed().length < 100, 'nothing of it came');
    paused.terminal.resume();
    assert.equal(await paused.ended, 'status 0');
    assert.ok(paused.printed().endsWith(other.printed()));
    assert.ok(other.printed().endsWith('\r\n300000\r\n'));
  });

  test('that are closed end their program, also while they pause', async () => {
    const program = startScript('echo $$; trap "" TERM HUP; while :; do echo more; done');
    await untilPrinted(program, 'more');
    program.terminal.pause();
    program.terminal.close();
    const pid = Number.parseInt(program.printed(), 10);
    await eventually('its process is gone', () => !descendantsOf(process.pid).some((other) => other.pid === pid));
  });

  test('end with their process, and the next one has another', async () => {
    const program = startScript('echo ready; sleep 60');
    await untilPrinted(program, 'ready');
    const [host] = descendantsOf(process.pid).filter(({ parent }) => parent === process.pid);
    process.kill(host?.pid ?? 0, 'SIGKILL');
    assert.match(await program.ended, /the process of terminals ended with SIGKILL/);
    assert.equal(await startScript('exit 3').ended, 'status 3');
  });

  test('that cannot start their program say so', async () => {
    assert.equal(await start('/no/such/program').ended, 'status 1');
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bySource, byTime } from '../protocol/recording.ts';
import { openTape } from './recording-tape.ts';

const frame = (run: number, at: number, text: string) => ({ kind: 'output', run, at, bytes: Buffer.from(text) }) as const;

/** The same two runs, as two moments of the machine would have cut and ordered them. */
function record(pieces: [number, number, string][]): string {
  const tape = openTape();
  tape.event({ at: 1, type: 'welcome', version: '0.1.0', resume: null, shells: false, kernel: '6.18.44-machine' });
  tape.event({ at: 50.4, type: 'run-phase', run: 1, host: 'server', phase: 'running', command: './server' });
  for (const [run, at, text] of pieces) tape.output(run === 1 ? 'server' : 'client', frame(run, at, text));
  for (const [run, host] of [
    [2, 'client'],
    [1, 'server'],
  ] as const) {
    tape.event({ at: 99.9, type: 'run-ended', run, host, end: { kind: 'exit', code: 0 }, durationMs: 9.6, outputBytes: 9 });
  }
  const { kernel, events } = tape.end();
  return JSON.stringify([kernel, bySource(events)]).replaceAll(/"(at|durationMs)":\d+/g, '$1');
}

test('how writes are cut, and which host is heard first, leaves no trace in a file', () => {
  const one = record([
    [1, 60, 'one\r\ntwo\r\nend'],
    [2, 70, 'hello ü\r\n'],
  ]);
  const other = record([
    [2, 70, 'hell'],
    [1, 71, 'one\r'],
    [1, 72, '\ntwo\r\n'],
    [2, 73, 'o ü\r\n'],
    [1, 74, 'end'],
  ]);
  assert.equal(other, one);
  assert.match(one, /"text":"one\\r\\n"/);
  assert.match(one, /^\["6\.18\.44"/);
});

test('times count from the first step, and a file is played in the order of time', () => {
  const tape = openTape();
  tape.event({ at: 50, type: 'run-phase', run: 1, host: 'server', phase: 'running', command: './server' });
  tape.output('client', frame(2, 70.2, 'late\n'));
  tape.output('server', frame(1, 60, 'early\n'));
  const played = byTime(bySource(tape.end().events));
  assert.deepEqual(
    played.map((event) => [event.at, event.type === 'output' ? event.text : event.type]),
    [
      [0, 'run-phase'],
      [10, 'early\n'],
      [20, 'late\n'],
    ],
  );
});

test('of a client that runs for long, the bytes of each look are kept, and of a silence its ends', () => {
  const traffic = (durationMs: number) => {
    const tape = openTape();
    tape.event({ at: 0, type: 'run-phase', run: 2, host: 'client', phase: 'running', command: './client' });
    for (const [at, wifi] of [100, 700, 700, 700, 700, 900].entries()) {
      tape.event({ at, type: 'traffic', run: 2, links: { wifi: { sentBytes: wifi, receivedBytes: 0 } } });
    }
    tape.event({ at: 9, type: 'run-ended', run: 2, host: 'client', end: { kind: 'exit', code: 0 }, durationMs, outputBytes: 0 });
    return tape.end().events.flatMap((event) => (event.type === 'traffic' ? [event.links.wifi?.sentBytes] : []));
  };
  assert.deepEqual(traffic(5000), [100, 700, 700, 900]);
  assert.deepEqual(traffic(50), []);
});

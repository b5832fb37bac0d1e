import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordedEvent, Recording } from '../../../protocol/recording.ts';
import { openPlayback } from './playback.ts';

const RUN = { snippet: 'python', files: {}, columns: 80, rows: 24 };

const EVENTS: RecordedEvent[] = [
  { at: 0, type: 'run-phase', run: 1, host: 'server', phase: 'running', command: 'python3 server.py' },
  { at: 20, type: 'output', run: 1, text: 'listening\r\n' },
  { at: 40, type: 'packets', run: 2, records: 'AAH/' },
  { at: 60, type: 'run-ended', run: 2, host: 'client', end: { kind: 'exit', code: 0 }, durationMs: 40, outputBytes: 0 },
];
const RECORDING: Recording = { of: '', recordedOn: '2026-11-22', kernel: '6.18.44', versions: {}, events: EVENTS };

/** Plays to the end, or until `stopAfter` things were heard, and tells what was heard and when, in milliseconds. */
async function play(pace: number, stopAfter = Number.POSITIVE_INFINITY): Promise<{ what: string; at: number }[]> {
  const startedAt = performance.now();
  const heard: { what: string; at: number }[] = [];
  const done = Promise.withResolvers<void>();
  const hear = (what: string) => {
    heard.push({ what, at: performance.now() - startedAt });
    if (heard.length === stopAfter) setTimeout(() => session.stop(1));
  };
  const session = openPlayback(
    RECORDING,
    {
      message: ({ type }) => hear(type),
      output: ({ bytes }) => hear(new TextDecoder().decode(bytes)),
      packets: ({ bytes }) => hear(bytes.join(' ')),
      done: done.resolve,
    },
    pace,
  );
  assert.equal(session.run({ ...RUN, host: 'server' }), 1);
  assert.equal(session.run({ ...RUN, host: 'client' }), 2);
  await done.promise;
  return heard;
}

const ALL = ['run-phase', 'listening\r\n', '0 1 255', 'run-ended'];

test('a recording is told in its order, and not faster than it ran', async () => {
  const heard = await play(1);
  assert.deepEqual(
    heard.map(({ what }) => what),
    ALL,
  );
  for (const [index, { at }] of heard.entries()) assert.ok(at >= (EVENTS[index]?.at ?? 0) - 1, `${at} ms`);
});

test('without a pace all of it comes at once', async () => {
  const heard = await play(0);
  assert.deepEqual(
    heard.map(({ what }) => what),
    ALL,
  );
  assert.ok((heard.at(-1)?.at ?? 0) - (heard.at(0)?.at ?? 0) < 20);
});

test('Stop goes to the end', async () => {
  const heard = await play(100, 1);
  assert.deepEqual(
    heard.map(({ what }) => what),
    ALL,
  );
});

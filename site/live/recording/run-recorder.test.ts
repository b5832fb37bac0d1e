import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { conditionsOf } from '../../../protocol/conditions.ts';
import type { FromRunner } from '../../../protocol/message.ts';
import { parseRecording } from '../../../protocol/recording.ts';
import { HOME_TOPOLOGY } from '../../../protocol/topology.ts';
import { newScene, sceneAfter, withPrograms } from '../run/scene.ts';
import { MAX_EVENT_CHARACTERS, MAX_OUTPUT_BYTES, MAX_PACKET_BYTES, recordRun } from './run-recorder.ts';
import { tapeOfRecording } from './tape.ts';

const asked = withPrograms(newScene(), { client: 2, server: 1 }, 'Run starts.');
const start: FromRunner = { at: 5000, type: 'run-phase', run: 2, host: 'client', phase: 'running', command: './client' };
const end = (at: number): FromRunner[] =>
  (['client', 'server'] as const).map((host) => ({
    at,
    type: 'run-ended',
    run: host === 'client' ? 2 : 1,
    host,
    end: { kind: 'exit', code: 0 },
    durationMs: 1,
    outputBytes: 0,
  }));

test('a run that was heard can be seen again, moment by moment as its recording', () => {
  const text = readFileSync(new URL('../../../snippets/bulk-c/recordings/as-shown.json', import.meta.url), 'utf8');
  const recorded = tapeOfRecording(parseRecording(text));
  const recorder = recordRun(asked);
  for (const event of recorded.events) recorder.hear(event);
  const tape = recorder.tape() ?? assert.fail('the run is over');
  for (let atMs = tape.startMs; atMs <= tape.endMs; atMs += 100) {
    const same = { hint: '', isVerdictLast: true };
    assert.deepEqual({ ...tape.sceneAt(atMs), ...same }, { ...recorded.sceneAt(atMs), ...same }, `at ${atMs} ms`);
  }
});

test('it begins when its first program does, and what is switched after its end is none of it', () => {
  const recorder = recordRun(asked);
  recorder.hear({ at: 10, type: 'waiting', for: 'lab', position: 1, expectedMs: null, ownLimit: null });
  assert.equal(recorder.hear(start), false);
  assert.equal(recorder.tape(), null);
  assert.deepEqual(end(6000).map(recorder.hear), [false, true]);
  assert.equal(recorder.hear({ at: 90_000, type: 'lab-closed', why: '' }), false);
  const tape = recorder.tape();
  assert.deepEqual([tape?.startMs, tape?.endMs], [5000, 6000]);
});

test('of a run that is too long, what is older becomes part of its start, and nothing is lost of its end', () => {
  const recorder = recordRun(asked);
  const conditions = conditionsOf(HOME_TOPOLOGY, {});
  const change = (index: number): FromRunner => ({
    at: 5000 + index,
    type: 'conditions',
    request: index,
    conditions,
    commands: [{ host: 'client', line: `true ${index} ${'x'.repeat(4000)}` }],
  });
  const count = Math.ceil((MAX_EVENT_CHARACTERS * 1.5) / JSON.stringify(change(0)).length);
  let straight = sceneAfter(asked, start);
  recorder.hear(start);
  for (let index = 1; index <= count; index++) {
    recorder.hear(change(index));
    straight = sceneAfter(straight, change(index));
  }
  for (const event of end(1e6)) {
    recorder.hear(event);
    straight = sceneAfter(straight, event);
  }
  const tape = recorder.tape() ?? assert.fail('the run is over');
  assert.ok(JSON.stringify(tape.events).length < MAX_EVENT_CHARACTERS * 1.1);
  assert.ok(tape.startMs > 5000);
  assert.deepEqual(tape.last, straight);
});

test('of a flood the end is kept, and the tape says that there was more', () => {
  const recorder = recordRun(asked);
  recorder.hear(start);
  const piece = new Uint8Array(10_000);
  for (let index = 0; index < 200; index++) recorder.output({ run: 2, at: 5000 + index, bytes: piece });
  for (let index = 0; index < 200; index++) recorder.packets({ kind: 'packets', run: 2, at: 5000, bytes: piece });
  for (const event of end(9000)) recorder.hear(event);
  const { output, packets } = recorder.tape() ?? assert.fail('the run is over');
  const bytes = output.client.pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  assert.ok(bytes <= MAX_OUTPUT_BYTES * 1.25 && bytes > MAX_OUTPUT_BYTES / 2);
  assert.equal(output.client.isCut, true);
  assert.equal(output.client.pieces.at(-1)?.at, 5199);
  assert.ok(packets.batches.reduce((sum, { bytes }) => sum + bytes.length, 0) <= MAX_PACKET_BYTES);
});

test('a run whose runner is lost ends there', () => {
  const recorder = recordRun(asked);
  recorder.hear(start);
  recorder.hear({ at: 5500, type: 'traffic', run: 2, links: {} });
  assert.equal(recorder.hear({ at: 0, type: 'session-lost', words: 'connection lost' }), true);
  const tape = recorder.tape();
  assert.equal(tape?.endMs, 5500);
  assert.deepEqual(tape?.last.programs.client?.state, { kind: 'over', words: 'connection lost' });
});

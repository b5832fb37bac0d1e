import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { conditionsOf } from '../../../protocol/conditions.ts';
import type { MptcpEvent } from '../../../protocol/evidence.ts';
import type { FromRunner } from '../../../protocol/message.ts';
import { parseRecording } from '../../../protocol/recording.ts';
import { HOME_TOPOLOGY } from '../../../protocol/topology.ts';
import type { Verdict } from '../../../protocol/verdict.ts';
import { newScene, withPrograms } from '../run/scene.ts';
import { formatMoment, marksOf, momentWords, nextMark } from './marks.ts';
import { openTape, tapeOfRecording } from './tape.ts';

const read = (name: string) =>
  tapeOfRecording(parseRecording(readFileSync(new URL(`../../../snippets/${name}.json`, import.meta.url), 'utf8')));
const flow = { localAddress: '10.0.1.2', localPort: 4, remoteAddress: '10.0.9.1', remotePort: 8262 };

const tapeOf = (events: FromRunner[]) =>
  openTape({
    startMs: 0,
    start: withPrograms(newScene(), { client: 2, server: 1 }, ''),
    events,
    output: { client: { pieces: [], isCut: false }, server: { pieces: [], isCut: false } },
    packets: [],
  });

test('subflows, what is switched, a fallback and the end are marks of a run', () => {
  const late: Verdict = {
    kind: 'fallback',
    headline: 'Fell back to TCP',
    explanation: '',
    remedy: '',
    reason: 'late',
    bytes: [],
    because: [],
  };
  const joined: MptcpEvent = { kind: 'subflow-established', token: '5f', flow, backup: false };
  const fresh = conditionsOf(HOME_TOPOLOGY, {});
  const down = { adminUp: false, carrier: false, operstate: 'down' };
  const cut = { ...fresh, links: fresh.links.map((link) => (link.link === 'wifi' ? { ...link, near: down } : link)) };
  const tape = tapeOf([
    { at: 0, type: 'run-phase', run: 2, host: 'client', phase: 'running', command: './client' },
    { at: 500, type: 'mptcp-event', host: 'client', event: joined, line: '' },
    { at: 10, type: 'conditions', request: null, conditions: fresh, commands: [] },
    {
      at: 1350,
      type: 'conditions',
      request: 1,
      conditions: cut,
      commands: [{ host: 'client', line: 'ip link set wifi down' }],
      ageMs: 150,
    },
    { at: 2000, type: 'verdict', run: 2, final: false, verdict: late },
    { at: 2500, type: 'verdict', run: 2, final: false, verdict: late },
    { at: 4000, type: 'run-ended', run: 2, host: 'client', end: { kind: 'exit', code: 0 }, durationMs: 4000, outputBytes: 0 },
  ]);
  // At its mark, a thing is there.
  assert.equal(tape.sceneAt(1200).story.conditions, cut);
  assert.equal(tape.sceneAt(1199).story.conditions, fresh);
  assert.deepEqual(
    marksOf(tape).map(({ atMs, kind, link, text }) => [atMs, kind, link, text.replace(/, 10\..*/, '')]),
    [
      [500, 'flow', 'wifi', 'A subflow joins over Wi-Fi'],
      [1200, 'condition', 'wifi', 'Wi-Fi goes down'],
      [2000, 'verdict', null, 'Fell back to TCP'],
      [4000, 'end', null, 'The client ends: exit code 0'],
    ],
  );
});

test('what happens at nearly the same time is one mark that tells all of it, the verdict first', () => {
  const tape = read('c/recordings/let-the-server-think-for-a-second');
  const last = marksOf(tape).at(-1);
  assert.equal(last?.kind, 'verdict');
  assert.match(last?.text ?? '', /^Verdict: Multipath TCP\. The client ends: exit code 0\. .*Connection 0x[0-9a-f]{8} is closed/);
});

test('a moment is told by its time and the mark at it or before it', () => {
  const span = { startMs: 0, endMs: 6000 };
  const marks = [{ atMs: 1200, text: 'Wi-Fi goes down', kind: 'condition', link: null } as const];
  assert.equal(momentWords(marks, span, 600), '0.6 s');
  assert.equal(momentWords(marks, span, 1200), '1.2 s: Wi-Fi goes down');
  assert.equal(momentWords(marks, span, 1900), '1.9 s, after: Wi-Fi goes down');
});

test('the unit of time is that of the whole', () => {
  assert.deepEqual([formatMoment(34, 98), formatMoment(34, 6300), formatMoment(12_300, 61_000)], ['34 ms', '0.0 s', '12 s']);
});

test('from mark to mark, and at last to the ends', () => {
  const span = { startMs: 100, endMs: 900 };
  const marks = [300, 500].map((atMs) => ({ atMs, text: '', kind: 'flow', link: null }) as const);
  assert.deepEqual(
    [100, 300, 400, 500].map((atMs) => nextMark(marks, span, atMs, 1)),
    [300, 500, 500, 900],
  );
  assert.deepEqual(
    [900, 500, 400, 300].map((atMs) => nextMark(marks, span, atMs, -1)),
    [500, 300, 300, 100],
  );
});

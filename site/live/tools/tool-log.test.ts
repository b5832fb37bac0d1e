import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { FromRunner } from '../../../protocol/message.ts';
import type { ToolName } from '../../../protocol/tool.ts';
import { newToolLog, noteTools, type ToolLog } from './tool-log.ts';

const OPEN = readFileSync('site/live/tools/fixtures/ss-Mni-client-6.15.0.txt', 'utf8');
const NONE = 'State Recv-Q Send-Q Local Address:Port Peer Address:Port\n';

const text = (at: number, tool: ToolName, printed: string): FromRunner => ({
  at,
  type: 'tool-text',
  host: 'client',
  tool,
  text: printed,
  leftOutLines: 0,
});
const start = (at: number, host: 'client' | 'server'): FromRunner => ({
  at,
  type: 'run-phase',
  run: 2,
  host,
  phase: 'running',
  command: './it',
});
const event = (at: number, host: 'client' | 'server'): FromRunner => ({
  at,
  type: 'mptcp-event',
  host,
  event: { kind: 'closed', token: '5f3a91c2' },
  line: `[       CLOSED] token=5f3a91c2 ${at}`,
});
const tell = (events: FromRunner[], from: ToolLog = newToolLog()) => events.reduce(noteTools, from);

test('the last state that had sockets is kept when they are gone, and it is told since when', () => {
  const live = tell([start(10, 'client'), text(100, 'connections', OPEN)]);
  assert.deepEqual(live.hosts.client.texts.connections, { text: OPEN, leftOutLines: 0, atMs: 100, goneAtMs: null });
  const over = tell([text(900, 'connections', NONE)], live);
  assert.deepEqual(over.hosts.client.texts.connections, { text: OPEN, leftOutLines: 0, atMs: 100, goneAtMs: 900 });
  const again = tell([text(950, 'connections', OPEN)], over);
  assert.equal(again.hosts.client.texts.connections?.goneAtMs, null);
});

test('a new client begins without the sockets of the last one; endpoints and limits stay', () => {
  const first = tell([text(5, 'endpoints', '10.0.2.2 id 1\n'), start(10, 'client'), text(100, 'connections', OPEN)]);
  const second = tell([start(1000, 'client')], first);
  assert.equal(second.hosts.client.texts.connections, undefined);
  assert.equal(second.hosts.client.texts.endpoints?.text, '10.0.2.2 id 1\n');
  assert.equal(second.startedAtMs, 1000);
});

test('events are those of each host’s present program, the latest two hundred of them', () => {
  const log = tell([event(1, 'server'), start(2, 'server'), event(3, 'server'), start(4, 'client'), event(5, 'client')]);
  assert.deepEqual(
    log.hosts.server.monitor.map(({ atMs }) => atMs),
    [3],
  );
  assert.equal(log.hosts.client.monitor[0]?.line, '[       CLOSED] token=5f3a91c2 5');
  const many = tell(
    Array.from({ length: 300 }, (_, index) => event(10 + index, 'client')),
    log,
  );
  assert.equal(many.hosts.client.monitor.length, 200);
  assert.equal(many.hosts.client.monitorLeftOut, 101);
  assert.equal(many.hosts.client.monitor.at(-1)?.atMs, 309);
});

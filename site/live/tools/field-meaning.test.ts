import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseSs } from '../../../protocol/ss-text.ts';
import { endpointFlagMeaning, eventMeaning, fieldMeaning, NOT_KNOWN } from './field-meaning.ts';
import { readEndpoints, readLimits, readMonitorLine } from './monitor-fields.ts';

/** What iproute2 6.15 printed in a lab with kernel 6.18. */
const printed = (name: string) => readFileSync(`site/live/tools/fixtures/${name}-6.15.0.txt`, 'utf8');
const monitored = (host: string) =>
  readFileSync(`runner/evidence/fixtures/mptcp-monitor-${host}-6.18.44.txt`, 'utf8').trim().split('\n');

for (const host of ['client', 'server']) {
  test(`all that the tools print on the ${host} is explained`, () => {
    const socketsOf = (name: string) => parseSs(printed(`${name}-${host}`)).flatMap(({ fields }) => fields);
    const fields = [
      ...socketsOf('ss-Mni').map((field) => ['connection', field] as const),
      ...socketsOf('ss-tni').map((field) => ['subflow', field] as const),
      ...readLimits(printed(`limits-${host}`)).map((field) => ['limit', field] as const),
      ...monitored(host).flatMap((line) => readMonitorLine(line).fields.map((field) => ['event', field] as const)),
    ];
    assert.ok(fields.length > 100, `${fields.length} fields`);
    const unknown = fields.filter(([kind, { name, value }]) => fieldMeaning(kind, name, value).says.includes(NOT_KNOWN));
    assert.deepEqual([...new Set(unknown.map(([kind, { name, value }]) => `${kind} ${name} ${value}`))], []);
    assert.deepEqual(
      monitored(host).filter((line) => eventMeaning(readMonitorLine(line).name) === NOT_KNOWN),
      [],
    );
  });
}

test('an endpoint has its address, number, port, interface and flags', () => {
  assert.deepEqual(readEndpoints(printed('endpoints-client')), [
    { address: '10.0.2.2', id: '1', port: null, device: 'cellular', flags: ['subflow'] },
    { address: 'fd00:2::2', id: '2', port: null, device: 'cellular', flags: ['subflow'] },
  ]);
  assert.deepEqual(readEndpoints(printed('endpoints-server')), [
    { address: '10.0.9.2', id: '1', port: '5005', device: 'lan', flags: ['signal'] },
  ]);
  assert.deepEqual(readEndpoints(''), []);
});

test('the letters of a subflow are spelled out, and what is new is named as such', () => {
  assert.match(fieldMeaning('subflow', 'flags', 'Jb').says, /^J: a further subflow.*; b: a backup, as this host wants it$/);
  assert.equal(fieldMeaning('connection', 'future_field', '1').says, NOT_KNOWN);
  assert.equal(eventMeaning('FUTURE_EVENT'), NOT_KNOWN);
  assert.equal(endpointFlagMeaning('future'), NOT_KNOWN);
});

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunHost } from '../../protocol/manifest.ts';
import { HOME_TOPOLOGY } from '../../protocol/topology.ts';
import { openWitness } from './witness.ts';

const lab = {
  topology: HOME_TOPOLOGY,
  // This test's own network namespace in place of a lab's: the same files of the same kernel.
  procNet: () => '/proc/self/net',
  mptcpEnabled: () => true,
  endpointPorts: () => [],
  execute: async () => '',
  onMonitorLine: (_listener: (host: RunHost, line: string) => void) => () => {},
};

test('a witness whose lab is gone still tells what it saw last', () => {
  const witness = openWitness(lab, 'test', { event() {}, toolText() {} });
  witness.begin();
  const before = witness.evidence();
  witness.close();
  assert.equal(witness.evidence().kernel, before.kernel);
  assert.equal(typeof witness.serverListensOn(1), 'boolean');
});

test('a packet, an event and a switch change the stamp, each once', () => {
  // Files of the kernel that change when this test wants it.
  const directory = mkdtempSync(join(tmpdir(), 'hello-witness-'));
  for (const name of ['netstat', 'snmp', 'dev', 'tcp', 'tcp6', 'sockstat', 'sockstat6'])
    copyFileSync(`/proc/self/net/${name}`, join(directory, name));
  let tellLine = (_host: RunHost, _line: string) => {};
  let enabled = true;
  const witness = openWitness(
    {
      ...lab,
      procNet: () => directory,
      mptcpEnabled: () => enabled,
      onMonitorLine(listener) {
        tellLine = listener;
        return () => {};
      },
    },
    'test',
    { event() {}, toolText() {} },
  );
  witness.begin();
  const isNewOnce = (change: () => void) => {
    const before = witness.stamp();
    assert.equal(witness.stamp(), before);
    change();
    const after = witness.stamp();
    assert.notEqual(after, before);
    assert.equal(witness.stamp(), after);
  };
  isNewOnce(() => writeFileSync(join(directory, 'dev'), `${readFileSync(join(directory, 'dev'))}wifi: 1 1 0 0 0 0 0 0 1 1\n`));
  isNewOnce(() => tellLine('client', '[         CLOSED] token=506d42f1'));
  isNewOnce(() => {
    enabled = false;
  });
  witness.close();
  rmSync(directory, { recursive: true });
});

test('of thousands of connections the open and the latest ones are told', () => {
  let tellLine = (_host: RunHost, _line: string) => {};
  const onMonitorLine = (listener: typeof tellLine) => {
    tellLine = listener;
    return () => {};
  };
  const witness = openWitness({ ...lab, onMonitorLine }, 'test', { event() {}, toolText() {} });
  witness.begin();
  const token = (number: number) => number.toString(16).padStart(8, '0');
  for (let number = 0; number < 5_000; number++) {
    const ends = `remid=0 locid=0 saddr4=10.0.1.2 daddr4=10.0.9.1 sport=${10_000 + number} dport=8262`;
    tellLine('client', `[         CREATED] token=${token(number)} ${ends}`);
    // The first one stays open.
    if (number > 0) tellLine('client', `[          CLOSED] token=${token(number)}`);
  }
  const { connections } = witness.evidence();
  witness.close();
  assert.ok(connections.length <= 400, `${connections.length} connections`);
  assert.deepEqual([connections[0]?.token, connections[0]?.closed], [token(0), false]);
  assert.deepEqual([connections.at(-1)?.token, connections.at(-1)?.closed], [token(4_999), true]);
});

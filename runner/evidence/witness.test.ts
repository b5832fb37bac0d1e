import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOME_TOPOLOGY } from '../../protocol/topology.ts';
import { openWitness } from './witness.ts';

test('a witness whose lab is gone still tells what it saw last', () => {
  // This test's own network namespace in place of a lab's: the same files of the same kernel.
  const lab = {
    topology: HOME_TOPOLOGY,
    procNet: () => '/proc/self/net',
    mptcpEnabled: () => true,
    endpointPorts: () => [],
    execute: async () => '',
    onMonitorLine: () => () => {},
  };
  const witness = openWitness(lab, 'test', () => {});
  witness.begin();
  const before = witness.evidence();
  witness.close();
  assert.equal(witness.evidence().kernel, before.kernel);
  assert.equal(typeof witness.serverListensOn(1), 'boolean');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOME_TOPOLOGY } from '../../protocol/topology.ts';
import { topologyCommands, toScript } from './commands.ts';

const without = toScript(topologyCommands(HOME_TOPOLOGY, false));
const withNetem = toScript(topologyCommands(HOME_TOPOLOGY, true));

test('each link keeps its rate at both ends', () => {
  for (const [link, rate] of [
    ['wifi', 20],
    ['cellular', 10],
  ]) {
    const command = `qdisc add dev ${link} root handle 1: tbf rate ${rate}mbit burst 32kb latency 50ms`;
    assert.equal(without.split(command).length - 1, 2, `${command} at client and router`);
  }
});

test('delays are commanded only where the kernel has netem', () => {
  assert.doesNotMatch(without, /netem/);
  assert.match(withNetem, /qdisc add dev wifi parent 1:1 handle 10: netem delay 10ms/);
  assert.match(withNetem, /qdisc add dev cellular parent 1:1 handle 10: netem delay 40ms/);
});

test('each address of the client leaves by its own link', () => {
  assert.match(without, /route add default via 10\.0\.1\.1 dev wifi table 100\nrule add from 10\.0\.1\.2 table 100/);
  assert.match(without, /route add default via 10\.0\.2\.1 dev cellular table 101\nrule add from 10\.0\.2\.2 table 101/);
});

test('the second address of the client is a subflow endpoint on its link', () => {
  assert.match(without, /mptcp endpoint add 10\.0\.2\.2 dev cellular subflow/);
});

test('every batch is a command that a learner can give', () => {
  for (const line of without.split('\n').filter((text) => text.includes('<<'))) {
    assert.match(
      line,
      /^(nsenter --net=\/run\/netns\/(client|router|server) )?(ip( -6)? -batch -|tc -batch -|sysctl --quiet --load=-) <<'END'$/,
    );
  }
});

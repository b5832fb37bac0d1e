import assert from 'node:assert/strict';
import type { HostName } from '../../protocol/topology.ts';
import type { Lab } from '../../runner/lab/lab.ts';

const NETWORK = [
  'ip -json -details link',
  'ip -json address',
  'ip -json rule',
  'ip -json -6 rule',
  'ip -json route show table all',
  'ip -json -6 route show table all',
  'tc -json qdisc',
];
const PATH_MANAGER = ['ip -json mptcp endpoint', 'ip mptcp limits', 'sysctl net.mptcp'];

const DUMPED: Record<HostName, string[]> = {
  client: [...NETWORK, ...PATH_MANAGER],
  router: [...NETWORK, 'nft --json list ruleset'],
  server: [...NETWORK, ...PATH_MANAGER],
};

const DUMP = Object.entries(DUMPED)
  .map(([host, commands]) => {
    const lines = commands.map((command) => `echo "@ ${host}: ${command}"; ${command}; echo`);
    return `nsenter --net=/run/netns/${host} sh -ec '${lines.join('; ')}'`;
  })
  .join('\n');

/** Everything that a condition can touch, as the tools tell it, in no particular order. */
export async function dump(lab: Lab): Promise<Record<string, unknown>> {
  const parts = (await lab.shell.run(DUMP)).split(/^@ /m).slice(1);
  assert.equal(parts.length, Object.values(DUMPED).flat().length);
  return Object.fromEntries(
    parts.map((part) => {
      const [command = '', ...lines] = part.trim().split('\n');
      const text = lines.join('\n');
      return [command, command.includes('json') ? sorted(JSON.parse(text || '[]')) : text];
    }),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, sorted(inner)]));
}

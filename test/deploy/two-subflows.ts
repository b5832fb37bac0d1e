import assert from 'node:assert/strict';
import { applyExperiment } from '../../protocol/manifest.ts';
import { readSnippets } from '../../protocol/read-snippets.ts';
import type { Visitor } from '../lab/visitor.ts';

/**
 * A client of the Python snippet that says its name once its connection has a second subflow. MPTCP_INFO of SOL_MPTCP
 * (linux/mptcp.h) begins with the number of further subflows: it stays until there is one.
 */
export const TWO_SUBFLOWS = `import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP)
s.connect(("server.lab", 8262)); f = s.makefile("rw")
print("hello from ", end="", file=f, flush=True)
while s.getsockopt(284, 1, 64)[0] == 0: time.sleep(0.01)
print("python", file=f, flush=True); print(f.readline(), end="")`;

/** The server of the Python snippet, in no hurry: a further subflow that the client has begun is there by then. */
export function thinkForASecond(): Record<string, string> {
  const snippet = readSnippets('snippets').find(({ id }) => id === 'python') ?? assert.fail('no snippet python');
  const experiment = snippet.manifest.experiments.find(({ title }) => title === 'Let the server think for a second');
  if (experiment === undefined) assert.fail('no such experiment');
  return { [experiment.file]: applyExperiment(snippet.sources[experiment.file] ?? '', experiment) };
}

/** The final verdict is Multipath TCP, by evidence of a subflow over each link. */
export async function untilBothLinks(visitor: Visitor): Promise<void> {
  const { verdict } = await visitor.until('verdict', (event) => event.final);
  assert.equal(verdict.kind, 'multipath', JSON.stringify(verdict));
  const [connection] = verdict.kind === 'multipath' ? verdict.connections : [];
  assert.deepEqual(
    connection?.subflows.map(({ link }) => link),
    ['wifi', 'cellular'],
  );
}

import { imageRoot, readImageState } from '../../image/location.ts';
import type { Finding } from './finding.ts';
import { kernel, mptcp } from './kernel.ts';
import { limits } from './limits.ts';
import { network } from './network.ts';
import { capacity, disk, image, memory } from './resources.ts';
import { bubblewrap, entering, terminals } from './sandbox.ts';
import { userNamespaces } from './user-namespaces.ts';

/** What this machine gives to labs, in the order in which one thing needs the other. Takes about 50 ms and leaves nothing behind. */
export async function preflight(): Promise<Finding[]> {
  const toolsRoot = readImageState().state === 'ready' ? imageRoot() : '/';
  const [namespaces, sandbox, entrance, net, bounds] = await Promise.all([
    userNamespaces(),
    bubblewrap(),
    entering(),
    network(toolsRoot),
    limits(),
  ]);
  return [kernel(), mptcp(), namespaces, sandbox, entrance, ...net, terminals(), bounds, memory(), capacity(), disk(), image()];
}

/** What keeps labs from opening. The image does not count: it is being made, or says itself why not. */
export function obstacles(findings: Finding[]): Finding[] {
  return findings.filter(({ name, necessary, state }) => necessary && state === 'missing' && name !== 'image');
}

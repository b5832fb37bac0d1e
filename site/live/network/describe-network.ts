import { formatRate } from '../verdict/quantity.ts';
import type { Story } from './story.ts';

/** The map in words, for who does not see it: "Wi-Fi is cut. Connection 0x5f3a91c2 goes over cellular." */
export function describeNetwork({ topology, conditions, flows }: Story): string {
  const titleOf = (name: string) => topology.links.find((link) => link.name === name)?.title ?? name;
  const links = (conditions?.links ?? []).flatMap(({ link, near, far, rateKbit, lossPercent }) => {
    if (link === 'lan') return [];
    if (!near.adminUp || !far.adminUp) return [`${titleOf(link)} is cut.`];
    const rate = rateKbit === null ? '' : `, ${formatRate(rateKbit * 1000)}`;
    return [`${titleOf(link)} is up${rate}${lossPercent === 0 ? '' : `, loses ${lossPercent} %`}.`];
  });
  const tokens = new Set(flows.flatMap(({ token }) => (token === null ? [] : [token])));
  const connections = [...tokens].map((token) => {
    const alive = flows.filter((flow) => flow.token === token && flow.state !== 'closed' && flow.link !== null);
    if (alive.length === 0) return `Connection 0x${token} is closed.`;
    const over = alive.map(
      ({ link, backup, state }) =>
        `${titleOf(link ?? '')}${backup ? ' as a backup' : ''}${state === 'joining' ? ', joining' : ''}`,
    );
    return `Connection 0x${token} goes over ${over.join(' and ')}.`;
  });
  const plain = flows.filter(({ state }) => state === 'plain').map(({ link }) => `TCP goes over ${titleOf(link ?? '')}.`);
  return [...links, ...connections, ...plain].join(' ');
}

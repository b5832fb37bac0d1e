import type { Conditions, LinkConditions } from '../../../protocol/conditions.ts';
import type { LinkName, Topology } from '../../../protocol/topology.ts';
import { formatRate } from '../verdict/quantity.ts';

/** What is different in a lab, in words; `link` for what concerns one: "Wi-Fi goes down". */
export type Change = { text: string; link: LinkName | null };

/** Pure. Nothing for a lab that is as it was. */
export function tellChanges(before: Conditions, now: Conditions, topology: Topology): Change[] {
  const changes: Change[] = now.links.flatMap((link) => {
    const old = before.links.find((known) => known.link === link.link);
    const title = topology.links.find(({ name }) => name === link.link)?.title ?? link.link;
    return old === undefined ? [] : tellLink(old, link).map((text) => ({ text: `${capital(title)} ${text}`, link: link.link }));
  });
  const say = (isChanged: boolean, text: string) => {
    if (isChanged) changes.push({ text, link: null });
  };
  for (const host of ['client', 'server'] as const) {
    const isOn = now.mptcpEnabled[host];
    say(isOn !== before.mptcpEnabled[host], `Multipath TCP is switched ${isOn ? 'on' : 'off'} on the ${host}`);
  }
  const strips = now.stripped === 'all' ? '' : ` (${now.stripped})`;
  say(
    now.stripped !== before.stripped,
    now.stripped === null ? 'The router lets options pass' : `The router strips MPTCP options${strips}`,
  );
  say(
    now.synDropped !== before.synDropped,
    now.synDropped ? 'The router drops each SYN with MP_CAPABLE' : 'The router drops no SYN any more',
  );
  say(!isSame(before.endpoints, now.endpoints), 'The endpoints are changed');
  say(!isSame(before.limits, now.limits), 'The limits are changed');
  return changes;
}

function tellLink(before: LinkConditions, now: LinkConditions): string[] {
  const isUp = ({ near, far }: LinkConditions) => near.adminUp && far.adminUp;
  const { rateKbit, delayMs, lossPercent } = now;
  return [
    ...(isUp(now) === isUp(before) ? [] : [isUp(now) ? 'comes back' : 'goes down']),
    ...(rateKbit === before.rateKbit ? [] : [rateKbit === null ? 'has no limit' : `carries ${formatRate(rateKbit * 1000)}`]),
    ...(delayMs === before.delayMs ? [] : [delayMs === null ? 'has no delay' : `has a delay of ${delayMs} ms`]),
    ...(lossPercent === before.lossPercent ? [] : [lossPercent === 0 ? 'loses nothing' : `loses ${lossPercent} %`]),
  ];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

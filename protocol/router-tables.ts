import type { StrippedFrom } from './condition.ts';
import type { Conditions, HostCommand } from './conditions.ts';
import type { Link, Topology } from './topology.ts';

/** A table of the router's nftables, one for each condition; it is known by its name. */
export type RouterTable = { name: string; rules: string[] };

/** The rest of the name of LOSS is the link's, that of STRIP what is stripped. */
export const LOSS = 'loss-';
export const STRIP = 'strip-';
export const BLACKHOLE = 'drop-mp-capable';

export function routerTables({ links, stripped, synDropped }: Conditions, topology: Topology): RouterTable[] {
  return [
    ...topology.links.flatMap((link) => {
      const percent = links.find((found) => found.link === link.name)?.lossPercent ?? 0;
      return percent === 0 ? [] : [{ name: `${LOSS}${link.name}`, rules: lossRules(link, percent) }];
    }),
    ...(stripped === null ? [] : [{ name: `${STRIP}${stripped}`, rules: [STRIP_RULES[stripped]] }]),
    ...(synDropped ? [{ name: BLACKHOLE, rules: [BLACKHOLE_RULE] }] : []),
  ];
}

/** One transaction of nft(8): no packet passes between the old rules and the new ones. */
export function tableCommands(from: RouterTable[], to: RouterTable[]): HostCommand[] {
  const isIn = (tables: RouterTable[], table: RouterTable) => tables.some((other) => text(other) === text(table));
  const steps = [
    ...from.filter((table) => !isIn(to, table)).map(({ name }) => `delete table inet ${name}`),
    ...to.filter((table) => !isIn(from, table)).map(text),
  ];
  return steps.length === 0 ? [] : [{ host: 'router', line: `nft '${steps.join('; ')}'` }];
}

function text({ name, rules }: RouterTable): string {
  return `table inet ${name} { chain forward { type filter hook forward priority mangle; ${rules.join('; ')}; }; }`;
}

/** By number: older nft(8) has no names for the subtypes of RFC 8684, section 3. 0 is MP_CAPABLE, 2 is DSS. */
const STRIP_RULES: Record<StrippedFrom, string> = {
  syn: 'tcp flags & (syn|ack) == syn reset tcp option mptcp',
  'syn-ack': 'tcp flags & (syn|ack) == (syn|ack) reset tcp option mptcp',
  data: 'tcp flags & syn == 0 tcp option mptcp subtype 2 reset tcp option mptcp',
  all: 'reset tcp option mptcp',
};

const BLACKHOLE_RULE = 'tcp flags & (syn|ack) == syn tcp option mptcp subtype 0 drop';

/** Both directions of a link cross the router, by its interface of that link. */
function lossRules({ near, far }: Link, percent: number): string[] {
  const name = near.host === 'router' ? near.interface : far.interface;
  const drop = percent === 100 ? 'drop' : `numgen random mod 1000 < ${Math.round(percent * 10)} drop`;
  return [`iifname ${name} ${drop}`, `oifname ${name} ${drop}`];
}

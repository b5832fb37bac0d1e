import { CONDITION_RANGES, type Condition, STRIPPED_FROM } from '../../../protocol/condition.ts';
import type { Conditions, LinkConditions } from '../../../protocol/conditions.ts';
import type { TerminalName } from '../../../protocol/lesson/lesson.ts';

/** What somebody has chosen for a lab of their own: it stands in the address of the page. */
export type SetUp = {
  terminals: TerminalName[];
  /** Ids of snippets whose sources are in the homes of client and server. */
  programs: string[];
  /** What a fresh lab is changed to, in this order. Endpoints are left out: the kernel numbers them anew. */
  conditions: Condition[];
};

const LINKS = ['wifi', 'cellular', 'lan'] as const;

/** Networks to begin with, by what they are like; the rates are those of each direction, in kbit/s, `null` for a link that is cut. */
export const NETWORKS = [
  { title: 'Home: 20 and 10 Mbit/s', wifi: 20_000, cellular: 10_000 },
  { title: 'Two equal links: 10 Mbit/s each', wifi: 10_000, cellular: 10_000 },
  { title: 'Fast and slow: 50 and 2 Mbit/s', wifi: 50_000, cellular: 2_000 },
  { title: 'Far from everything: 1 and 0.5 Mbit/s', wifi: 1_000, cellular: 500 },
  { title: 'Wi-Fi alone', wifi: 20_000, cellular: null },
  { title: 'Cellular alone', wifi: null, cellular: 10_000 },
] as const;

/** What makes any lab such a network, whatever its links were before. */
export function conditionsOfNetwork(network: (typeof NETWORKS)[number]): Condition[] {
  return (['wifi', 'cellular'] as const).flatMap((link): Condition[] => {
    const rateKbit = network[link];
    if (rateKbit === null) return [{ kind: 'link-up', link, up: false }];
    return [
      { kind: 'link-rate', link, rateKbit },
      { kind: 'link-up', link, up: true },
    ];
  });
}

/** `terminals=client,router&programs=c&wifi=5000kbit,80ms,2%&cellular=down&strip=syn`. Null where the address says nothing. */
export function readSetUp(address: URLSearchParams, known: Pick<SetUp, 'terminals' | 'programs'>): Partial<SetUp> {
  const list = (name: string) => address.get(name)?.split(',') ?? null;
  const terminals = list('terminals');
  const programs = list('programs');
  const conditions = conditionsIn(address);
  return {
    ...(terminals === null ? {} : { terminals: known.terminals.filter((name) => terminals.includes(name)) }),
    ...(programs === null ? {} : { programs: known.programs.filter((id) => programs.includes(id)) }),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

export function addressOf({ terminals, programs, conditions }: SetUp): string {
  const words = new Map<string, string[]>();
  const add = (name: string, word: string) => words.set(name, [...(words.get(name) ?? []), word]);
  for (const condition of conditions) {
    const [name, word] = wordOf(condition) ?? [];
    if (name !== undefined && word !== undefined) add(name, word);
  }
  const pairs = [
    ['terminals', terminals.join(',')],
    ['programs', programs.join(',')],
    ...[...words].map(([name, all]) => [name, all.join(',')]),
  ];
  return pairs
    .map(([name = '', value = '']) => `${name}=${encodeURIComponent(value).replaceAll('%2C', ',').replaceAll('%20', '+')}`)
    .join('&');
}

/** What was changed of a fresh lab, as conditions that change another fresh one alike. */
export function changesOf(fresh: Conditions, now: Conditions): Condition[] {
  return [
    ...now.links.flatMap((link) => {
      const before = fresh.links.find((candidate) => candidate.link === link.link);
      return before === undefined ? [] : changesOfLink(before, link);
    }),
    ...(now.stripped === fresh.stripped ? [] : [{ kind: 'options-stripped', from: now.stripped } as const]),
    ...(now.synDropped === fresh.synDropped ? [] : [{ kind: 'syn-dropped', dropped: now.synDropped } as const]),
    ...(now.mptcpEnabled.client === fresh.mptcpEnabled.client
      ? []
      : [{ kind: 'mptcp-enabled', enabled: now.mptcpEnabled.client } as const]),
  ];
}

function changesOfLink(from: LinkConditions, { link, near, far, rateKbit, delayMs, lossPercent }: LinkConditions): Condition[] {
  const isUp = near.adminUp && far.adminUp;
  return [
    ...(rateKbit === from.rateKbit ? [] : [{ kind: 'link-rate', link, rateKbit } as const]),
    ...(delayMs === from.delayMs ? [] : [{ kind: 'link-delay', link, delayMs } as const]),
    ...(lossPercent === from.lossPercent ? [] : [{ kind: 'link-loss', link, lossPercent } as const]),
    ...(isUp === (from.near.adminUp && from.far.adminUp) ? [] : [{ kind: 'link-up', link, up: isUp } as const]),
  ];
}

function wordOf(condition: Condition): [string, string] | null {
  switch (condition.kind) {
    case 'link-up':
      return [condition.link, condition.up ? 'up' : 'down'];
    case 'link-rate':
      return [condition.link, `${condition.rateKbit ?? 0}kbit`];
    case 'link-delay':
      return [condition.link, `${condition.delayMs ?? 0}ms`];
    case 'link-loss':
      return [condition.link, `${condition.lossPercent}%`];
    case 'options-stripped':
      return ['strip', condition.from ?? 'none'];
    case 'syn-dropped':
      return ['drop-syn', condition.dropped ? 'yes' : 'no'];
    case 'mptcp-enabled':
      return ['mptcp', condition.enabled ? 'on' : 'off'];
    case 'endpoint-add':
    case 'endpoint-change':
    case 'endpoint-remove':
    case 'limits':
    case 'reset':
      return null;
  }
}

/** What is no word of an address is left out: it may have been cut short on its way. */
function conditionsIn(address: URLSearchParams): Condition[] {
  const strip = STRIPPED_FROM.find((from) => from === address.get('strip'));
  return [
    ...LINKS.flatMap((link) => (address.get(link)?.split(',') ?? []).flatMap((word) => conditionOfLink(link, word) ?? [])),
    ...(strip === undefined ? [] : [{ kind: 'options-stripped', from: strip } as const]),
    ...(address.get('drop-syn') === 'yes' ? [{ kind: 'syn-dropped', dropped: true } as const] : []),
    ...(address.get('mptcp') === 'off' ? [{ kind: 'mptcp-enabled', enabled: false } as const] : []),
  ];
}

function conditionOfLink(link: string, word: string): Condition | null {
  if (word === 'down' || word === 'up') return { kind: 'link-up', link, up: word === 'up' };
  const [, digits = '', unit] = /^(\d+(?:\.\d)?)(kbit|ms|%)$/.exec(word) ?? [];
  const value = Number(digits);
  const { rateKbit, delayMs, lossPercent } = CONDITION_RANGES;
  const within = ({ least, most }: { least: number; most: number }) => value >= least && value <= most;
  if (unit === 'kbit' && (value === 0 || within(rateKbit))) return { kind: 'link-rate', link, rateKbit: value || null };
  if (unit === 'ms' && (value === 0 || within(delayMs))) return { kind: 'link-delay', link, delayMs: value || null };
  if (unit === '%' && within(lossPercent)) return { kind: 'link-loss', link, lossPercent: value };
  return null;
}

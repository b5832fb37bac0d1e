import type { Ability, Unavailable } from '../../protocol/conditions.ts';
import type { LabShell } from './shell.ts';

/** Probed in a lab, since no version tells: distributions build these as modules, or not at all. */
export async function probeAbilities(shell: LabShell): Promise<Unavailable> {
  const unavailable: Unavailable = {};
  for (const { ability, attempt, reason } of ATTEMPTS) {
    const works = await shell.run(attempt).then(
      () => true,
      () => false,
    );
    if (!works) unavailable[ability] = reason;
  }
  return unavailable;
}

const ON_ROUTER = 'nsenter --net=/run/netns/router';

function tryRule(rule: string): string {
  const table = `table inet attempt { chain forward { type filter hook forward priority mangle; ${rule}; }; }`;
  return `${ON_ROUTER} nft '${table}; delete table inet attempt'`;
}

const ATTEMPTS: { ability: Ability; attempt: string; reason: string }[] = [
  {
    ability: 'link-delay',
    attempt: `${ON_ROUTER} tc qdisc add dev lo root netem delay 1ms\n${ON_ROUTER} tc qdisc del dev lo root`,
    reason: 'Links have no delay here: expected a kernel with netem (CONFIG_NET_SCH_NETEM), found one without.',
  },
  {
    ability: 'link-loss',
    attempt: tryRule('numgen random mod 1000 < 1 drop'),
    reason: 'Links lose nothing here: expected a kernel with random numbers in nftables (CONFIG_NFT_NUMGEN), found one without.',
  },
  {
    ability: 'options-stripped',
    attempt: tryRule('reset tcp option mptcp'),
    reason: 'No option can be stripped here: expected a kernel whose nftables can (5.18 or later), found one that cannot.',
  },
  {
    ability: 'syn-dropped',
    attempt: tryRule('tcp flags & (syn|ack) == syn tcp option mptcp subtype 0 drop'),
    reason: 'No SYN can be dropped by its option here: expected a kernel and an nft that match it, found one that cannot.',
  },
];

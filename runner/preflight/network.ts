import { attempt, unprivileged } from './attempt.ts';
import type { Finding, FindingName } from './finding.ts';

/**
 * Tries in a namespace of its own, which then is gone, what the network of a lab is made of.
 * @param root filesystem with the tools: the image, or `/` while there is none
 */
export async function network(root: string): Promise<Finding[]> {
  const sandbox = [
    '--unshare-user',
    '--uid',
    '0',
    '--gid',
    '0',
    '--cap-add',
    'ALL',
    '--unshare-net',
    '--unshare-pid',
    '--die-with-parent',
  ];
  const tried = await attempt(
    unprivileged(['bwrap', ...sandbox, '--ro-bind', root, '/', '--proc', '/proc', '--dev', '/dev', 'sh', '-c', SCRIPT]),
  );
  const steps = tried.kind === 'done' ? readSteps(tried.output) : new Map<string, string>();
  const why = tried.kind === 'failed' ? tried.output : tried.kind === 'absent' ? 'bwrap or setpriv is missing' : '';
  return PROBES.map((probe) => judge(probe, steps.get(probe.name), why));
}

type Probe = {
  name: FindingName;
  title: string;
  /** Whether no lab opens without it. */
  necessary: boolean;
  script: string;
  ok: string;
  without: string;
  remedy: string;
};

const PROBES: Probe[] = [
  {
    name: 'network-namespaces',
    title: 'Network namespaces',
    necessary: true,
    script: 'unshare --net true',
    ok: 'A lab can have hosts of its own.',
    without: 'No network namespace can be made in a user namespace, and every host of a lab is one.',
    remedy: '"sudo sysctl user.max_net_namespaces=15000" allows them; in a container, its seccomp profile must.',
  },
  {
    name: 'veth',
    title: 'veth',
    necessary: true,
    script: 'ip link add probe0 type veth peer name probe1',
    ok: 'Hosts can be joined by links.',
    without: 'No veth pair can be made, and links are such pairs.',
    remedy: '"sudo modprobe veth", or a kernel with CONFIG_VETH.',
  },
  {
    name: 'tbf',
    title: 'tbf',
    necessary: true,
    script: 'tc qdisc add dev lo root tbf rate 10mbit burst 32kbit latency 50ms',
    ok: 'Links can have a rate.',
    without: 'No token bucket filter can be set, so links have no rate.',
    remedy: '"sudo modprobe sch_tbf", or a kernel with CONFIG_NET_SCH_TBF.',
  },
  {
    name: 'netem',
    title: 'netem',
    necessary: false,
    script: 'tc qdisc replace dev lo root netem delay 1ms',
    ok: 'Links can have a delay.',
    without: 'The kernel has no netem: links keep their rates, but add no delay.',
    remedy: '"sudo modprobe sch_netem", or a kernel with CONFIG_NET_SCH_NETEM (Fedora: "sudo dnf install kernel-modules-extra").',
  },
  {
    name: 'nft',
    title: 'nftables',
    necessary: false,
    script: "nft 'table inet probe { chain forward { type filter hook forward priority filter; reset tcp option mptcp; }; }'",
    ok: 'The router can strip options.',
    without: 'The router of a lab cannot strip Multipath TCP from packets.',
    remedy: '"sudo modprobe nf_tables nft_exthdr", or a kernel with CONFIG_NF_TABLES and CONFIG_NFT_EXTHDR.',
  },
];

/** One line a probe: its name, its exit status, and what it said on one line. */
const SCRIPT = PROBES.map(
  ({ name, script }) => `said=$({ ${script}; } 2>&1); status=$?; echo "${name} $status $(echo "$said" | tr '\\n' ' ')"`,
).join('\n');

/** By name: '' for what worked, else what was said. */
export function readSteps(output: string): Map<string, string> {
  return new Map(
    output.split('\n').map((line) => {
      const [, name = '', status, said = ''] = /^(\S+) (\d+) ?(.*)$/.exec(line) ?? [];
      return [name, status === '0' ? '' : `exit status ${status}: ${said.trim()}`];
    }),
  );
}

/** @param said '' when it worked; `undefined` when it was not tried, for the reason `why` */
function judge(probe: Probe, said: string | undefined, why: string): Finding {
  const { name, title, necessary } = probe;
  if (said === '') return { name, title, necessary, state: 'ok', found: probe.ok, remedy: null };
  if (said === undefined) {
    return { name, title, necessary, state: 'limited', found: `Not tried, what is above comes first: ${why}`, remedy: null };
  }
  if (said.startsWith('exit status 127')) {
    const found = 'Not tried yet: the tool for it comes with the image.';
    return { name, title, necessary, state: 'limited', found, remedy: '"npm run image" builds the image.' };
  }
  return {
    name,
    title,
    necessary,
    state: necessary ? 'missing' : 'limited',
    found: `${probe.without} (${said})`,
    remedy: probe.remedy,
  };
}

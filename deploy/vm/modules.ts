import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Without these there are no labs. */
const NEEDED = [
  // The machine's disk and network card
  'virtio_blk',
  'squashfs',
  'virtio_net',
  // Links of labs: what joins hosts, rate, delay
  'veth',
  'sch_tbf',
  'sch_netem',
  // Conditions: options stripped, packets lost
  'nf_tables',
  'nft_numgen',
  // What ss(8) asks: sockets of TCP, UDP, Multipath TCP, Unix, packets and netlink
  'tcp_diag',
  'udp_diag',
  'mptcp_diag',
  'unix_diag',
  'af_packet_diag',
  'netlink_diag',
];

/** Loaded where the kernel has them. */
const WANTED = [
  // The runner's settings, given by qemu
  'qemu_fw_cfg',
  // The power button of a hypervisor: ACPI, or a line of the board on arm64
  'button',
  'gpio_pl061',
  'gpio_keys',
  'evdev',
  // Rules of an administrator in a shell: connection tracking, address translation, limits, refusals
  'nft_ct',
  'nft_chain_nat',
  'nft_nat',
  'nft_masq',
  'nft_redir',
  'nft_limit',
  'nft_log',
  'nft_reject_inet',
  // Queues and congestion control
  'sch_fq',
  'sch_fq_codel',
  'sch_htb',
  'tcp_bbr',
];

export type Module = { name: string; content: Buffer };

/**
 * Kernel modules, each after those that it needs.
 * @param folder of one kernel, as in /usr/lib/modules
 * @param unpack a program that unpacks the xz file which it is given
 * @param builtIn text of the kernel's modules.builtin
 * @throws Error for a needed one that is neither there nor built in
 */
export function modulesInOrder(folder: string, unpack: string[], builtIn: string): Module[] {
  const files = new Map(globSync('kernel/**/*.ko.xz', { cwd: folder }).map((path) => [nameOf(path), join(folder, path)]));
  const inside = new Set(builtIn.split('\n').map(nameOf));
  const ordered = new Map<string, Module>();
  const add = (name: string, why: string) => {
    if (ordered.has(name) || inside.has(name)) return;
    const file = files.get(name);
    if (file === undefined) throw new Error(`Expected the kernel module ${name} in ${folder} (${why}), found none`);
    const [program = '', ...args] = unpack;
    const content = execFileSync(program, [...args, file], { maxBuffer: 64 * 1024 * 1024 });
    for (const before of dependencies(content)) add(before, `for ${name}`);
    ordered.set(name, { name, content });
  };
  for (const name of NEEDED) add(name, 'for labs');
  for (const name of WANTED) if (files.has(name)) add(name, 'wanted');
  return [...ordered.values()];
}

/** What the module says of itself, `depends=a,b` (section .modinfo, kernel/module/main.c). */
export function dependencies(module: Buffer): string[] {
  const [, names = ''] = /\0depends=([^\0]*)\0/.exec(module.toString('latin1')) ?? [];
  return names === '' ? [] : names.split(',').map((name) => name.replaceAll('-', '_'));
}

/** `kernel/net/sched/sch_tbf.ko.xz` -> `sch_tbf`; dash and underscore are one to the kernel. */
function nameOf(path: string): string {
  return basename(path.trim())
    .replace(/\.ko(\.xz)?$/, '')
    .replaceAll('-', '_');
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Unavailable } from '../../protocol/conditions.ts';
import { RUN_HOSTS, type RunHost } from '../../protocol/manifest.ts';
import type { HostName, Topology } from '../../protocol/topology.ts';
import { SEARCH_PATH } from './bubblewrap.ts';
import type { Cgroups, Group } from './cgroups/cgroups.ts';
import { topologyCommands, toScript } from './commands.ts';
import { type LabConditions, openConditions } from './conditions.ts';
import { MAX_FILES } from './disk.ts';
import { HOLDER_FDS, type HolderPlaces, holderCommand, LAB_WORK } from './holder.ts';
import { type Meter, openMeter } from './meter.ts';
import { type LabShell, openShell } from './shell.ts';
import { openWorkDirs, type WorkDirs } from './work-dirs.ts';

/** A live topology. Ends by `close()`, with the runner, or when its holder is killed. */
export type Lab = AsyncDisposable & {
  id: string;
  topology: Topology;
  netem: boolean;
  /** The text that made it, for a learner to read. */
  commands: string;
  shell: LabShell;
  workDirs: WorkDirs;
  conditions: LabConditions;
  /** The argument vector that starts a program on a host of this lab, outside the sandbox, in the runner's place. */
  enter(host: HostName): string[];
  /** As `enter`, for what the runner observes with: no bounds of programs hold for it, and it counts for no run. */
  enterToObserve(host: RunHost): string[];
  /** The descriptor of what `enter` starts that can be read from once it is in its control group, if there are any. */
  startFd: number | undefined;
  /** Called when something will be started by `enter` soon, it makes that faster. */
  prepareEnter(): void;
  /** Counts what programs on a host take from now on. */
  meter(host: HostName): Meter;
  /** Executes a command on a host, as the lab's own root, and gives what it printed. */
  execute(host: HostName, command: string): Promise<string>;
  /** Directory of /proc that shows a host's network counters (proc_pid_net(5)). */
  procNet(host: RunHost): string;
  /** `net.mptcp.enabled`, as it was read after the last change of conditions: no program in the lab may change it. */
  mptcpEnabled(host: RunHost): boolean;
  /** Ports of the server's endpoints, read likewise. */
  endpointPorts(): number[];
  /** Lines of `ip mptcp monitor` on both hosts, from now on. Returns the undo. */
  onMonitorLine(listener: (host: RunHost, line: string) => void): () => void;
  /** Whether it can still be entered; it ends a moment before `closed` resolves. */
  isAlive(): boolean;
  /** Resolves once the lab is gone, however that came. */
  closed: Promise<void>;
  /** Why it is gone, for the log, where that is known. */
  lastWords(): string;
  close(): Promise<void>;
};

export type LabPlan = HolderPlaces & {
  id: string;
  topology: Topology;
  unavailable: Unavailable;
  /** The program that enters a lab, as the machine sees it. */
  enterLab: string;
  /** What all runs of the lab can write together. */
  workBytes: number;
  bounds: LabBounds;
  /** A tool that takes longer does not work on this machine. */
  commandTimeoutMs: number;
};

/** What the programs of one host may take, and the control groups that see to it; `null` where there are none. */
export type LabBounds = { memoryBytes: number; cgroups: Cgroups | null };

/** Makes a lab. Rejects when a command fails, with its output; nothing is left behind then. */
export async function openLab(plan: LabPlan): Promise<Lab> {
  const [program = '', ...args] = holderCommand(plan);
  const holder = spawn(program, args, {
    env: { PATH: SEARCH_PATH },
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  if (holder.pid === undefined) {
    // No such program, or no descriptor left: there are no streams then.
    const [cause] = await once(holder, 'error');
    throw new Error(`Lab ${plan.id} could not be made: ${program} did not start.`, { cause });
  }
  const errors = collectText(holder.stderr);
  const { promise: closed, resolve: onClosed } = Promise.withResolvers<void>();
  holder.once('close', () => onClosed());
  let why = '';
  const giveUp = (reason: string) => {
    why ||= reason;
    holder.kill('SIGKILL');
  };
  const lastWords = () => `${why} ${errors().trim()}`.trim();
  const ended = closed.then((): never => {
    throw new Error(`Lab ${plan.id}: its holder ended. ${lastWords()}`);
  });
  ended.catch(() => {});
  const { commandTimeoutMs: timeoutMs } = plan;
  const starting = setTimeout(() => giveUp(`${program} made no lab within ${timeoutMs} ms.`), timeoutMs);

  try {
    // The types of node:child_process end at the fifth one.
    const pipes: readonly unknown[] = holder.stdio;
    const holderPid = await Promise.race([holderPidFrom(pipe(pipes[HOLDER_FDS.info])), ended]);
    clearTimeout(starting);
    const shell = openShell({ stdin: holder.stdin, stdout: holder.stdout, ended, timeoutMs, onHang: giveUp });
    const netem = plan.unavailable['link-delay'] === undefined;
    const commands = toScript(topologyCommands(plan.topology, netem));
    const monitorPids = (
      await shell.run(
        `${mountWork(plan.workBytes)}\n${OWN_SOCKET_TABLES}\nmkdir -p /run/netns\n${commands}\n${WAIT_FOR_LINKS}\n${START_MONITORS}`,
      )
    )
      .trim()
      .split(/\s+/);
    const workDirs = await openWorkDirs(shell);
    const conditions = openConditions(shell, plan.topology, plan.unavailable);
    const onMonitorLine = monitorLines(pipe(pipes[HOLDER_FDS.clientEvents]), pipe(pipes[HOLDER_FDS.serverEvents]));

    const isOver = () => holder.exitCode !== null || holder.signalCode !== null;
    const groups = new Map<HostName, Group>();
    const groupOf = (host: HostName): Group | null => {
      const known = groups.get(host);
      if (known !== undefined || plan.bounds.cgroups === null || isOver()) return known ?? null;
      const opened = plan.bounds.cgroups.open(`${plan.id}-${host}`);
      groups.set(host, opened);
      return opened;
    };
    // Programs run on these two; the router's is made for its first shell.
    for (const host of RUN_HOSTS) groupOf(host);
    void closed.then(() => Promise.all([...groups.values()].map((group) => group.close())));

    const asUid = plan.uid === null ? [] : ['-u', String(plan.uid)];
    const close = async (): Promise<void> => {
      if (isOver()) return closed;
      // Sockets with unsent data would keep the hosts for a minute: end them first (ss(8), INET_DIAG_DESTROY).
      await Promise.race([shell.run(END_ALL_SOCKETS).catch(() => ''), closed, sleep(END_SOCKETS_MS, null, { ref: false })]);
      holder.kill('SIGKILL');
      await closed;
    };

    return {
      id: plan.id,
      topology: plan.topology,
      netem,
      commands,
      shell,
      workDirs,
      conditions,
      endpointPorts: () =>
        conditions.present().endpoints.flatMap(({ host, port }) => (host === 'server' && port !== null ? [port] : [])),
      mptcpEnabled: (host) => conditions.present().mptcpEnabled[host],
      enter: (host) => [
        plan.enterLab,
        ...asUid,
        ...(groupOf(host)?.procs ?? []).flatMap((procs) => ['-g', procs]),
        ...['-n', String(NICE), String(holderPid), host],
      ],
      enterToObserve: (host) => [plan.enterLab, ...asUid, String(holderPid), host],
      prepareEnter: () => plan.bounds.cgroups?.prepare(),
      startFd: plan.bounds.cgroups === null ? undefined : ENTER_LAB_FD,
      meter: (host) => openMeter({ group: groupOf(host), holderPid, host, memoryBytes: plan.bounds.memoryBytes }),
      execute: (host, command) => shell.runOn(host, command),
      procNet: (host) => `/proc/${holderPid}/root/proc/${monitorPids[host === 'client' ? 0 : 1]}/net`,
      onMonitorLine,
      isAlive: () => canBeSeen(`/proc/${holderPid}/root`),
      closed,
      lastWords,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (cause) {
    clearTimeout(starting);
    holder.kill('SIGKILL');
    throw new Error(`Lab ${plan.id} could not be made. ${lastWords()}`.trim(), { cause });
  }
}

/** Of a lab whose tools do not answer, sockets may stay: the kernel takes them a minute later. */
const END_SOCKETS_MS = 2_000;

/** See enter-lab.c. */
const ENTER_LAB_FD = 8;

/** Programs give way to the runner (nice(1)). */
const NICE = 5;

const mountWork = (bytes: number) =>
  `mount -t tmpfs -o size=${bytes},nr_inodes=${MAX_FILES},mode=0700,nosuid,nodev work ${LAB_WORK}`;

/**
 * Hosts made from now on find their TCP sockets in a small table of their own instead of the machine's (ip-sysctl, Linux 6.1
 * and later). A look at all sockets of a host, and its end, walk the whole table, which takes milliseconds for the machine's.
 */
const OWN_SOCKET_TABLES = 'sysctl --quiet --ignore net.ipv4.tcp_child_ehash_entries=1024';

/** A SYN sent before both ends have a carrier is lost, and its retransmission comes a second later. */
const WAIT_FOR_LINKS = `
for host in client router server; do
  until ! nsenter --net=/run/netns/$host ip -brief link | grep -q DOWN; do sleep 0.002; done
done`;

/** Prints the monitors' pids in the lab, client first. Both have joined their multicast group when it returns. */
const START_MONITORS = `
nsenter --net=/run/netns/client ip mptcp monitor >&${HOLDER_FDS.clientEvents} 2>&1 & echo $!
nsenter --net=/run/netns/server ip mptcp monitor >&${HOLDER_FDS.serverEvents} 2>&1 & echo $!
for host in client server; do
  until nsenter --net=/run/netns/$host awk '$2 == 16 && $4 != "00000000" { found = 1 } END { exit !found }' /proc/net/netlink
  do sleep 0.002; done
done`;

const END_ALL_SOCKETS = `
for host in client server; do nsenter --net=/run/netns/$host ss --kill --tcp --all >/dev/null; done`;

/** A process that ends has no root any more, before its children are killed (proc_pid_root(5); kernel/exit.c). */
function canBeSeen(root: string): boolean {
  try {
    readlinkSync(root);
    return true;
  } catch {
    return false;
  }
}

type MonitorListener = (host: RunHost, line: string) => void;

function monitorLines(client: Readable, server: Readable): (listener: MonitorListener) => () => void {
  const listeners = new Set<MonitorListener>();
  for (const [host, stream] of [
    ['client', client],
    ['server', server],
  ] as const) {
    createInterface({ input: stream }).on('line', (line) => {
      for (const listener of listeners) listener(host, line);
    });
  }
  return (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
}

/** bwrap writes `{ "child-pid": 1234 }` (bwrap(1), --info-fd). */
async function holderPidFrom(info: Readable): Promise<number> {
  const text = collectText(info);
  await once(info, 'end');
  const found = /"child-pid":\s*(\d+)/.exec(text());
  if (found?.[1] === undefined) throw new Error(`bwrap --info-fd: expected a child-pid, found "${text()}"`);
  return Number(found[1]);
}

/** Keeps the first 16 KiB of a stream and reads the rest away. */
function collectText(stream: Readable): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    if (text.length < 16_384) text += chunk.toString();
  });
  return () => text;
}

function pipe(stream: unknown): Readable {
  if (stream instanceof Readable) return stream;
  throw new Error('A pipe of the lab holder is missing');
}

import { join } from 'node:path';
import type { Evidence, FlowNow, MptcpEvent, MptcpSocket } from '../../protocol/evidence.ts';
import { RUN_HOSTS, type RunHost } from '../../protocol/manifest.ts';
import type { Topology } from '../../protocol/topology.ts';
import { connectionsFrom } from './connections.ts';
import { type Counters, differences, parseCounters } from './counters.ts';
import { parseInterfaces } from './interfaces.ts';
import { type KernelFile, openKernelFile } from './kernel-file.ts';
import { type LateEvents, lateEvents } from './late-events.ts';
import { parseMonitorLine } from './monitor.ts';
import { parseSockets } from './sockets.ts';
import { flowsNow, staleCount } from './stale.ts';
import { LIST_TCP_FLOWS, parseTcpFlows } from './tcp-flows.ts';
import { openTcpSockets, type TcpSockets } from './tcp-sockets.ts';
import { openToolTexts, type ToolText } from './tool-texts.ts';

/** What a witness needs of a lab. */
export type WitnessedLab = {
  topology: Topology;
  procNet(host: RunHost): string;
  /** `net.mptcp.enabled` of a host, which only its own network namespace shows. */
  mptcpEnabled(host: RunHost): boolean;
  /** Ports of the server's own endpoints, on which its kernel listens by itself. */
  endpointPorts(): number[];
  /** Executes a command on a host of the lab and gives what it printed. */
  execute(host: RunHost, command: string): Promise<string>;
  onMonitorLine(listener: (host: RunHost, line: string) => void): () => void;
};

/** Reads what the kernel says about a lab's hosts, from outside: files that stay open, events, and one ss when asked. */
export type Witness = {
  /** Whether a TCP or Multipath TCP socket of the server host listens on the port now. */
  serverListensOn(port: number): boolean;
  /** From now on everything counts for a new run of the client. */
  begin(): void;
  /** The moment of the last `evidence`. */
  moment(): Moment;
  /**
   * As `begin` at that moment: what came after it counts for something new. Events that are still to come of connections which
   * were counted by then are kept apart, until they are complete or `giveUp` is called.
   */
  beginAt(moment: Moment): LateEvents;
  giveUp(late: LateEvents): void;
  /** As `begin`, when the client has no connection and opened none since the beginning; false when there was one. */
  rest(): boolean;
  /** Whether the client has no connection now, and none is being opened. */
  isAtRest(): boolean;
  /** Lists the client's sockets, which starts a process: for moments when something changed. */
  lookAtSockets(): Promise<void>;
  /** Lists the client's TCP flows as they are now. This too starts a process. */
  flows(): Promise<FlowNow[]>;
  /** Whether the output of `ss` and `ip mptcp` is wanted, on both hosts. */
  wantToolTexts(wanted: boolean): void;
  /** Where it is wanted: lists the sockets again if that was some time ago. */
  keepLooking(): void;
  /** Where it is wanted: endpoints and limits may have changed. */
  lookAtSettings(): Promise<void>;
  /** What happened since `begin`. */
  evidence(): Evidence;
  /** Another text whenever a packet has crossed the client's links, or the kernel has told an event. Costs little. */
  stamp(): string;
  close(): void;
};

type Counted = {
  mptcp: Record<RunHost, Counters>;
  tcp: Record<RunHost, Counters>;
  interfaces: InterfaceBytes;
};

/** What the kernel had counted and told by then; `made` is how many connections it told of, whether kept or not. */
export type Moment = { counted: Counted; events: MptcpEvent[]; made: number };

/** What a witness tells as it happens. `line` is the kernel's event as the tool printed it. */
export type WitnessListener = { event(host: RunHost, event: MptcpEvent, line: string): void; toolText(text: ToolText): void };

/** How often sockets are listed for who looks at them: a look costs 17 ms of processor time. */
const LOOK_EVERY_MS = 2_000;
/** A connection may be over before the next look: when one begins or changes, the last look may be so young. */
const LOOK_AFTER_EVENT_MS = 200;

export function openWitness(lab: WitnessedLab, kernel: string, listener: WitnessListener): Witness {
  const opened: KernelFile[] = [];
  const closeFiles = () => {
    for (const file of opened) file.close();
  };
  const open = (host: RunHost, name: string): KernelFile => {
    try {
      const file = openKernelFile(join(lab.procNet(host), name));
      opened.push(file);
      return file;
    } catch (error) {
      closeFiles();
      throw error;
    }
  };
  const files = {
    client: { netstat: open('client', 'netstat'), snmp: open('client', 'snmp') },
    server: { netstat: open('server', 'netstat'), snmp: open('server', 'snmp') },
    interfaces: open('client', 'dev'),
  };
  const tcpSockets = (host: RunHost): TcpSockets =>
    openTcpSockets({
      sockstat: open(host, 'sockstat').read,
      sockstat6: open(host, 'sockstat6').read,
      snmp: files[host].snmp.read,
      tcp: open(host, 'tcp').read,
      tcp6: open(host, 'tcp6').read,
    });
  const sockets = { client: tcpSockets('client'), server: tcpSockets('server') };
  let clientEvents: MptcpEvent[] = [];
  let made = 0;
  let late: LateEvents[] = [];
  const keep = (event: MptcpEvent) => {
    late = late.filter((events) => !events.isComplete());
    if (late.some((events) => events.take(event))) return;
    if (event.kind === 'created') made++;
    clientEvents.push(event);
    if (clientEvents.length > MAX_EVENTS) clientEvents = withoutOldest(clientEvents);
  };
  /** How many there were that no packet on a link shows. */
  let changes = 0;
  const listeners = new Map<number, number>();

  const stopListening = lab.onMonitorLine((host, line) => {
    const event = parseMonitorLine(line);
    if (event === null) return;
    changes++;
    if (host === 'client') keep(event);
    if (host === 'server' && event.kind === 'listener-created') {
      listeners.set(event.port, (listeners.get(event.port) ?? 0) + 1);
      mptcpListenPorts.add(event.port);
    }
    if (host === 'server' && event.kind === 'listener-closed') listeners.set(event.port, (listeners.get(event.port) ?? 1) - 1);
    listener.event(host, event, line);
    if (host === 'client') tools.lookIfDue(LOOK_AFTER_EVENT_MS);
  });
  const tools = openToolTexts(lab, listener.toolText);

  const read = (): Counted => ({
    mptcp: perHost((host) => parseCounters(files[host].netstat.read(), 'MPTcpExt')),
    tcp: perHost((host) => parseCounters(files[host].snmp.read(), 'Tcp')),
    interfaces: parseInterfaces(files.interfaces.read()),
  });
  let mptcpSockets: MptcpSocket[] = [];
  let before = read();
  // An event may come a little after the fact: a listener seen after the beginning counts too.
  let mptcpListenPorts = new Set<number>();
  let mptcpEnabled = perHost(lab.mptcpEnabled);
  const endpointPorts = new Set<number>();

  const beginWith = ({ counted, events }: Pick<Moment, 'counted' | 'events'>) => {
    before = counted;
    const since = clientEvents.filter((event) => !events.includes(event));
    clientEvents = [];
    made = 0;
    since.forEach(keep);
    mptcpSockets = [];
    mptcpEnabled = perHost(lab.mptcpEnabled);
    mptcpListenPorts = new Set([...listeners].filter(([, count]) => count > 0).map(([port]) => port));
  };
  let moment: Moment = { counted: before, events: [], made: 0 };
  const isAtRest = () => !sockets.client.connects();

  /** What is switched off, or listens, for a moment only counts too. */
  const noteConditions = () => {
    const wasEnabled = mptcpEnabled;
    mptcpEnabled = perHost((host) => wasEnabled[host] && lab.mptcpEnabled(host));
    if (RUN_HOSTS.some((host) => mptcpEnabled[host] !== wasEnabled[host])) changes++;
    for (const port of lab.endpointPorts()) endpointPorts.add(port);
  };

  return {
    serverListensOn: (port) => sockets.server.listensOn(port),
    begin: () => beginWith({ counted: read(), events: clientEvents }),
    moment: () => moment,
    beginAt(at) {
      const accepted = differences(before.mptcp.client, at.counted.mptcp.client)['MPCapableSYNACKRX'] ?? 0;
      const events = lateEvents(at.events, accepted - at.made, lab.topology);
      late.push(events);
      beginWith(at);
      return events;
    },
    giveUp(events) {
      late = late.filter((other) => other !== events);
    },
    rest() {
      const now = read();
      const hasOpened = OPENED.some((counter) => now.tcp.client[counter] !== before.tcp.client[counter]);
      if (hasOpened || !isAtRest()) return false;
      beginWith({ counted: now, events: clientEvents });
      return true;
    },
    isAtRest,
    async lookAtSockets() {
      const seen = parseSockets(await tools.lookAtSockets());
      if (seen.length === 0) return;
      mptcpSockets = seen;
      changes++;
    },
    stamp() {
      noteConditions();
      return `${changes} ${files.interfaces.read()}`;
    },
    async flows() {
      const { mptcp } = read();
      const stale = perHost((host) => staleCount(differences(before.mptcp[host], mptcp[host])));
      const list = async (host: RunHost) => parseTcpFlows(await lab.execute(host, LIST_TCP_FLOWS));
      const [client, server] = await Promise.all([list('client'), stale.server > 0 ? list('server') : []]);
      return flowsNow({ client, server }, stale);
    },
    wantToolTexts: tools.want,
    keepLooking: () => tools.lookIfDue(LOOK_EVERY_MS),
    lookAtSettings: tools.lookAtSettings,
    evidence() {
      const now = read();
      moment = { counted: now, events: [...clientEvents], made };
      noteConditions();
      return {
        kernel,
        counters: perHost((host) => ({
          mptcp: differences(before.mptcp[host], now.mptcp[host]),
          tcp: differences(before.tcp[host], now.tcp[host]),
        })),
        countersBefore: perHost((host) => ({
          mptcp: differences({}, before.mptcp[host]),
          tcp: differences({}, before.tcp[host]),
        })),
        links: linksSince(lab.topology, before.interfaces, now.interfaces),
        connections: connectionsFrom(clientEvents, lab.topology),
        sockets: mptcpSockets,
        mptcpListenPorts: [...mptcpListenPorts].filter((port) => !endpointPorts.has(port)),
        mptcpEnabled,
      };
    },
    close() {
      stopListening();
      closeFiles();
    },
  };
}

/** Of the Tcp line of /proc/net/snmp: connections that a program asked for, and that came (RFC 4022). */
const OPENED = ['ActiveOpens', 'PassiveOpens'];

/** About 200 connections that are closed: a program that opens one after the other would fill the runner and the page. */
const MAX_EVENTS = 600;

/** Without what the first half tells of connections that are closed by now. */
function withoutOldest(events: MptcpEvent[]): MptcpEvent[] {
  const closed = new Set(events.flatMap((event) => (event.kind === 'closed' ? [event.token] : [])));
  return events.filter((event, index) => index > events.length / 2 || ('token' in event && !closed.has(event.token)));
}

function perHost<T>(read: (host: RunHost) => T): Record<RunHost, T> {
  const [client, server] = RUN_HOSTS;
  return { client: read(client), server: read(server) };
}

type InterfaceBytes = ReturnType<typeof parseInterfaces>;

function linksSince(topology: Topology, before: InterfaceBytes, now: InterfaceBytes): Evidence['links'] {
  const links: Evidence['links'] = {};
  for (const { name, near } of topology.links) {
    if (near.host !== 'client') continue;
    const [from, to] = [before[near.interface], now[near.interface]];
    if (from === undefined || to === undefined) continue;
    links[name] = { sentBytes: to.sentBytes - from.sentBytes, receivedBytes: to.receivedBytes - from.receivedBytes };
  }
  return links;
}

import type { Conditions, HostCommand } from '../../../protocol/conditions.ts';
import type { Evidence, Flow, MptcpEvent } from '../../../protocol/evidence.ts';
import type { FromRunner } from '../../../protocol/message.ts';
import { addressesOf, HOME_TOPOLOGY, type LinkName, type Topology } from '../../../protocol/topology.ts';
import { tellEvent } from './tell-event.ts';

/**
 * What the network of a lab is, and what became of it: the one state that all of its views show. Made of the stream of
 * events alone, so that a recording tells the same story as the run did. Pure.
 */
export type Story = {
  topology: Topology;
  /** Null until the lab has told them. */
  conditions: Conditions | null;
  /** Flows of the client's present run, in the order in which they began; of many, the open and the latest ones. */
  flows: FlowLine[];
  /** Bits per second of each link, both directions, headers included. */
  rates: Partial<Record<LinkName, number>>;
  /** Bytes of each link since the client was started, both directions. */
  samples: Sample[];
  happenings: Happening[];
  /** Commands of the administrator that brought the conditions about, the last ones last. */
  commands: HostCommand[];
  /** Addresses that the peer announced and has not taken back. */
  announced: string[];
};

/** One TCP flow, as a line on the map. `plain` is one that no Multipath TCP connection has. */
export type FlowLine = {
  id: string;
  token: string | null;
  link: LinkName | null;
  state: 'joining' | 'established' | 'closed' | 'plain';
  backup: boolean;
};

/** `atMs` as in the stream. */
export type Sample = { atMs: number; bytes: Partial<Record<LinkName, number>> };

/** A line of the timeline. `link` gives its color. */
export type Happening = { atMs: number; text: string; link: LinkName | null; kind: 'flow' | 'condition' | 'program' | 'verdict' };

/** Enough for ten minutes of ten samples a second; older ones go. */
const MAX_SAMPLES = 6_000;
const MAX_FLOWS = 12;
/** The number of what shells do, in the place of a run's. */
const NO_RUN = 0;
const MAX_HAPPENINGS = 500;
const MAX_COMMANDS = 100;

export function newStory(topology: Topology = HOME_TOPOLOGY): Story {
  return {
    topology,
    conditions: null,
    flows: [],
    rates: {},
    samples: [],
    happenings: [],
    commands: [],
    announced: [],
  };
}

/** The story with one more event in it. What it does not know leaves it as it is. */
export function goOn(story: Story, event: FromRunner): Story {
  const { at } = event;
  switch (event.type) {
    case 'lab-opened':
      return { ...newStory(event.topology) };
    case 'conditions': {
      const told = event.request === null ? story : withCommands(story, at, event.commands);
      return { ...told, conditions: event.conditions, commands: [...told.commands, ...event.commands].slice(-MAX_COMMANDS) };
    }
    case 'run-phase':
      if (event.phase !== 'running') return story;
      // A new client begins a new story on the same network.
      return happened(event.host === 'client' ? withNewClient(story, at) : story, {
        atMs: at,
        text: `The ${event.host} starts: ${event.command}`,
        link: null,
        kind: 'program',
      });
    case 'run-ended':
      return happened(event.host === 'client' ? { ...story, rates: {} } : story, {
        atMs: at,
        text: `The ${event.host} ends`,
        link: null,
        kind: 'program',
      });
    case 'attempt':
      return withNewClient(story, at);
    case 'shell-started':
    case 'shell-ended':
      return story;
    case 'mptcp-event':
      return event.host === 'client' ? withKernelEvent(story, at, event.event) : story;
    case 'evidence':
      return withEvidence(story, at, event.evidence);
    case 'traffic':
      return withTraffic(story, at, event.links);
    case 'verdict':
      if (!event.final) return story;
      return happened(event.run === NO_RUN ? { ...story, rates: {} } : story, {
        atMs: at,
        text: `Verdict: ${event.verdict.headline}`,
        link: null,
        kind: 'verdict',
      });
    case 'lab-closed':
      return { ...story, flows: [], rates: {} };
    case 'welcome':
    case 'draining':
    case 'waiting':
    case 'capture':
    case 'error':
      return story;
  }
}

function withKernelEvent(story: Story, atMs: number, event: MptcpEvent): Story {
  const text = tellEvent(event, story.topology);
  const link = 'flow' in event ? linkOf(event.flow, story.topology) : null;
  const told = text === null ? story : happened(story, { atMs, text, link, kind: 'flow' });
  switch (event.kind) {
    case 'created':
      return withFlow(told, event.token, event.flow, { state: 'joining', backup: false });
    case 'established':
      return withFlow(told, event.token, event.flow, { state: 'established', backup: false });
    case 'subflow-established':
    case 'subflow-priority':
      return withFlow(told, event.token, event.flow, { state: 'established', backup: event.backup });
    case 'subflow-closed':
      return withFlow(told, event.token, event.flow, { state: 'closed', backup: event.backup });
    case 'closed':
      return {
        ...told,
        flows: told.flows.map((flow) => (flow.token === event.token ? { ...flow, state: 'closed' } : flow)),
      };
    case 'announced':
      return { ...told, announced: [...new Set([...told.announced, event.address])] };
    case 'removed':
    case 'listener-created':
    case 'listener-closed':
      return told;
  }
}

function withFlow(story: Story, token: string, flow: Flow, now: Pick<FlowLine, 'state' | 'backup'>): Story {
  const id = `${flow.localAddress}:${flow.localPort}-${flow.remoteAddress}:${flow.remotePort}`;
  const line: FlowLine = { id, token, link: linkOf(flow, story.topology), ...now };
  const isKnown = story.flows.some((known) => known.id === id);
  if (isKnown) return { ...story, flows: story.flows.map((known) => (known.id === id ? line : known)) };
  return { ...story, flows: withRoom([...story.flows, line]) };
}

/** A program may open thousands of connections: those that are closed make room, the oldest first. */
function withRoom(flows: FlowLine[]): FlowLine[] {
  if (flows.length <= MAX_FLOWS) return flows;
  const closed = flows.findIndex(({ state }) => state === 'closed');
  return flows.filter((_, index) => index !== Math.max(0, closed));
}

/** The client's end of a flow names its link: each link has an address of its own. */
function linkOf(flow: Flow, topology: Topology): LinkName | null {
  return addressesOf(topology, 'client').find(({ address }) => address === flow.localAddress)?.link ?? null;
}

function withNewClient(story: Story, atMs: number): Story {
  return { ...story, flows: [], rates: {}, samples: [{ atMs, bytes: {} }], announced: [] };
}

function withTraffic(story: Story, atMs: number, links: Evidence['links']): Story {
  const bytes = Object.fromEntries(
    Object.entries(links).map(([name, { sentBytes, receivedBytes }]) => [name, sentBytes + receivedBytes]),
  );
  const last = story.samples.at(-1);
  const elapsedMs = last === undefined ? 0 : atMs - last.atMs;
  const rates = last === undefined || elapsedMs <= 0 ? story.rates : ratesBetween(last.bytes, bytes, elapsedMs);
  return { ...story, rates, samples: [...story.samples, { atMs, bytes }].slice(-MAX_SAMPLES) };
}

function withEvidence(story: Story, atMs: number, { links, counters }: Evidence): Story {
  const told = withTraffic(story, atMs, links);
  // A plain connection is in no event of Multipath TCP: the bytes say where it goes.
  const isPlain = told.flows.length === 0 && (counters.client.tcp['ActiveOpens'] ?? 0) > 0;
  return isPlain ? { ...told, flows: plainFlows(told.samples.at(-1)?.bytes ?? {}) } : told;
}

function ratesBetween(from: Sample['bytes'], to: Sample['bytes'], elapsedMs: number): Story['rates'] {
  const rates: Story['rates'] = {};
  for (const name of ['wifi', 'cellular', 'lan'] as const) {
    const bytes = to[name];
    if (bytes !== undefined) rates[name] = (Math.max(0, bytes - (from[name] ?? 0)) * 8_000) / elapsedMs;
  }
  return rates;
}

function plainFlows(bytes: Sample['bytes']): FlowLine[] {
  return (['wifi', 'cellular'] as const).flatMap((link) =>
    (bytes[link] ?? 0) > 0 ? [{ id: `plain-${link}`, token: null, link, state: 'plain' as const, backup: false }] : [],
  );
}

function withCommands(story: Story, atMs: number, commands: HostCommand[]): Story {
  return commands.reduce(
    (told, { host, line }) => happened(told, { atMs, text: `On the ${host}: ${line}`, link: linkIn(line), kind: 'condition' }),
    story,
  );
}

function linkIn(line: string): LinkName | null {
  return (['wifi', 'cellular'] as const).find((name) => line.includes(name)) ?? null;
}

function happened(story: Story, happening: Happening): Story {
  return { ...story, happenings: [...story.happenings, happening].slice(-MAX_HAPPENINGS) };
}

import type { Conditions, HostCommand } from '../../../protocol/conditions.ts';
import type { Evidence, FlowNow } from '../../../protocol/evidence.ts';
import type { FromRunner } from '../../../protocol/message.ts';
import { HOME_TOPOLOGY, type LinkName, linkOfClientAddress, type Topology } from '../../../protocol/topology.ts';
import type { Announced } from './announced.ts';
import { type FlowLine, mirrored, plainLines, type Rate, rateBetween, withListed } from './flow-line.ts';
import { afterKernelEvent } from './kernel-event.ts';
import { type Signal, withCapableInVain, withCounted } from './signal.ts';
import { type Counted, NOTHING_COUNTED, tellCounters } from './tell-counters.ts';
import { tellEvent, tellStale } from './tell-event.ts';

/**
 * What the network of a lab is, and what became of it: the one state that all of its views show. Made of the stream of
 * events alone, so that a recording tells the same story as the run did. Pure.
 */
export type Story = {
  /** Of the last event. */
  atMs: number;
  topology: Topology;
  /** Null until the lab has told them. */
  conditions: Conditions | null;
  /** Flows of the client's present run, in the order in which they began; of many, the open and the latest ones. */
  flows: FlowLine[];
  /** Bytes of each link since the client was started, at the last look. */
  carried: { atMs: number; links: Evidence['links'] };
  /** Of each link, headers included. */
  rates: Partial<Record<LinkName, Rate>>;
  /** Bytes of each link since the client was started, both directions. */
  samples: Sample[];
  happenings: Happening[];
  /** What the counters of the client have told so far. */
  counted: Counted;
  /** Commands of the administrator that brought the conditions about, the last ones last. */
  commands: HostCommand[];
  /** Addresses that a host announced to the other one, also those that it took back. */
  announced: Announced[];
  /** What the hosts told each other by options of Multipath TCP, the last one last. */
  signals: Signal[];
};

/** `atMs` as in the stream. */
export type Sample = { atMs: number; bytes: Partial<Record<LinkName, number>> };

/** A line of the timeline. `link` gives its color. One that a counter tells is told anew as it goes on to move. */
export type Happening = {
  atMs: number;
  text: string;
  link: LinkName | null;
  kind: 'flow' | 'condition' | 'program' | 'verdict';
  counter?: string;
};

/** Enough for ten minutes of ten samples a second; older ones go. */
const MAX_SAMPLES = 6_000;
/** The number of what shells do, in the place of a run's. */
const NO_RUN = 0;
const MAX_HAPPENINGS = 500;
const MAX_COMMANDS = 100;

export function newStory(topology: Topology = HOME_TOPOLOGY): Story {
  return {
    atMs: 0,
    topology,
    conditions: null,
    flows: [],
    carried: { atMs: 0, links: {} },
    rates: {},
    samples: [],
    happenings: [],
    counted: NOTHING_COUNTED,
    commands: [],
    announced: [],
    signals: [],
  };
}

/** The story with one more event in it. What it does not know leaves it as it is. */
export function goOn(before: Story, event: FromRunner): Story {
  const { at } = event;
  const story = { ...before, atMs: at };
  switch (event.type) {
    case 'lab-opened':
      return { ...newStory(event.topology), atMs: at };
    case 'conditions': {
      const told = event.request === null ? story : withCommands(story, at - (event.ageMs ?? 0), event.commands);
      return { ...told, conditions: event.conditions, commands: [...told.commands, ...event.commands].slice(-MAX_COMMANDS) };
    }
    case 'run-phase':
      if (event.phase !== 'running') return before;
      // A new client begins a new story on the same network.
      return happened(event.host === 'client' ? withNewClient(story) : story, {
        atMs: at,
        text: `The ${event.host} starts: ${event.command}`,
        link: null,
        kind: 'program',
      });
    case 'run-ended':
      return happened(event.host === 'client' ? withoutClient(story) : story, {
        atMs: at,
        text: `The ${event.host} ends`,
        link: null,
        kind: 'program',
      });
    case 'attempt':
      return withNewClient(story);
    case 'shell-started':
    case 'shell-ended':
      return before;
    case 'mptcp-event': {
      const { host, event: kernel } = event;
      const told = { ...story, ...afterKernelEvent(story, host, kernel) };
      const text = tellEvent(kernel, host, story.topology);
      const flow = !('flow' in kernel) ? null : host === 'client' ? kernel.flow : mirrored(kernel.flow);
      const link = flow === null ? null : linkOfClientAddress(story.topology, flow.localAddress);
      return text === null ? told : happened(told, { atMs: at, text, link, kind: 'flow' });
    }
    case 'flows':
      return withList(story, event.flows);
    case 'evidence':
      return withEvidence(story, event.evidence);
    case 'traffic':
      return withTraffic(story, event.links);
    case 'verdict':
      if (!event.final) return before;
      return happened(event.run === NO_RUN ? withoutClient(story) : story, {
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
    case 'tool-text':
    case 'error':
      return before;
  }
}

function withNewClient(story: Story): Story {
  const { atMs } = story;
  return {
    ...story,
    flows: [],
    carried: { atMs, links: {} },
    rates: {},
    samples: [{ atMs, bytes: {} }],
    announced: [],
    signals: [],
    counted: NOTHING_COUNTED,
  };
}

/** When a connection of Multipath TCP is closed, the kernel says so; of plain TCP nothing does. */
function withoutClient(story: Story): Story {
  const flows = story.flows.map((line): FlowLine => (line.state === 'plain' ? { ...line, state: 'closed' } : line));
  return { ...story, flows, rates: {} };
}

/** No event tells that a subflow became stale, or came back: lists do. */
function withList(story: Story, listed: FlowNow[]): Story {
  const flows = withListed(story.flows, story.atMs, listed, story.topology);
  return flows.reduce(
    (told, line) => {
      const before = story.flows.find(({ id }) => id === line.id)?.state;
      const text = tellStale(line, before, story.topology);
      return text === null ? told : happened(told, { atMs: story.atMs, text, link: line.link, kind: 'flow' });
    },
    { ...story, flows },
  );
}

function withTraffic(story: Story, links: Evidence['links']): Story {
  const { atMs } = story;
  const bytes = Object.fromEntries(
    Object.entries(links).map(([name, { sentBytes, receivedBytes }]) => [name, sentBytes + receivedBytes]),
  );
  return {
    ...story,
    carried: { atMs, links },
    rates: ratesBetween(story, links),
    samples: [...story.samples, { atMs, bytes }].slice(-MAX_SAMPLES),
  };
}

function ratesBetween({ atMs, carried, rates }: Story, links: Evidence['links']): Story['rates'] {
  const now = { ...rates };
  for (const name of ['wifi', 'cellular', 'lan'] as const) {
    const to = links[name];
    const from = carried.links[name] ?? { sentBytes: 0, receivedBytes: 0 };
    const rate = to === undefined ? null : rateBetween({ atMs: carried.atMs, ...from }, { atMs, ...to });
    if (rate !== null) now[name] = rate;
  }
  return now;
}

function withEvidence(story: Story, { links, counters }: Evidence): Story {
  const told = withCounters(withTraffic(story, links), counters);
  // A plain connection is in no event of Multipath TCP: until it is listed, the bytes say where it goes.
  const isPlain = told.flows.every(({ flow }) => flow === null) && (counters.client.tcp['ActiveOpens'] ?? 0) > 0;
  const flows = isPlain ? plainLines(told.samples.at(-1)?.bytes ?? {}) : told.flows;
  const counted = withCounted(told.signals, counters.client);
  return { ...told, flows, signals: withCapableInVain(counted, flows, counters.client.mptcp['MPCapableSYNTX'] ?? 0) };
}

function withCounters(story: Story, counters: Evidence['counters']): Story {
  const { counted, lines } = tellCounters(story.counted, counters, story.atMs);
  if (lines.length === 0) return story;
  const isTold = (line: Happening) => lines.some(({ counter, atMs }) => counter === line.counter && atMs === line.atMs);
  const told: Story = { ...story, counted, happenings: story.happenings.filter((line) => !isTold(line)) };
  return lines.reduce((now, line) => happened(now, { ...line, link: null, kind: 'flow' }), told);
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

/** In order of time: of some the page hears a little later. */
function happened(story: Story, happening: Happening): Story {
  const place = story.happenings.findLastIndex(({ atMs }) => atMs <= happening.atMs) + 1;
  return { ...story, happenings: story.happenings.toSpliced(place, 0, happening).slice(-MAX_HAPPENINGS) };
}

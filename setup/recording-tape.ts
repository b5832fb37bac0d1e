import { StringDecoder } from 'node:string_decoder';
import type { RunHost } from '../protocol/manifest.ts';
import type { FromRunner } from '../protocol/message.ts';
import type { RecordedEvent } from '../protocol/recording.ts';
import { parseSs } from '../protocol/ss-text.ts';
import { type BothListener, RUN_OF } from '../runner/session/run-both.ts';
import { recordedPackets } from './recorded-packets.ts';

/** Keeps what a session tells about both runs, so that two runs of the same differ in times, ports and tokens only. */
export type Tape = BothListener & { end(): { kernel: string; events: RecordedEvent[] } };

/** Of a client that runs for longer, the bytes of each look are kept, so that its throughput can be played too. */
const TRAFFIC_FROM_MS = 1000;

/**
 * Terminal output is kept by lines: how a program's writes are cut into frames differs from run to run. Of the evidence and
 * the verdicts only the last ones are kept: how often a running client is looked at is a matter of time too.
 */
export function openTape(): Tape {
  const events: RecordedEvent[] = [];
  const decoders = perHost(() => new StringDecoder('utf8'));
  const pending = perHost(() => '');
  const packets = recordedPackets();
  let kernel = '';
  let startedAt: number | null = null;

  const keep = (event: RecordedEvent) => {
    startedAt ??= event.type === 'run-phase' ? event.at : null;
    events.push({ ...event, at: Math.max(0, Math.round(event.at - (startedAt ?? event.at))) });
  };
  const print = (host: RunHost, at: number, text: string) => {
    if (text !== '') keep({ at, type: 'output', run: RUN_OF[host], text });
  };

  return {
    event(event: FromRunner) {
      switch (event.type) {
        case 'welcome':
          // Without a distribution's or a machine's own ending.
          kernel = event.kernel.replace(/-.*/, '');
          return;
        case 'lab-opened':
          return keep({ ...event, lab: 'recorded' });
        case 'evidence':
          return keep({ ...event, evidence: { ...event.evidence, kernel } });
        case 'run-ended':
          print(event.host, event.at, pending[event.host]);
          pending[event.host] = '';
          return keep({ ...event, durationMs: Math.round(event.durationMs) });
        case 'conditions':
          // A fresh lab is as its topology says.
          if (event.request !== null) keep(event);
          return;
        case 'capture':
          // Before the client's run there is nothing to tell of.
          if (event.run !== 0) keep(event);
          return;
        case 'run-phase':
        case 'mptcp-event':
        case 'tool-text':
        case 'traffic':
        case 'flows':
        case 'verdict':
          return keep(event);
        case 'waiting':
        case 'lab-closed':
        case 'draining':
        case 'error':
          return;
      }
    },
    output(host, { at, bytes }) {
      const lines = (pending[host] + decoders[host].write(Buffer.from(bytes))).split(/(?<=\n)/);
      // A line that has no end yet waits for it.
      pending[host] = lines.at(-1)?.endsWith('\n') ? '' : (lines.pop() ?? '');
      for (const line of lines) print(host, at, line);
    },
    packets: packets.add,
    wantsToolTexts: true,
    end() {
      for (const event of packets.events(RUN_OF.client)) keep(event);
      const capture = events.findLast((event) => event.type === 'capture');
      if (capture?.type === 'capture') capture.lost = { ...capture.lost, byRecording: packets.leftOut() };
      const isLong = events.some(
        (event) => event.type === 'run-ended' && event.host === 'client' && event.durationMs > TRAFFIC_FROM_MS,
      );
      const kept = events
        .flatMap((event, index) => (isOvertaken(event, events.slice(index + 1)) ? trafficOf(event) : [event]))
        .filter((event) => isLong || (event.type !== 'traffic' && event.type !== 'flows'))
        .filter((event) => event.type !== 'tool-text' || event === keptText(event, events));
      return { kernel, events: kept.filter((event) => !isAmongEqual(event, kept)) };
    },
  };
}

function trafficOf(event: RecordedEvent): RecordedEvent[] {
  return event.type === 'evidence' ? [{ at: event.at, type: 'traffic', run: event.run, links: event.evidence.links }] : [];
}

/** Of a silence, its first and its last moment say all. */
function isAmongEqual(event: RecordedEvent, events: RecordedEvent[]): boolean {
  if (event.type !== 'traffic') return false;
  const looks = events.filter(({ type }) => type === 'traffic');
  const index = looks.indexOf(event);
  const same = (other: RecordedEvent | undefined) =>
    other?.type === 'traffic' && JSON.stringify(other.links) === JSON.stringify(event.links);
  return same(looks[index - 1]) && same(looks[index + 1]);
}

function isOvertaken(event: RecordedEvent, later: RecordedEvent[]): boolean {
  return (event.type === 'evidence' || event.type === 'verdict') && later.some(({ type }) => type === event.type);
}

type ToolTextEvent = Extract<RecordedEvent, { type: 'tool-text' }>;

/** Of all that a tool printed on a host: the last that shows something, since sockets are gone when a program has ended. */
function keptText({ host, tool }: ToolTextEvent, events: RecordedEvent[]): ToolTextEvent | undefined {
  const texts = events.filter(
    (event): event is ToolTextEvent => event.type === 'tool-text' && event.host === host && event.tool === tool,
  );
  const isSocketTool = tool === 'connections' || tool === 'subflows';
  return (isSocketTool ? texts.findLast(({ text }) => parseSs(text).length > 0) : undefined) ?? texts.at(-1);
}

function perHost<T>(make: () => T): Record<RunHost, T> {
  return { client: make(), server: make() };
}

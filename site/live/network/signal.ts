import type { HostCounters } from '../../../protocol/evidence.ts';
import type { RunHost } from '../../../protocol/manifest.ts';
import type { LinkName } from '../../../protocol/topology.ts';
import { type FlowLine, flowId } from './flow-line.ts';

/** An option of Multipath TCP with which one host tells the other something (RFC 8684, section 3); data is none. */
export type Signal = {
  /** The same for the same signal, whether an event of the kernel, a counter or a packet told of it. */
  id: string;
  option: SignalOption;
  from: RunHost;
  /** What it is about: an address, a flow. */
  says: string;
  /** Over which link it went; null where that is not known. */
  link: LinkName | null;
};

export type SignalOption =
  | 'MP_CAPABLE'
  | 'MP_JOIN'
  | 'ADD_ADDR'
  | 'REMOVE_ADDR'
  | 'MP_PRIO'
  | 'MP_FAIL'
  | 'MP_FASTCLOSE'
  | 'MP_TCPRST';

/** More of them say nothing new, and are gone from the map for long. */
const MAX_SIGNALS = 40;

/** `about` tells apart what has the same option: the n-th of the same is the n-th, whoever tells of it. */
export type Told = Omit<Signal, 'id'> & { about: string };

export function withSignal(signals: Signal[], told: Told): Signal[] {
  const { about, ...signal } = told;
  const start = `${told.option} ${told.from} ${about} `;
  const same = signals.findLast(({ id }) => id.startsWith(start));
  const number = same === undefined ? 1 : Number(same.id.slice(start.length)) + 1;
  return [...signals, { ...signal, id: `${start}${number}` }].slice(-MAX_SIGNALS);
}

/** The signals with what the packets of a capture tell beyond events: the link, and those that no event has. */
export function withWire(signals: Signal[], wire: Signal[]): Signal[] {
  const captured = new Map(wire.map((signal) => [signal.id, signal]));
  const known = new Set(signals.map(({ id }) => id));
  // What could not be told apart may be any of the same option.
  const isVague = ({ id, option, from }: Signal) =>
    id.startsWith(`${option} ${from}  `) && !captured.has(id) && wire.some((one) => one.option === option && one.from === from);
  const seen = signals
    .filter((signal) => !isVague(signal))
    .map((signal) => ({ ...signal, link: captured.get(signal.id)?.link ?? signal.link }));
  return [...seen, ...wire.filter(({ id }) => !known.has(id))];
}

/** Where the peer or the way to it knows no Multipath TCP, a counter alone tells that the client asked for it. */
export function withCapableInVain(signals: Signal[], flows: FlowLine[], asked: number): Signal[] {
  const plain = flows.findLast(({ state, began }) => state === 'plain' && began === null);
  if (plain === undefined || signals.filter(({ option }) => option === 'MP_CAPABLE').length >= asked) return signals;
  const about = plain.flow === null ? '' : flowId(plain.flow);
  return withSignal(signals, { option: 'MP_CAPABLE', from: 'client', says: 'in vain', about, link: plain.link });
}

/** What a host's counters alone tell: it sent these, or got them from the other one. Names are the kernel's. */
const COUNTED: { option: SignalOption; sent: string; received: string | null }[] = [
  { option: 'MP_FASTCLOSE', sent: 'MPFastcloseTx', received: 'MPFastcloseRx' },
  { option: 'MP_FAIL', sent: 'MPFailTx', received: 'MPFailRx' },
  // An event tells of those that came.
  { option: 'MP_TCPRST', sent: 'MPRstTx', received: null },
];

/** The signals with those that the client's counters have more of than are told. */
export function withCounted(signals: Signal[], { mptcp }: HostCounters): Signal[] {
  return COUNTED.reduce((all, { option, sent, received }) => {
    const told = (from: RunHost) => all.filter((signal) => signal.option === option && signal.from === from).length;
    const missing = (from: RunHost, name: string | null) => name !== null && (mptcp[name] ?? 0) > told(from);
    const one = (from: RunHost) => withSignal(all, { option, from, says: '', about: '', link: null });
    if (missing('client', sent)) return one('client');
    return missing('server', received) ? one('server') : all;
  }, signals);
}

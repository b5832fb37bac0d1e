import type { FromRunner, RunnerEvent } from '../../../protocol/message.ts';

/** A record, so that the compiler misses a type that is added to the protocol and not here. */
const KNOWN_TYPES: Record<RunnerEvent['type'], true> = {
  welcome: true,
  waiting: true,
  'lab-opened': true,
  'lab-closed': true,
  draining: true,
  conditions: true,
  'run-phase': true,
  'run-ended': true,
  'mptcp-event': true,
  'tool-text': true,
  'shell-started': true,
  'shell-ended': true,
  attempt: true,
  capture: true,
  evidence: true,
  traffic: true,
  flows: true,
  verdict: true,
  error: true,
};

export type ReadMessage = { kind: 'known'; message: FromRunner } | { kind: 'newer' } | { kind: 'malformed' };

/**
 * Reads one text frame. The type and the time are looked at; what a type holds is vouched for by the protocol version
 * that both sides agreed on at the upgrade. A type of a newer runner is no fault: this page can do without it.
 */
export function readMessage(text: string): ReadMessage {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null) return { kind: 'malformed' };
  if (!('type' in value && typeof value.type === 'string' && 'at' in value && typeof value.at === 'number')) {
    return { kind: 'malformed' };
  }
  return isKnown(value, value.type) ? { kind: 'known', message: value } : { kind: 'newer' };
}

function isKnown(_value: object, type: string): _value is FromRunner {
  return Object.hasOwn(KNOWN_TYPES, type);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import type { RunHost } from '../../../protocol/manifest.ts';
import { RECORDED_RUN, type Recording } from '../../../protocol/recording.ts';
import { newScene, type Scene, type SceneEvent, sceneAfter, withPrograms } from '../run/scene.ts';
import { type PacketReel, packetReel } from './packet-reel.ts';
import { countUntil, type OutputReel, type Piece } from './reel.ts';

/** One run, of which every moment can be seen again: a recording's run, or the one that was just seen. */
export type Tape = {
  /** The first and the last moment, as in the stream; in milliseconds. */
  startMs: number;
  endMs: number;
  /** In order of time. */
  events: SceneEvent[];
  /** All that was told until then, asked for in any order. */
  sceneAt(atMs: number): Scene;
  /** What it comes to. */
  last: Scene;
  output: Record<RunHost, OutputReel>;
  packets: PacketReel;
};

export type TapeContent = {
  startMs: number;
  /** As it was before the first event. */
  start: Scene;
  /** In order of time, as are the others. */
  events: SceneEvent[];
  /** Scenes that are known already: each after so many events, in their order. */
  keyframes?: Keyframe[];
  output: Record<RunHost, OutputReel>;
  packets: Piece[];
};

export type Keyframe = { count: number; scene: Scene };

export function openTape({ startMs, start, events: told, keyframes = [], output, packets }: TapeContent): Tape {
  const events = told.map((event) => asCarriedOut(event, startMs)).toSorted((one, other) => one.at - other.at);
  const isMoved = events.some((event, index) => event !== told[index]);
  const last = (pieces: { at: number }[]) => pieces.at(-1)?.at ?? startMs;
  // Packets are told of some time after they were there: they do not make a run longer.
  const endMs = Math.max(last(events), last(output.client.pieces), last(output.server.pieces));
  const sceneAt = scenesOf([{ count: 0, scene: start }, ...(isMoved ? [] : keyframes)], events);
  return { startMs, endMs, events, sceneAt, last: sceneAt(endMs), output, packets: packetReel(events, packets, endMs) };
}

/** What was switched is told when it was read back: here it stands at the time at which it was done. */
function asCarriedOut(event: SceneEvent, startMs: number): SceneEvent {
  if (event.type !== 'conditions' || event.ageMs === undefined) return event;
  const { ageMs, ...rest } = event;
  return { ...rest, at: Math.max(startMs, event.at - ageMs) };
}

export function tapeOfRecording({ events }: Recording): Tape {
  const encoder = new TextEncoder();
  const output = { client: { pieces: [], isCut: false }, server: { pieces: [], isCut: false } } as Record<RunHost, OutputReel>;
  const content: TapeContent = {
    startMs: 0,
    start: withPrograms({ ...newScene(), isVerdictLast: true }, RECORDED_RUN, 'The recording begins.'),
    events: [],
    output,
    packets: [],
  };
  for (const event of events) {
    if (event.type === 'packets') content.packets.push({ at: event.at, bytes: fromBase64(event.records) });
    else if (event.type !== 'output') content.events.push(event);
    else {
      const host = event.run === RECORDED_RUN.server ? 'server' : 'client';
      output[host].pieces.push({ at: event.at, bytes: encoder.encode(event.text) });
    }
  }
  return openTape(content);
}

/** A scene is made anew from the last one before it that is kept: of every so many events, and the one asked for last. */
export const KEYFRAME_EVENTS = 64;

function scenesOf(keyframes: Keyframe[], events: SceneEvent[]): (atMs: number) => Scene {
  const goOn = ({ count, scene }: Keyframe, until: number): Keyframe => {
    return { count: until, scene: events.slice(count, until).reduce(sceneAfter, scene) };
  };
  let latest: Keyframe | undefined;
  return (atMs) => {
    const count = countUntil(events, atMs);
    let keyframe = keyframes.findLast((known) => known.count <= count);
    if (keyframe === undefined) throw new Error('Expected a scene from before the first event, found none');
    while (count - keyframe.count >= KEYFRAME_EVENTS) {
      keyframe = goOn(keyframe, keyframe.count + KEYFRAME_EVENTS);
      keyframes.push(keyframe);
    }
    const isLatestNearer = latest !== undefined && latest.count > keyframe.count && latest.count <= count;
    latest = goOn(isLatestNearer && latest !== undefined ? latest : keyframe, count);
    return latest.scene;
  };
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

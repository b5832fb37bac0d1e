import type { PacketsFrame } from '../../../protocol/frame.ts';
import { RUN_HOSTS, type RunHost } from '../../../protocol/manifest.ts';
import { isLive, type Scene, type SceneEvent, sceneAfter } from '../run/scene.ts';
import type { OutputReel, Piece } from './reel.ts';
import { KEYFRAME_EVENTS, type Keyframe, openTape, type Tape } from './tape.ts';

/** Keeps what is heard of a run, so that it can be seen again; of a long one, the last part. */
export type RunRecorder = {
  /** True when that belongs to the run, and the run is over. */
  hear(event: SceneEvent): boolean;
  output(frame: { run: number; at: number; bytes: Uint8Array }): void;
  packets(frame: PacketsFrame): void;
  /** Null while the run goes on, and where no program came to run. */
  tape(): Tape | null;
  begunAt: Date;
};

/** Of events, as the characters of their messages: three minutes of a busy run. What is older becomes part of the start. */
export const MAX_EVENT_CHARACTERS = 8 * 1024 * 1024;
/** Of each program: more than its terminal's 5000 lines take, as a rule. */
export const MAX_OUTPUT_BYTES = 512 * 1024;
/** Of packets: as much as the runner captures of a run. */
export const MAX_PACKET_BYTES = 1024 * 1024;

/** @param scene in which both programs were just asked for */
export function recordRun(scene: Scene): RunRecorder {
  let start = scene;
  let present = scene;
  let startMs: number | null = null;
  let events: { event: SceneEvent; characters: number }[] = [];
  let keyframes: Keyframe[] = [];
  let eventCharacters = 0;
  const output: Record<RunHost, OutputReel & { bytes: number }> = {
    client: { pieces: [], isCut: false, bytes: 0 },
    server: { pieces: [], isCut: false, bytes: 0 },
  };
  const packets: Piece[] = [];
  let packetBytes = 0;
  let over = false;

  const hostOf = (run: number) => RUN_HOSTS.find((host) => present.programs[host]?.run === run);
  /** A tenth goes at a time: nothing is shifted one by one out of a long list. */
  const makeRoom = () => {
    let gone = 0;
    for (; eventCharacters > MAX_EVENT_CHARACTERS * 0.9 && gone < events.length - 1; gone++) {
      eventCharacters -= events[gone]?.characters ?? 0;
    }
    const known = keyframes.findLast(({ count }) => count <= gone) ?? { count: 0, scene: start };
    const rest = events.slice(known.count, gone);
    start = rest.reduce((scene, { event }) => sceneAfter(scene, event), known.scene);
    events = events.slice(gone);
    keyframes = keyframes.filter(({ count }) => count > gone).map(({ count, scene }) => ({ count: count - gone, scene }));
    startMs = events[0]?.event.at ?? startMs;
  };

  return {
    hear(event) {
      // What is switched after the run is none of it.
      if (over && !AFTER_THE_END.has(event.type)) return false;
      present = sceneAfter(present, event);
      over = RUN_HOSTS.every((host) => present.programs[host] !== null && !isLive(present.programs[host]));
      if (startMs === null && event.type !== 'run-phase') {
        start = present;
        return over;
      }
      startMs ??= event.at;
      const characters = JSON.stringify(event).length;
      events.push({ event: { ...event, at: Math.max(event.at, events.at(-1)?.event.at ?? 0) }, characters });
      eventCharacters += characters;
      if (events.length - (keyframes.at(-1)?.count ?? 0) >= KEYFRAME_EVENTS) {
        keyframes.push({ count: events.length, scene: present });
      }
      if (eventCharacters > MAX_EVENT_CHARACTERS) makeRoom();
      return over;
    },
    output({ run, at, bytes }) {
      const host = hostOf(run);
      if (host === undefined) return;
      const reel = output[host];
      reel.pieces.push({ at, bytes });
      reel.bytes += bytes.length;
      if (reel.bytes <= MAX_OUTPUT_BYTES * 1.25) return;
      let gone = 0;
      while (reel.bytes > MAX_OUTPUT_BYTES) reel.bytes -= reel.pieces[gone++]?.bytes.length ?? 0;
      reel.pieces = reel.pieces.slice(gone);
      reel.isCut = true;
    },
    packets({ run, at, bytes }) {
      if (run !== present.programs.client?.run || packetBytes + bytes.length > MAX_PACKET_BYTES) return;
      packets.push({ at, bytes });
      packetBytes += bytes.length;
    },
    tape() {
      if (!over || startMs === null) return null;
      return openTape({ startMs, start, events: events.map(({ event }) => event), keyframes, output, packets });
    },
    begunAt: new Date(),
  };
}

/** What may be told of a run when both programs are over. */
const AFTER_THE_END = new Set<SceneEvent['type']>(['evidence', 'verdict', 'mptcp-event', 'capture']);

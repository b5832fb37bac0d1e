import * as v from 'valibot';
import { conditionSchema } from './condition.ts';
import type { Conditions, HostCommand } from './conditions.ts';
import type { Evidence, FlowNow, MptcpEvent } from './evidence.ts';
import { RUN_HOSTS, type RunHost } from './manifest.ts';
import type { ResumeTicket } from './resume.ts';
import type { RunEnd } from './run-end.ts';
import type { ImageState } from './status.ts';
import type { ToolName } from './tool.ts';
import { HOST_NAMES, type HostName, type Topology } from './topology.ts';
import type { Verdict } from './verdict.ts';
import type { ConditionFault } from './wanted-conditions.ts';

/** One edited file may hold this much, UTF-8 encoded. */
export const MAX_FILE_BYTES = 256 * 1024;
/** One frame of either direction: all files of a snippet fit. */
export const MAX_FRAME_BYTES = 2 * 1024 * 1024;
/** The runner pauses a program whose output is this far ahead of the page's acknowledgement. */
export const UNACKNOWLEDGED_HIGH_BYTES = 1024 * 1024;
/** The page acknowledges at least once for so many bytes that its terminal has taken in. */
export const ACKNOWLEDGE_EVERY_BYTES = 64 * 1024;

/** Shells of a session that are open at a time. */
export const MAX_SHELLS = 8;
/** Snippets whose sources a shell asks for. */
export const MAX_SHELL_SNIPPETS = 4;

/** A lab takes about 0.1 s for each; more than these do not wait in line. */
export const MAX_WAITING_CONDITIONS = 32;

const runId = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff));
const columns = v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(500));
const rows = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200));

/**
 * What a page says, one JSON text frame each. The page chooses the number of a run, each one higher than the last.
 * Only one run per host is alive: starting another on the same host stops the first.
 */
export const fromPageSchema = v.variant('type', [
  v.strictObject({
    type: v.literal('run'),
    run: runId,
    snippet: v.string(),
    host: v.picklist(RUN_HOSTS),
    /** Edited files by name; what is left out runs as it is shown on the page. */
    files: v.optional(v.record(v.string(), v.string()), {}),
    columns,
    rows,
  }),
  v.strictObject({ type: v.literal('stop'), run: runId }),
  v.strictObject({ type: v.literal('resize'), run: runId, columns, rows }),
  /** All output bytes of that run which the page's terminal has taken in so far, in all. */
  v.strictObject({ type: v.literal('acknowledge'), run: runId, bytes: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  /**
   * Switches something in the lab, while programs run or before; takes a lab if there is none. Each is carried out as a
   * whole and in its turn, and runs that are asked for later see it. Answered by `conditions`, or by an `error`, with the
   * number that the page chose.
   */
  v.strictObject({ type: v.literal('condition'), request: runId, condition: conditionSchema }),
  /**
   * Whether the packets of the client are wanted, in this lab and those that follow. Until they are, nothing is captured. A
   * run that is asked for later has its first packet in the capture.
   */
  v.strictObject({ type: v.literal('packets'), wanted: v.boolean() }),
  /**
   * Whether the output of `ss` and `ip mptcp` on both hosts is wanted, in this lab and those that follow. Until it is, no process is
   * started for it. Sockets are then listed while a client runs, endpoints and limits when they may have changed.
   */
  v.strictObject({ type: v.literal('tool-texts'), wanted: v.boolean() }),
  /**
   * Opens a shell of a host's administrator, in a terminal of its own; its number is one of the runs', and so are its input,
   * output, size and end. Answered by `shell-started`, or by an `error`. Those of a host share its home directory, where the
   * sources of `snippets` are put into a folder of each one's name, once.
   */
  v.strictObject({
    type: v.literal('shell'),
    run: runId,
    host: v.picklist(HOST_NAMES),
    snippets: v.optional(v.pipe(v.array(v.string()), v.maxLength(MAX_SHELL_SNIPPETS)), []),
    columns,
    rows,
  }),
  /** Ends all runs and shells, gives the lab back and takes a fresh one. */
  v.strictObject({ type: v.literal('fresh-lab') }),
]);

export type FromPage = v.InferOutput<typeof fromPageSchema>;

/** What a runner says, one JSON text frame each; `at` is in milliseconds since the session opened. */
export type FromRunner = { at: number } & RunnerEvent;

export type RunnerEvent =
  /** `shells`: whether this runner opens shells. `resume` is `null` where there is no socket to lose. */
  | { type: 'welcome'; version: string; kernel: string; shells: boolean; resume: ResumeTicket | null }
  /**
   * Run waits: for the image to be made, or for a lab to become free (`position` 1 is next). `expectedMs` is a guess from
   * how long labs were kept of late; `null` where there were too few. `ownLimit` is set when the visitor's own address has
   * as many labs as one may have.
   */
  | { type: 'waiting'; for: 'image'; image: ImageState }
  | { type: 'waiting'; for: 'lab'; position: number; expectedMs: number | null; ownLimit: number | null }
  /** `commands` is the text that made the lab, for a learner to read. */
  | { type: 'lab-opened'; lab: string; topology: Topology; netem: boolean; commands: string }
  | { type: 'lab-closed'; why: string }
  /**
   * The runner is about to end: what runs may do so for so many seconds, nothing else is begun, and the session is closed then.
   * A new session may find another runner.
   */
  | { type: 'draining'; seconds: number }
  /**
   * The whole present state of the lab, as its kernel tells it: after `lab-opened` and when a shell changed it (`request` is
   * `null`), and after each condition. `commands` brought it about, and do the same on a machine of one's own; none when it
   * was so already. The kernel had carried them out `ageMs` before `at`: to read all of it back takes time. Also after each
   * `attempt`, `atAttempt`: the state in which it began, and any before it of which that was not told yet.
   */
  | {
      type: 'conditions';
      request: number | null;
      conditions: Conditions;
      commands: HostCommand[];
      ageMs?: number;
      atAttempt?: true;
    }
  | { type: 'run-phase'; run: number; host: RunHost; phase: RunPhase; command: string }
  | { type: 'run-ended'; run: number; host: RunHost; end: RunEnd; durationMs: number; outputBytes: number }
  | { type: 'shell-started'; run: number; host: HostName }
  | { type: 'shell-ended'; run: number; host: HostName; end: RunEnd; outputBytes: number }
  /**
   * A program that was started in a shell opens the client's first connection after a rest. `evidence`, `traffic`,
   * `flows` and `verdict` of run 0 that follow are about what began here, until all of its connections are closed.
   */
  | { type: 'attempt' }
  /** `line` is what `ip mptcp monitor` printed, letter by letter. */
  | { type: 'mptcp-event'; host: RunHost; event: MptcpEvent; line: string }
  /**
   * What an administrator's tool printed on a host, letter by letter, told while it is wanted and when it differs from what was
   * told last. So many lines did not fit into MAX_TOOL_TEXT_BYTES.
   */
  | { type: 'tool-text'; host: RunHost; tool: ToolName; text: string; leftOutLines: number }
  | { type: 'evidence'; run: number; evidence: Evidence }
  /**
   * Bytes of each link since the client was started, as in `evidence`: told where nothing else of it changed, so that a
   * silence is known to be one, and kept by a recording in the place of evidence that later evidence overtakes.
   */
  | { type: 'traffic'; run: number; links: Evidence['links'] }
  /** The client's TCP flows, told when one begins, ends or changes, and each second where they share a link or stand still. */
  | { type: 'flows'; run: number; flows: FlowNow[] }
  /**
   * The capture of the client's packets, told when it is ready, when a client is about to start, when it comes to its limit or
   * fails, and when packets were lost. The packets follow in binary frames with the same run; 0 before the first one.
   */
  | {
      type: 'capture';
      run: number;
      interfaces: CapturedInterface[];
      limits: CaptureLimits;
      limitReached: boolean;
      /** It ended by a fault: none is captured until the next run. */
      failed: boolean;
      lost: LostPackets;
    }
  /** `final` is false while the client program still runs. */
  | { type: 'verdict'; run: number; final: boolean; verdict: Verdict }
  | { type: 'error'; code: ErrorCode; message: string; run?: number; request?: number };

/** An interface of the client by the index that packets have: `{ index: 2, name: 'wifi' }`. */
export type CapturedInterface = { index: number; name: string };

/**
 * How many packets of a run are captured. `control` packets begin or end a subflow or carry an option other than plain DSS;
 * `limitReached` says that there were so many, and that none is captured since. Of data, and what acknowledges it, there is
 * a look at the first packets only.
 */
export type CaptureLimits = { control: number; data: number };

/**
 * Packets of a run that were to be captured and are not there: the kernel had no room for them because the machine was too busy
 * to read them (packet(7), PACKET_STATISTICS), or a recording had none.
 */
export type LostPackets = { byKernel: number; byRecording: number };

/** `waiting`: the client waits until the server listens. */
export type RunPhase = 'building' | 'waiting' | 'running';

export type ErrorCode =
  | 'protocol-version'
  | 'malformed'
  | 'too-large'
  | 'unknown-snippet'
  | 'not-in-image'
  | 'unknown-host'
  | 'unknown-file'
  | 'out-of-order'
  | 'unknown-run'
  | 'unknown-session'
  | 'busy'
  | 'draining'
  | 'shells-off'
  | 'internal'
  | ConditionFault['code']
  /** A tool or the kernel refused; the message has its words. Nothing has changed. */
  | 'condition-failed';

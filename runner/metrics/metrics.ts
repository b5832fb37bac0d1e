import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RunHost } from '../../protocol/manifest.ts';
import type { MetLimit, RunEnd, RunLimit } from '../../protocol/run-end.ts';
import type { AdmissionListener, QueueFull } from '../admission.ts';

/** Why somebody was turned away. */
export type Refused =
  | 'foreign-origin'
  | 'protocol-version'
  | 'draining'
  | 'join-code'
  | 'join-wrong'
  | 'join-guess-limit'
  | 'sessions'
  | 'sessions-per-address'
  | QueueFull['reason'];

/** What is counted of runs. Snippets are those of the runner: nobody else's text becomes a label. */
export type RunMetrics = {
  /** From Run to the first byte of output, which may be a compiler's. */
  firstByte(ms: number, host: RunHost, compiled: boolean): void;
  runEnded(snippet: string, host: RunHost, end: RunEnd): void;
  shellEnded(end: RunEnd): void;
  /** From an event of the client's kernel until evidence was told to the page. */
  evidenceTold(delayMs: number): void;
};

export type Metrics = {
  runs: RunMetrics;
  admission: AdmissionListener;
  refused(reason: Refused): void;
  /** The text format of Prometheus, and its media type. */
  text(): Promise<{ body: string; type: string }>;
};

/** What is asked when somebody looks. */
export type Present = {
  labs(): { open: number; warm: number; making: number; capacity: number; queued: number };
  sessions(): { open: number; total: number };
};

const P = 'hello_mptcp_';
/** Upper bounds in seconds; the goals for the first byte, 0.3 and 2 s, are among them. */
const FIRST_BYTE = [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60];
const MAKING = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const WAITING = [0.01, 0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1_800];
const LIVING = [1, 10, 30, 60, 300, 600, 1_800, 3_600, 7_200];
const DELAYS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2];
const REFUSED: Record<Refused, true> = {
  'foreign-origin': true,
  'protocol-version': true,
  draining: true,
  'join-code': true,
  'join-wrong': true,
  'join-guess-limit': true,
  sessions: true,
  'sessions-per-address': true,
  queue: true,
  'queue-per-address': true,
};
/** Those that end no run, by the labels that the others have. */
const MET: Record<MetLimit['limit'], string> = {
  processes: 'processes',
  'open files': 'open-files',
  files: 'files',
  'MiB of disk': 'disk',
};
const LIMITS: Record<RunLimit, true> = {
  'wall-time': true,
  'idle-time': true,
  'cpu-time': true,
  memory: true,
  'memory-of-all': true,
  output: true,
  'file-size': true,
};

/** Of the library's own: gauges with the name of a counter, which `promtool check metrics` does not like. Others say the same. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** @param withProcess the metrics of this process too, which are those of all runners in it */
export function openMetrics(present: Present, withProcess: boolean): Metrics {
  const registers = [new Registry()];
  const [register = new Registry()] = registers;
  if (withProcess) collectDefaultMetrics({ register });
  for (const name of MISNAMED) register.removeSingleMetric(name);

  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: P + name, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, buckets: number[], labelNames: Label[] = []) =>
    new Histogram({ name: P + name, help, buckets, labelNames, registers });
  const gauge = <Label extends string>(
    name: string,
    help: string,
    read: (self: Gauge<Label>) => void,
    labelNames: Label[] = [],
  ) =>
    new Gauge({
      ...{ name: P + name, help, labelNames, registers },
      collect() {
        read(this);
      },
    });

  const runs = counter('runs_total', 'Runs that ended.', ['snippet', 'host', 'end']);
  const shells = counter('shells_total', 'Shells that ended.', ['end']);
  const limits = counter('limits_hit_total', 'Limits that programs came to.', ['limit']);
  const refused = counter('refused_total', 'Visitors turned away.', ['reason']);
  const firstByte = histogram('first_byte_seconds', 'From Run to the first byte of output.', FIRST_BYTE, ['host', 'compiled']);
  const evidence = histogram('evidence_delay_seconds', "From an event of the client's kernel to the page's evidence.", DELAYS);
  const labMake = histogram('lab_make_seconds', 'Making a lab.', MAKING);
  const labTake = histogram('lab_take_seconds', 'From the wish for a lab to having it.', WAITING);
  const labLife = histogram('lab_life_seconds', 'From giving a lab to its end.', LIVING);
  const queueWait = histogram('queue_wait_seconds', 'Waiting in line of those who had to.', WAITING);
  gauge('labs_capacity', 'Labs there may be at a time.', (self) => self.set(present.labs().capacity));
  gauge(
    'labs',
    'Labs alive: in use, made ahead of need, being made.',
    (self) => {
      const { open, warm, making } = present.labs();
      for (const [state, count] of Object.entries({ open, warm, making })) self.set({ state }, count);
    },
    ['state'],
  );
  gauge('queue_length', 'Visitors that wait for a lab.', (self) => self.set(present.labs().queued));
  gauge('sessions', 'Pages that are connected.', (self) => self.set(present.sessions().open));
  gauge('sessions_capacity', 'Pages that may be connected at a time.', (self) => self.set(present.sessions().total));

  // A rate can be taken from the first one on when its counter was there before, at 0.
  for (const reason of Object.keys(REFUSED)) refused.inc({ reason }, 0);
  for (const limit of [...Object.keys(LIMITS), ...Object.values(MET)]) limits.inc({ limit }, 0);

  const countLimits = (end: RunEnd) => {
    if (end.kind === 'limit') limits.inc({ limit: end.limit });
    else if ('met' in end) for (const { limit } of end.met ?? []) limits.inc({ limit: MET[limit] });
  };

  return {
    runs: {
      firstByte: (ms, host, compiled) => firstByte.observe({ host, compiled: String(compiled) }, ms / 1_000),
      runEnded(snippet, host, end) {
        runs.inc({ snippet, host, end: endLabel(end) });
        countLimits(end);
      },
      shellEnded(end) {
        shells.inc({ end: endLabel(end) });
        countLimits(end);
      },
      evidenceTold: (delayMs) => evidence.observe(delayMs / 1_000),
    },
    admission: {
      made: (ms) => labMake.observe(ms / 1_000),
      given(waitedMs, hadToWait) {
        labTake.observe(waitedMs / 1_000);
        if (hadToWait) queueWait.observe(waitedMs / 1_000);
      },
      givenBack: (lifeMs) => labLife.observe(lifeMs / 1_000),
      refused: (reason) => refused.inc({ reason }),
    },
    refused: (reason) => refused.inc({ reason }),
    text: async () => ({ body: await register.metrics(), type: register.contentType }),
  };
}

/** Which exit code and which signal a program chose is not told: it would be a series for each. */
function endLabel(end: RunEnd): string {
  return end.kind === 'exit' && end.code !== 0 ? 'exit-nonzero' : end.kind;
}

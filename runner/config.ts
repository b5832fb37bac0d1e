import { isIP } from 'node:net';
import { join } from 'node:path';
import * as v from 'valibot';
import { DEFAULT_LIMITS, type Limits } from './sandbox/limits.ts';
import { type JoinCode, readJoinCode } from './server/join/join-code.ts';
import { areLoopback, isLoopbackHost } from './server/origin.ts';
import { isAddressOrNetwork } from './server/source-address.ts';

/** Everything that an operator can set, from environment variables. */
export type Config = {
  host: string;
  port: number;
  /** A socket that listens already, as systemd hands it over (sd_listen_fds(3)); its address must be HOST. `null` without one. */
  handedFd: number | null;
  /** Origins beside `http://HOST:PORT` that a page may come from, when a proxy stands before the runner. */
  publicOrigins: string[];
  /** Addresses and networks of proxies that are believed whom they speak for. */
  trustedProxies: string[];
  join: JoinConfig;
  sessions: { total: number; perAddress: number };
  labs: LabsConfig;
  /** A command of the lab's own that takes longer means that this machine cannot have the lab. */
  labCommandSeconds: number;
  /** What a client of HTTP may take for the head of a request, for its body, and between two reads of the answer. */
  clientSeconds: number;
  /** Where the metrics of Prometheus are served; `null` where they are not. */
  metrics: { host: string; port: number } | null;
  limits: Limits;
  /** Whether learners get shells on the hosts of their labs. */
  shells: boolean;
  /** How long a session is kept whose page was lost. */
  resumeSeconds: number;
  /** How long runs may go on once the runner is asked to end. */
  drainSeconds: number;
  /** A lab that nobody uses is given back after so long. */
  labIdleSeconds: number;
  logLevel: string;
  siteDir: string;
  snippetsDir: string;
  /** Where devices outside of the labs may connect; `null` where they may not. */
  devices: DevicesConfig | null;
};

/** `address` is one of this machine, or `*` for all. Port 0 takes a free one. */
export type DevicesConfig = { address: string; helloPort: number; httpPort: number };

/** `capacity` and `perAddress` are `null` where the machine decides (admission/capacity.ts). */
export type LabsConfig = { capacity: number | null; perAddress: number | null; warm: number; queueLength: number };

/** Whether labs are for those who have a join code. Without one of the operator's, each start makes a new one. */
export type JoinConfig = { wanted: false } | { wanted: true; code: JoinCode | null };

const top = join(import.meta.dirname, '..');
const MIB = 1024 * 1024;

const wholeNumber = (least: number, most: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d+$/, `expected a whole number from ${least} to ${most}`),
    v.transform(Number),
    v.minValue(least, `expected a whole number from ${least} to ${most}`),
    v.maxValue(most, `expected a whole number from ${least} to ${most}`),
  );

const list = (isEntry: (text: string) => boolean, expected: string) =>
  v.pipe(
    v.string(),
    v.transform((text) => text.split(',').filter((part) => part !== '')),
    v.array(v.pipe(v.string(), v.check(isEntry, expected))),
  );

const isOrigin = (text: string) => /^https?:\/\/[^/\s]+$/.test(text) && URL.canParse(text);

const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug'] as const;

const schema = v.object({
  /** Address to listen on. */
  HOST: v.optional(v.pipe(v.string(), v.nonEmpty('expected an address, such as 127.0.0.1')), '127.0.0.1'),
  /** 0 takes a free port. */
  PORT: v.optional(wholeNumber(0, 65_535), '8262'),
  /** Both are set by systemd for the unit of a socket. */
  LISTEN_PID: v.optional(wholeNumber(0, 4_194_304), '0'),
  LISTEN_FDS: v.optional(wholeNumber(0, 1_024), '0'),
  /** Comma-separated, as in https://mptcp.example.org */
  PUBLIC_ORIGINS: v.optional(list(isOrigin, 'expected origins such as https://mptcp.example.org'), ''),
  /** Comma-separated, as in 127.0.0.1,10.0.0.0/8: their X-Forwarded-For is believed. */
  TRUSTED_PROXIES: v.optional(list(isAddressOrNetwork, 'expected addresses or networks such as 10.0.0.0/8'), ''),
  /** 1 lets everybody who can open the site use labs. */
  OPEN: v.optional(v.picklist(['', '0', '1'], 'expected 0 or 1'), ''),
  /** Wanted of who uses labs, instead of a new one at each start. */
  JOIN_CODE: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (text) => text === '' || readJoinCode(text) !== null,
        'expected 9 to 64 letters and digits, such as the runner prints when none is set',
      ),
    ),
    '',
  ),
  /** Pages that are connected at a time; each Run and each switch of a network connects its page. */
  SESSIONS: v.optional(wholeNumber(1, 100_000), '1000'),
  /** Of one IPv4 address, or one /64 of IPv6 addresses; a class behind one router is one. */
  SESSIONS_PER_ADDRESS: v.optional(wholeNumber(1, 100_000), '250'),
  /** Labs alive at a time; as many as memory and cores are good for when it is not set. */
  LABS: v.optional(wholeNumber(1, 1_000)),
  /** Labs of one address at a time; three quarters of all when it is not set. */
  LABS_PER_ADDRESS: v.optional(wholeNumber(1, 1_000)),
  /** Labs made ahead of need. */
  LABS_WARM: v.optional(wholeNumber(0, 100), '2'),
  /** Tools of a lab, such as ip(8), take milliseconds. One that takes so long is broken, and the lab with it. */
  LAB_SECONDS: v.optional(wholeNumber(1, 600), '20'),
  /** A client that sends or takes nothing for so long is cut off; a page's session is asked now and then, and stays. */
  CLIENT_SECONDS: v.optional(wholeNumber(1, 600), '30'),
  /** Sessions that may wait for a lab. */
  QUEUE: v.optional(wholeNumber(0, 10_000), '100'),
  /** `/metrics` is served on a port of its own; nowhere when it is not set. 0 takes a free one. */
  METRICS_PORT: v.optional(wholeNumber(0, 65_535)),
  /** Beyond the loopback address for a scraper elsewhere, where a firewall keeps strangers away. */
  METRICS_HOST: v.optional(v.pipe(v.string(), v.nonEmpty('expected an address, such as 127.0.0.1')), '127.0.0.1'),
  RUN_SECONDS: v.optional(wholeNumber(1, 3_600), String(DEFAULT_LIMITS.wallSeconds)),
  /** A program that does nothing is ended after so long, with what waits for it. */
  RUN_IDLE_SECONDS: v.optional(wholeNumber(1, 3_600), String(DEFAULT_LIMITS.idleSeconds)),
  RUN_CPU_SECONDS: v.optional(wholeNumber(1, 3_600), String(DEFAULT_LIMITS.cpuSeconds)),
  RUN_PROCESSES: v.optional(wholeNumber(8, 10_000), String(DEFAULT_LIMITS.processes)),
  RUN_OUTPUT_MIB: v.optional(wholeNumber(1, 4_096), String(DEFAULT_LIMITS.outputBytes / MIB)),
  RUN_MEMORY_MIB: v.optional(wholeNumber(64, 65_536), String(DEFAULT_LIMITS.memoryBytes / MIB)),
  /** By default on where only this machine can reach the runner. */
  SHELLS: v.optional(v.picklist(['', 'on', 'off'], 'expected on or off'), ''),
  /** So long a page whose network is lost may come back to its session. */
  LAB_IDLE_SECONDS: v.optional(wholeNumber(1, 86_400), '600'),
  RESUME_SECONDS: v.optional(wholeNumber(0, 3_600), '60'),
  /** After SIGTERM programs that run may do so for so long. */
  DRAIN_SECONDS: v.optional(wholeNumber(0, 3_600), '30'),
  LOG_LEVEL: v.optional(v.picklist(LOG_LEVELS, `expected one of ${LOG_LEVELS.join(', ')}`), 'warn'),
  /** Opens two services to devices on the machine's own network: 1 on all its addresses, or the address to open them on. */
  DEVICES: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (text) => ['', '0', '1'].includes(text) || isIP(text) !== 0,
        'expected 0, 1 for all addresses of this machine, or one of its addresses',
      ),
    ),
    '',
  ),
  DEVICES_HELLO_PORT: v.optional(wholeNumber(0, 65_535), '8263'),
  DEVICES_HTTP_PORT: v.optional(wholeNumber(0, 65_535), '8264'),
  SITE_DIR: v.optional(v.string(), join(top, 'dist')),
  SNIPPETS_DIR: v.optional(v.string(), join(top, 'snippets')),
});

/** @throws Error that names every faulty variable, what was expected and what was found */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const isUnclear = environment['OPEN'] === '1' && Boolean(environment['JOIN_CODE']);
  if (isUnclear) throw new Error('Configuration:\n  OPEN, JOIN_CODE: expected one of them, found both');
  const result = v.safeParse(schema, environment);
  if (!result.success) {
    const faults = result.issues.map((issue) => {
      const name = v.getDotPath(issue)?.split('.')[0] ?? '';
      return `  ${name}: ${issue.message}, found "${environment[name]}"`;
    });
    throw new Error(`Configuration:\n${[...new Set(faults)].join('\n')}`);
  }
  const set = result.output;
  return {
    host: set.HOST,
    port: set.PORT,
    handedFd: handedFdOf(set),
    publicOrigins: set.PUBLIC_ORIGINS,
    trustedProxies: set.TRUSTED_PROXIES,
    join: joinOf(set),
    sessions: { total: set.SESSIONS, perAddress: Math.min(set.SESSIONS_PER_ADDRESS, set.SESSIONS) },
    labs: { capacity: set.LABS ?? null, perAddress: set.LABS_PER_ADDRESS ?? null, warm: set.LABS_WARM, queueLength: set.QUEUE },
    labCommandSeconds: set.LAB_SECONDS,
    clientSeconds: set.CLIENT_SECONDS,
    metrics: set.METRICS_PORT === undefined ? null : { host: set.METRICS_HOST, port: set.METRICS_PORT },
    limits: {
      ...DEFAULT_LIMITS,
      wallSeconds: set.RUN_SECONDS,
      idleSeconds: set.RUN_IDLE_SECONDS,
      cpuSeconds: set.RUN_CPU_SECONDS,
      processes: set.RUN_PROCESSES,
      outputBytes: set.RUN_OUTPUT_MIB * MIB,
      memoryBytes: set.RUN_MEMORY_MIB * MIB,
    },
    shells: set.SHELLS === '' ? isLoopbackHost(set.HOST) && set.PUBLIC_ORIGINS.length === 0 : set.SHELLS === 'on',
    resumeSeconds: set.RESUME_SECONDS,
    drainSeconds: set.DRAIN_SECONDS,
    labIdleSeconds: set.LAB_IDLE_SECONDS,
    logLevel: set.LOG_LEVEL,
    siteDir: set.SITE_DIR,
    snippetsDir: set.SNIPPETS_DIR,
    devices: devicesOf(set.DEVICES, set.DEVICES_HELLO_PORT, set.DEVICES_HTTP_PORT),
  };
}

/** The first of them, by sd_listen_fds(3). They may be meant for who started this process. */
const FIRST_FD = 3;

function handedFdOf({ LISTEN_PID, LISTEN_FDS }: v.InferOutput<typeof schema>): number | null {
  if (LISTEN_PID !== process.pid || LISTEN_FDS === 0) return null;
  if (LISTEN_FDS > 1) throw new Error(`Configuration:\n  LISTEN_FDS: expected one socket, found ${LISTEN_FDS}`);
  return FIRST_FD;
}

/** Strangers come where the runner listens beyond the loopback address, and where a proxy gives it a name beyond it. */
function joinOf({ OPEN, JOIN_CODE, HOST, PUBLIC_ORIGINS }: v.InferOutput<typeof schema>): JoinConfig {
  if (OPEN === '1') return { wanted: false };
  const code = readJoinCode(JOIN_CODE);
  return code !== null || !isLoopbackHost(HOST) || !areLoopback(PUBLIC_ORIGINS) ? { wanted: true, code } : { wanted: false };
}

function devicesOf(choice: string, helloPort: number, httpPort: number): DevicesConfig | null {
  if (choice === '' || choice === '0') return null;
  return { address: choice === '1' ? '*' : choice, helloPort, httpPort };
}

import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { basename, join } from 'node:path';
import { buildName, buildsDir, cacheNames, imagePlaces, readImageState, readLeftOut, toolPath } from '../image/location.ts';
import { readSnippets } from '../protocol/read-snippets.ts';
import type { ImageState, Status } from '../protocol/status.ts';
import { PROTOCOL } from '../protocol/version.ts';
import { admissionLimits, thisMachine } from './admission/capacity.ts';
import { type Admission, ImageGone, openAdmission } from './admission.ts';
import type { Config } from './config.ts';
import { type Devices, NO_DEVICES, openDevices } from './devices/devices.ts';
import { openCgroups } from './lab/cgroups/cgroups.ts';
import { LAB_BUILDS, LAB_CACHES, LAB_FILTER, LAB_SHELL_FILTER, LAB_TOOLS } from './lab/holder.ts';
import type { Lab } from './lab/lab.ts';
import { labMaker } from './lab/maker.ts';
import { openLog } from './log.ts';
import { type Metrics, openMetrics } from './metrics/metrics.ts';
import { openTerminals } from './run/terminals/terminals.ts';
import { seccompFilter } from './sandbox/seccomp/filter.ts';
import { SHELL_POLICY } from './sandbox/seccomp/policy.ts';
import { type SessionPlaces, sessionPlaces } from './server/session-places.ts';
import type { SessionWorld } from './session/session.ts';

/** Everything that sessions share, put together from the configuration. */
export type World = {
  session: SessionWorld;
  admission: Admission<Lab>;
  places: SessionPlaces;
  devices: Devices;
  metrics: Metrics;
  status: () => Omit<Status, 'join' | 'draining'>;
};

/** @throws Error with every fault of every snippet's manifest, or on a machine without a system call filter */
export function openWorld(config: Config): World {
  const log = openLog(config.logLevel);
  const snippets = readSnippets(config.snippetsDir);
  const { imageState, lookAgain } = onceReady(readImageState);
  const imageFault = (cause?: unknown): ImageGone | null => {
    const image = lookAgain();
    return image.state === 'ready' ? null : new ImageGone(image, { cause });
  };
  const cgroups = openCgroups(config.limits);
  if ('why' in cgroups) log.warn({ why: cgroups.why }, 'no control groups: limits are those of each process');
  const bounds = { memoryBytes: config.limits.memoryBytes, cgroups: 'why' in cgroups ? null : cgroups };
  const labs = labMaker(imagePlaces(), bounds, config.labCommandSeconds * 1_000);
  const filter = seccompFilter();
  const shellFilter = seccompFilter(process.arch, SHELL_POLICY);
  const places = sessionPlaces(config.sessions);
  const present = { labs: () => labAdmission.counts(), sessions: places.counts };
  const metrics = openMetrics(present, config.metrics !== null);
  const labAdmission = openAdmission({
    ...admissionLimits(config.labs, thisMachine()),
    async makeLab() {
      const lab = await labs.make().catch((cause: unknown) => {
        throw imageFault(cause) ?? cause;
      });
      try {
        await Promise.all([lab.shell.put(LAB_FILTER, filter), lab.shell.put(LAB_SHELL_FILTER, shellFilter)]);
      } catch (error) {
        await lab.close();
        throw error;
      }
      return lab;
    },
    imageState: readImageState,
    onMakeFailed: (error) => log.error({ err: error }, 'a lab could not be made'),
    on: metrics.admission,
  });
  const admission: Admission<Lab> = {
    ...labAdmission,
    async close() {
      await labAdmission.close();
      await terminals.close();
      if (!('why' in cgroups)) await cgroups.close();
    },
  };
  const terminals = openTerminals();
  const cacheOf = cacheNames();
  const builds = buildsDir();

  const devices =
    config.devices === null
      ? NO_DEVICES
      : openDevices({
          ...config.devices,
          filter,
          uid: process.getuid?.() === 0 ? DEVICES_UID : null,
          listenProgram: toolPath(join(import.meta.dirname, 'devices/device-listen.c')),
          serveProgram: toolPath(join(import.meta.dirname, 'devices/device-service.c')),
          ready: () => imageState().state === 'ready',
          onFault: (message) => log.error(message),
        });

  return {
    admission,
    places,
    devices,
    metrics,
    session: {
      version: VERSION,
      kernel: release(),
      snippets,
      leftOut: readLeftOut(),
      admission: admission.from(null),
      imageFault,
      limits: config.limits,
      labIdleSeconds: config.labIdleSeconds,
      shells: config.shells,
      caches: new Map([...cacheOf].map(([id, name]) => [id, `${LAB_CACHES}/${name}`])),
      builds(snippet, host) {
        const name = buildName(snippet, host, cacheOf.get(snippet.id) ?? null);
        return name !== null && existsSync(join(builds, name)) ? `${LAB_BUILDS}/${name}` : null;
      },
      terminals,
      runTools: { ptySteps: inLab('run/pty-steps.c'), beginProgram: inLab('sandbox/begin-program.c') },
      log,
      metrics: metrics.runs,
    },
    status: () => ({
      version: VERSION,
      protocol: PROTOCOL,
      // Each lab switches Multipath TCP on for itself: what counts is that the kernel has it (mptcp-sysctl).
      kernel: { release: release(), mptcp: existsSync('/proc/sys/net/mptcp/enabled'), netem: labs.netem() },
      image: imageState(),
      labs: admission.counts(),
      snippets: snippets.map((snippet) => snippet.id),
      leftOut: readLeftOut(),
      devices: devices.state(),
    }),
  };
}

/** Below the uids of labs (lab/maker.ts), and as far from those of people and services. */
const DEVICES_UID = 1_899_999_999;

/** The path in a lab of one of the project's own programs, by its source. */
function inLab(source: string): string {
  return `${LAB_TOOLS}/${basename(toolPath(join(import.meta.dirname, source)))}`;
}

const VERSION = String(JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')).version);

/** An image that is ready stays so, and need not be looked for at each question, until something fails. */
function onceReady(read: () => ImageState): { imageState(): ImageState; lookAgain(): ImageState } {
  let known: ImageState | null = null;
  const lookAgain = () => {
    known = read();
    return known;
  };
  return { imageState: () => (known?.state === 'ready' ? known : lookAgain()), lookAgain };
}

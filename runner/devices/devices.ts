import { networkInterfaces } from 'node:os';
import type { DeviceSighting, DeviceState } from '../../protocol/device.ts';
import { judgeDevice } from '../../protocol/device-verdict.ts';
import type { DeviceServicePlan } from './command.ts';
import { failureWords, parseServiceLine, type ServiceLine } from './service-line.ts';
import { type ServiceProcess, startService } from './service-process.ts';

/** The services for devices outside of the labs, and what their kernel said of who came. */
export type Devices = {
  state(): DeviceState;
  /** The latest connections, oldest first. */
  sightings(): DeviceSighting[];
  /** Each connection that comes, changes or closes, from now on. Returns the undo. */
  onSighting(listener: (sighting: DeviceSighting) => void): () => void;
  close(): Promise<void>;
};

export type DevicesPlan = DeviceServicePlan & {
  /** A program of seccomp(2), as bwrap takes it. */
  filter: Uint8Array;
  /** Whether the programs are compiled. */
  ready: () => boolean;
  onFault: (message: string) => void;
};

/** Kept for pages that open later. */
const MAX_SIGHTINGS = 50;
/** How often it is looked whether the image is ready, or what kept the services from opening is gone. */
const RETRY_MS = 2_000;

/** What a runner has where its operator did not switch the services on. */
export const NO_DEVICES: Devices = {
  state: () => ({ state: 'off' }),
  sightings: () => [],
  onSighting: () => () => {},
  close: async () => {},
};

/** Opens the services, again and again until it works. What fails is told once, and the rest of the runner goes on. */
export function openDevices(plan: DevicesPlan): Devices {
  const sightings = new Map<string, DeviceSighting>();
  const listeners = new Set<(sighting: DeviceSighting) => void>();
  let state: DeviceState = { state: 'starting' };
  let service: ServiceProcess | null = null;
  let retry: NodeJS.Timeout | undefined;
  let closing = false;
  let starts = 0;

  const fail = (message: string) => {
    if (state.state !== 'failed' || state.message !== message) plan.onFault(message);
    state = { state: 'failed', message };
  };
  const hear = (line: ServiceLine) => {
    switch (line.event) {
      case 'listening':
        state = { state: 'on', addresses: addressesOf(plan.address), helloPort: line.helloPort, httpPort: line.httpPort };
        return;
      case 'failed':
        return fail(failureWords(line));
      case 'refused':
        return;
      case 'opened':
      case 'updated':
      case 'closed':
        return see(line);
    }
  };
  const see = ({ event, ...said }: Extract<ServiceLine, { event: 'opened' | 'updated' | 'closed' }>) => {
    // The service counts from 1 again after a restart.
    const key = `${starts} ${said.id}`;
    const before = sightings.get(key);
    const { strippedAcks } = before?.connection ?? {};
    // Only the first line tells how it was opened.
    const connection = strippedAcks === undefined ? said : { ...said, strippedAcks };
    const open = event !== 'closed';
    const sighting = { at: before?.at ?? Date.now(), open, connection, verdict: judgeDevice(connection, open) };
    sightings.set(key, sighting);
    const [oldest] = sightings.keys();
    if (sightings.size > MAX_SIGHTINGS && oldest !== undefined) sightings.delete(oldest);
    for (const listener of listeners) listener(sighting);
  };

  const start = () => {
    if (closing) return;
    if (!plan.ready()) {
      retry = setTimeout(start, RETRY_MS);
      return;
    }
    starts++;
    const started = startService(plan, plan.filter, (text) => {
      try {
        hear(parseServiceLine(text));
      } catch (error) {
        plan.onFault(error instanceof Error ? error.message : String(error));
      }
    });
    service = started;
    void started.ended.then((why) => {
      service = null;
      if (closing) return;
      if (state.state !== 'failed') fail(`The services for devices ended with ${why}`);
      retry = setTimeout(start, RETRY_MS);
    });
  };
  start();

  return {
    state: () => state,
    sightings: () => [...sightings.values()],
    onSighting(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closing = true;
      clearTimeout(retry);
      service?.kill();
      await service?.ended;
    },
  };
}

/** Where devices find this machine: the address that it listens on, or all that are not for itself or one cable only. */
function addressesOf(address: string): string[] {
  if (address !== '*') return [address];
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, scopeid, address }) => !internal && !scopeid && !address.startsWith('169.254.'))
    .map(({ address }) => address);
}

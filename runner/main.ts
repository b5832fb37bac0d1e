import './execute/young-generation.ts';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describeCapacity, thisMachine } from './admission/capacity.ts';
import { type Config, readConfig } from './config.ts';
import { openHttp } from './server/http.ts';
import { type Gate, openGate } from './server/join/gate.ts';
import { type Invitation, invitationLines, invitationOf } from './server/join/invitation.ts';
import { newJoinCode } from './server/join/join-code.ts';
import { reachableAt } from './server/join/reachable.ts';
import { openMetricsServer } from './server/metrics-server.ts';
import { acceptSessions } from './server/socket.ts';
import { isLoopback, type SourceAddress, trustProxies } from './server/source-address.ts';
import { openWorld } from './world.ts';

/** The runner, listening at `address`. `close` ends all sessions and labs. */
export type Runner = {
  address: string;
  /** How many labs there may be at a time, and what says so. */
  capacity: string;
  /** `null` where no join code is wanted. */
  invitation: Invitation | null;
  /** Where a scraper finds the metrics; `null` without METRICS_PORT. */
  metricsAddress: string | null;
  /** Begins nothing more, lets what runs end for a while, then closes. */
  drain(): Promise<void>;
  close(): Promise<void>;
};

/** @throws Error when the configuration, a manifest or the address is faulty */
export async function serve(environment: Record<string, string | undefined> = process.env): Promise<Runner> {
  const config = readConfig(environment);
  const { session, admission, places, devices, metrics, status } = openWorld(config);
  const { siteDir, publicOrigins, clientSeconds } = config;
  const gate = gateOf(config);
  const proxies = trustProxies(config.trustedProxies);
  const onRefused = metrics.refused;
  const metricsServer = config.metrics && (await openMetricsServer(config.metrics, metrics));
  let isDraining = false;
  const http = await openHttp({
    ...{ siteDir, publicOrigins, clientSeconds, proxies, gate, onRefused, devices },
    status: () => ({ ...status(), draining: isDraining }),
    readiness: () => (isDraining ? 'closing' : places.areFull() ? 'full' : admission.readiness()),
  });
  const labsFor = (source: SourceAddress) => admission.from(isLoopback(source) ? null : source);
  const door = { publicOrigins, proxies, gate, places, labsFor, onRefused };
  const sessions = acceptSessions(http.server, session, door, config.resumeSeconds);
  const address = `${await http.listen(whereToListen(config))}/`;
  const [bound] = http.addresses();
  const strayed = config.handedFd === null ? null : strayedFrom(config.host, bound);
  if (strayed !== null) {
    await http.close();
    throw new Error(strayed);
  }
  const port = typeof bound === 'object' ? bound.port : config.port;
  let closed: Promise<void> | null = null;
  const close = () => {
    closed ??= closeAll();
    return closed;
  };
  const closeAll = async () => {
    await sessions.close();
    await admission.close();
    await devices.close();
    await http.close();
    await metricsServer?.close();
  };
  return {
    address,
    capacity:
      config.labs.capacity === null ? describeCapacity(thisMachine()) : `Up to ${config.labs.capacity} labs at a time (LABS).`,
    invitation: gate && invitationOf(gate, reachableAt({ host: config.host, port, publicOrigins }, networkInterfaces())),
    metricsAddress: metricsServer?.address ?? null,
    async drain() {
      isDraining = true;
      await sessions.drain(config.drainSeconds);
      await close();
    },
    close,
  };
}

/** What to print once the runner listens: its address first. */
export function greeting({ address, capacity, invitation }: Runner): string[] {
  return [address, capacity, ...(invitation === null ? [] : invitationLines(invitation, process.stdout.isTTY))];
}

function whereToListen({ host, port, handedFd }: Config): { host: string; port: number } | { host: string; fd: number } {
  return handedFd === null ? { host, port } : { host, fd: handedFd };
}

/** HOST decides who is asked for the join code: a socket that strangers reach must not be taken for one of this machine. */
function strayedFrom(host: string, bound: AddressInfo | string | undefined): string | null {
  const found = typeof bound === 'object' ? bound.address : 'a socket without one';
  if (found === host) return null;
  return `Configuration:\n  HOST: expected ${found}, the address of the socket that systemd handed over, found "${host}"`;
}

function gateOf({ join }: Config): Gate | null {
  return join.wanted ? openGate(join.code ?? newJoinCode()) : null;
}

/** SIGTERM lets runs end before this process does. A second one, an interrupt, or the end of who started it ends all at once. */
export function endBySignals(runner: Runner): void {
  const exit = () => process.exit(0);
  const endNow = () => void runner.close().then(exit);
  for (const name of ['SIGINT', 'SIGHUP', 'disconnect'] as const) process.once(name, endNow);
  process.once('SIGTERM', () => {
    process.once('SIGTERM', endNow);
    void runner.drain().then(exit);
  });
}

if (import.meta.main) {
  const runner = await serve();
  for (const line of greeting(runner)) console.log(line);
  endBySignals(runner);
}

import { readConfig } from './config.ts';
import { openHttp } from './server/http.ts';
import { acceptSessions } from './server/socket.ts';
import { openWorld } from './world.ts';

/** The runner, listening at `address`. `close` ends all sessions and labs. */
export type Runner = { address: string; close(): Promise<void> };

/** @throws Error when the configuration, a manifest or the address is faulty */
export async function serve(environment: Record<string, string | undefined> = process.env): Promise<Runner> {
  const config = readConfig(environment);
  const { session, admission, devices, status } = openWorld(config);
  const { siteDir, publicOrigins } = config;
  const http = await openHttp({ siteDir, publicOrigins, status, ready: admission.ready, devices });
  const sessions = acceptSessions(http.server, session, publicOrigins);
  const address = await http.listen({ host: config.host, port: config.port });
  return {
    address: `${address}/`,
    async close() {
      await sessions.close();
      await admission.close();
      await devices.close();
      await http.close();
    },
  };
}

if (import.meta.main) {
  const runner = await serve();
  console.log(runner.address);
  const end = () => void runner.close().then(() => process.exit(0));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  // Started by another process of this project: its death is ours.
  process.once('disconnect', end);
}

import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { basename, join } from 'node:path';
import { pino } from 'pino';
import { imageRoot, readImageState, toolPath, toolsDir } from '../image/location.ts';
import type { ImageState } from '../protocol/status.ts';
import { PROTOCOL } from '../protocol/version.ts';
import { openAdmission } from './admission.ts';
import { readConfig } from './config.ts';
import { LAB_TOOLS } from './lab/holder.ts';
import { labMaker } from './lab/maker.ts';
import { openHttp } from './server/http.ts';
import { acceptSessions } from './server/socket.ts';
import { readSnippets } from './snippets.ts';

/** The runner, listening. `close` ends all sessions and labs. */
export type Runner = { address: string; close(): Promise<void> };

/** @throws Error when the configuration, a manifest or the address is faulty */
export async function serve(environment: Record<string, string | undefined> = process.env): Promise<Runner> {
  const config = readConfig(environment);
  const log = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true }));
  const snippets = readSnippets(config.snippetsDir);
  // Each lab switches Multipath TCP on for itself; that the kernel has it is enough (mptcp-sysctl).
  const mptcp = existsSync('/proc/sys/net/mptcp/enabled');
  const labs = labMaker({ imageRoot: imageRoot(), toolsDir: toolsDir() });

  const admission = openAdmission({
    ...config.labs,
    makeLab: labs.make,
    imageState: readImageState,
    onMakeFailed: (error) => log.error({ err: error }, 'a lab could not be made'),
  });
  const imageState = onceReady(readImageState);
  const http = await openHttp({
    siteDir: config.siteDir,
    publicOrigins: config.publicOrigins,
    ready: admission.ready,
    status: () => ({
      version: VERSION,
      protocol: PROTOCOL,
      kernel: { release: release(), mptcp, netem: labs.netem() },
      image: imageState(),
      labs: admission.counts(),
      snippets: snippets.map((snippet) => snippet.id),
    }),
  });
  const sessions = acceptSessions(
    http.server,
    {
      version: VERSION,
      kernel: release(),
      snippets,
      admission,
      limits: config.limits,
      ptySteps: `${LAB_TOOLS}/${basename(toolPath(join(import.meta.dirname, 'run/pty-steps.c')))}`,
      log: (fields, message) => log.info(fields, message),
    },
    config.publicOrigins,
  );
  const address = await http.listen({ host: config.host, port: config.port });
  return {
    address: `${address}/`,
    async close() {
      await sessions.close();
      await admission.close();
      await http.close();
    },
  };
}

const VERSION = String(JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')).version);

/** An image that is ready stays so, and need not be looked for at each question. */
function onceReady(read: () => ImageState): () => ImageState {
  let known: ImageState | null = null;
  return () => {
    if (known?.state !== 'ready') known = read();
    return known;
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

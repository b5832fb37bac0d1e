import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { imagePlaces } from '../../image/location.ts';
import type { RunHost } from '../../protocol/manifest.ts';
import type { RunnerEvent } from '../../protocol/message.ts';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { parseInterfaces } from '../../runner/evidence/interfaces.ts';
import { openWitness } from '../../runner/evidence/witness.ts';
import { labMaker } from '../../runner/lab/maker.ts';
import { packetFeed } from '../../runner/session/packet-feed.ts';
import { watch } from '../../runner/session/watch.ts';

/**
 * A lab with a bulk transfer, in a process of its own, whose evidence is switched on and off: what it costs is the
 * difference. Without a sandbox, a terminal or a session. Asked by messages (WatchedLabAsk), it answers each when it is done.
 */
export type WatchedLabAsk = 'watch' | 'leave' | 'transfer' | 'bytes';
/** The address of its WebSocket comes first. `bytes`: on both links of the client so far. */
export type WatchedLabAnswer = { address: string } | { done: WatchedLabAsk; bytes: number };

const ENDLESS_SECONDS = 3_600;
const LINKS = ['wifi', 'cellular'];

const lab = await labMaker(imagePlaces()).make();
const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
const send = (data: string | Uint8Array) => {
  for (const socket of sockets.clients) socket.send(data);
};
const now = () => performance.now();
const tell = (event: RunnerEvent) => send(JSON.stringify({ at: now(), ...event }));
let leave: (() => Promise<void>) | null = null;

/** As a session does for a run that it watches, with its packets. */
async function beginWatch(): Promise<void> {
  const witness = openWitness(lab, '', {
    event: (host, event, line) => tell({ type: 'mptcp-event', host, event, line }),
    toolText: (text) => tell({ type: 'tool-text', ...text }),
  });
  const packets = packetFeed({ now, tell, sendFrame: send, fail: fault });
  packets.want(true);
  packets.enter(lab);
  await packets.begin(1);
  witness.begin();
  const watching = watch(
    witness,
    lab.topology,
    (evidence, verdict, final) => {
      tell({ type: 'evidence', run: 1, evidence });
      if (verdict !== null) tell({ type: 'verdict', run: 1, final, verdict });
    },
    (links) => tell({ type: 'traffic', run: 1, links }),
    (flows) => tell({ type: 'flows', run: 1, flows }),
  );
  leave = async () => {
    watching.abandon();
    witness.close();
    await packets.close();
  };
}

function startTransfer(): void {
  const { sources } = readSnippets('snippets').find(({ id }) => id === 'bulk-python') ?? {};
  start('server', sources?.['server.py'] ?? '');
  start('client', (sources?.['client.py'] ?? '').replace(/^SECONDS = \d+$/m, `SECONDS = ${ENDLESS_SECONDS}`));
}

/** What enters a lab is not in its pid namespace, and would outlive it (setpriv(1)). */
const ENDS_WITH_ITS_PARENT = ['/usr/bin/setpriv', '--pdeathsig', 'KILL'];

function start(host: RunHost, source: string): void {
  // The client comes before its server listens, now and then.
  const program = host === 'client' ? `import time\ntime.sleep(1)\n${source}` : source;
  const [file = '', ...args] = [...lab.enter(host), ...ENDS_WITH_ITS_PARENT, '/usr/bin/python3', '-c', program];
  spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function clientBytes(): number {
  const interfaces = parseInterfaces(readFileSync(join(lab.procNet('client'), 'dev'), 'latin1'));
  return LINKS.reduce((sum, name) => sum + (interfaces[name]?.sentBytes ?? 0), 0);
}

function fault(error: unknown): never {
  console.error(error);
  process.exit(1);
}

async function carryOut(ask: WatchedLabAsk): Promise<void> {
  switch (ask) {
    case 'watch':
      return beginWatch();
    case 'leave':
      await leave?.();
      leave = null;
      return;
    case 'transfer':
      return startTransfer();
    case 'bytes':
      return;
  }
}

const answer = (told: WatchedLabAnswer) => process.send?.(told);
process.on('message', (ask: WatchedLabAsk) => {
  carryOut(ask).then(() => answer({ done: ask, bytes: clientBytes() }), fault);
});
process.once('disconnect', () => void lab.close().finally(() => process.exit(0)));
await new Promise((resolve) => sockets.once('listening', resolve));
const address = sockets.address();
if (address === null || typeof address === 'string') throw new Error('Expected a port, found none');
answer({ address: `ws://127.0.0.1:${address.port}` });

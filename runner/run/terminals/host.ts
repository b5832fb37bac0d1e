import '../../execute/young-generation.ts';
import { Socket } from 'node:net';
import { startOnPty } from './pty.ts';
import { FROM_HOST, recordReader, sendRecord, TO_HOST } from './records.ts';
import type { Terminal, TerminalPlan } from './terminal.ts';

/**
 * The process that has all terminals, see terminals.ts. It is as small as can be: node-pty forks its process for each
 * program, and the kernel copies the page tables of a big one for ten milliseconds and more.
 */
if (import.meta.main) {
  process.title = 'terminals';
  // Ctrl-C and the end of a service reach all processes of a group; the runner lets its programs end first.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {});
  serveTerminals(new Socket({ fd: 3 }));
}

/** While the runner takes nothing in, what programs print stays with them. */
const MOST_UNSENT_BYTES = 1024 * 1024;

function serveTerminals(runner: Socket): void {
  const terminals = new Map<number, Terminal>();
  /** Those that the runner wants to hold. */
  const paused = new Set<number>();
  let isStalled = false;

  const forget = (id: number) => {
    terminals.delete(id);
    paused.delete(id);
  };
  const stall = () => {
    if (isStalled) return;
    isStalled = true;
    for (const terminal of terminals.values()) terminal.pause();
  };
  const goOn = () => {
    if (!isStalled) return;
    isStalled = false;
    for (const [id, terminal] of terminals) if (!paused.has(id)) terminal.resume();
  };
  const open = (id: number, plan: TerminalPlan) => {
    const ended = (why: string) => {
      forget(id);
      sendRecord(runner, id, FROM_HOST.ended, why);
    };
    try {
      const terminal = startOnPty(plan, {
        output(bytes) {
          sendRecord(runner, id, FROM_HOST.output, bytes);
          if (runner.writableLength > MOST_UNSENT_BYTES) stall();
        },
        taken(count) {
          const bytes = Buffer.allocUnsafe(4);
          bytes.writeUInt32LE(count);
          sendRecord(runner, id, FROM_HOST.taken, bytes);
        },
        ended,
      });
      terminals.set(id, terminal);
      if (isStalled) terminal.pause();
    } catch (error) {
      ended(error instanceof Error ? error.message : String(error));
    }
  };

  // Its end, however it came, is the end of all programs: the kernel hangs up terminals that nobody holds.
  runner.on('close', () => process.exit());
  runner.on('error', () => process.exit());
  runner.on('drain', goOn);
  runner.on(
    'data',
    recordReader(({ terminal: id, kind, payload }) => {
      if (kind === TO_HOST.open) return open(id, JSON.parse(payload.toString()));
      const terminal = terminals.get(id);
      // One that has just ended.
      if (terminal === undefined) return;
      switch (kind) {
        case TO_HOST.input:
          // The bytes are the chunk's.
          terminal.input(Buffer.from(payload));
          break;
        case TO_HOST.resize:
          terminal.resize(JSON.parse(payload.toString()));
          break;
        case TO_HOST.pause:
          paused.add(id);
          terminal.pause();
          break;
        case TO_HOST.resume:
          paused.delete(id);
          if (!isStalled) terminal.resume();
          break;
        case TO_HOST.signal:
          terminal.signal(JSON.parse(payload.toString()));
          break;
        case TO_HOST.close:
          forget(id);
          terminal.close();
          break;
      }
    }),
  );
}

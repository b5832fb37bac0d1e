import { setTimeout as sleep } from 'node:timers/promises';
import { keepCookies, type Visitor, visit } from '../../../lab/visitor.ts';
import { JOIN_CODE } from '../render.ts';
import { stopwatch } from './step.ts';

/** Waits for a line, then says so, and is done. */
const WAITING = { 'client.py': 'print("waiting", flush=True)\ninput()\nprint("went on")' };

/** The cookie of who gave the join code at one runner: all of them take it, where they have the same port. */
export async function join(site: string): Promise<Map<string, string>> {
  const cookies = new Map<string, string>();
  const answer = await fetch(new URL('api/join', site), {
    method: 'POST',
    headers: { origin: new URL(site).origin, 'content-type': 'application/json' },
    body: JSON.stringify({ code: JOIN_CODE }),
  });
  if (answer.status !== 204) throw new Error(`Expected 204 for the join code, found ${answer.status}`);
  keepCookies(cookies, answer.headers.getSetCookie());
  return cookies;
}

/** A session that is welcome. */
export async function comeIn(site: string, cookies: Map<string, string>): Promise<Visitor> {
  const visitor = await visit(site, { cookies });
  await visitor.until('welcome');
  return visitor;
}

/** Starts a program that waits for a line: from then on the visitor has a lab. */
export async function holdLab(visitor: Visitor): Promise<void> {
  visitor.run(1, 'client', 'python', WAITING);
  await visitor.untilOutput(1, 'waiting');
}

/** One pod, without a Service before it. */
export function runnerAt(ip: string): string {
  return `http://${ip}:8262/`;
}

/** Labs in use at a pod. */
export async function labsAt(ip: string): Promise<number> {
  const status: { labs: { open: number } } = await (await fetch(new URL('api/status', runnerAt(ip)))).json();
  return status.labs.open;
}

/** People who come to a Service one after the other, all the time. */
export type Newcomers = {
  /** Ends it: how many were welcome, and what the others were told, with milliseconds since the first. */
  stop(): Promise<{ welcome: number; refused: { atMs: number; why: string }[]; longestMs: number }>;
};

const EVERY_MS = 100;

export function newcomers(site: string, cookies: Map<string, string>): Newcomers {
  let stopped = false;
  let welcome = 0;
  let longestMs = 0;
  const refused: { atMs: number; why: string }[] = [];
  const since = stopwatch();
  const coming = (async () => {
    while (!stopped) {
      const atMs = since();
      try {
        await using _visitor = await comeIn(site, cookies);
        welcome++;
        longestMs = Math.max(longestMs, since() - atMs);
      } catch (error) {
        refused.push({ atMs, why: error instanceof Error ? error.message || error.name : String(error) });
      }
      await sleep(EVERY_MS);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await coming;
      return { welcome, refused, longestMs };
    },
  };
}

import { cookieHeader, keepCookies, type Visitor, visit } from '../../lab/visitor.ts';

/** What became of one learner; times are milliseconds. */
export type LearnerStory = {
  hellos: number;
  /** Those that a machine with too much to do answered so late that the kernel tried without Multipath TCP. */
  fellBack: number;
  /** Hellos that did not come to their end. */
  cutOff: number;
  losses: Loss[];
  /** Times in the line for a lab. */
  waitedMs: number[];
  faults: string[];
};

/** A session that ended, although its page was there. */
export type Loss = {
  /** Of the runner, as its cookie names it. */
  runner: string;
  how: 'killed' | 'drained';
  atMs: number;
  /** Whether a program ran just then, and was stopped. */
  midRun: boolean;
  /** What the page was told when it asked for its session elsewhere; `null` where the runner itself had said goodbye. */
  told: string | null;
  /** From the loss until the page knew that its session is gone. */
  toldMs: number;
  /** From the loss until the next session, at another runner. */
  anewMs: number;
};

export type Learner = {
  story: LearnerStory;
  /** Where the session is, as the proxy's cookie says. */
  runner(): string;
  /** A hello; where the session was lost, in a new one. */
  hello(): Promise<void>;
  leave(): Promise<void>;
};

const SNIPPET = 'c';
/** Close code of a runner that has let everything end. */
const GOING_AWAY = 1001;

/** A page of one learner before a cluster: it opens the site, joins by the code, opens a session, and does as pages do when it is lost. */
export async function openLearner(site: string, code: string): Promise<Learner> {
  const cookies = new Map<string, string>();
  const story: LearnerStory = { hellos: 0, fellBack: 0, cutOff: 0, losses: [], waitedMs: [], faults: [] };
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { ...init.headers, ...(cookies.size > 0 && { cookie: cookieHeader(cookies) }) };
    const answer = await fetch(new URL(path, site), { ...init, headers });
    keepCookies(cookies, answer.headers.getSetCookie());
    return answer;
  };
  const fail = (error: unknown) => story.faults.push(error instanceof Error ? error.message : String(error));
  await ask('/');
  const { origin } = new URL(site);
  const joined = await ask('/api/join', {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  if (joined.status !== 204) throw new Error(`Expected 204 for the join code, found ${joined.status}`);

  let lastRun = 0;
  let isRunning = false;
  let isLeaving = false;
  const runner = () => cookies.get('RUNNER') ?? 'none';

  const open = async (): Promise<Visitor> => {
    const visitor = await visit(site, { cookies });
    await visitor.until('welcome');
    const at = runner();
    void visitor.closed().then((code) => {
      if (!isLeaving) session = lost(visitor, at, code);
    });
    return visitor;
  };
  /** As site/live/session/connection.ts: a goodbye is the end; otherwise the session is asked for once more. */
  const lost = async (visitor: Visitor, at: string, code: number): Promise<Visitor> => {
    const atMs = performance.now();
    const midRun = isRunning && startedButNotEnded(visitor, lastRun);
    const how = code === GOING_AWAY ? 'drained' : 'killed';
    const told = how === 'drained' ? null : await visitor.comeBack().then(() => 'resumed', String);
    const toldMs = performance.now() - atMs;
    const next = await open();
    story.losses.push({ runner: at, how, atMs, midRun, told, toldMs, anewMs: performance.now() - atMs });
    return next;
  };
  let session = open();

  const hello = async (visitor: Visitor): Promise<boolean> => {
    const [server, client] = [++lastRun, ++lastRun];
    const startedAt = performance.now();
    const seen = visitor.events.length;
    for (const [run, host] of [
      [server, 'server'],
      [client, 'client'],
    ] as const)
      visitor.run(run, host, SNIPPET);
    const done = Promise.all([
      visitor.until('verdict', ({ run, final }) => run === client && final),
      visitor.until('run-ended', ({ run }) => run === client),
      visitor.until('run-ended', ({ run }) => run === server),
    ]);
    const firstPhase = visitor
      .until('run-phase', ({ run }) => run === server)
      .then(() => {
        if (visitor.events.slice(seen).some((event) => event.type === 'waiting'))
          story.waitedMs.push(performance.now() - startedAt);
      });
    const isDone = await Promise.race([done.then(() => true), visitor.closed().then(() => false)]);
    firstPhase.catch(() => {});
    done.catch(() => {});
    if (!isDone) return false;
    const [{ verdict }, { end }] = await done;
    if (verdict.kind === 'fallback') story.fellBack++;
    else if (verdict.kind !== 'multipath') fail(`Expected multipath, found ${JSON.stringify(verdict)}`);
    if (end.kind !== 'exit' || end.code !== 0) fail(`Expected exit code 0, found ${JSON.stringify(end)}`);
    if (!visitor.output(client).includes(`I am ${SNIPPET}`)) fail(`Expected a greeting, found ${visitor.output(client)}`);
    return true;
  };

  await session;
  return {
    story,
    runner,
    async hello() {
      for (;;) {
        const visitor = await session;
        isRunning = true;
        const isDone = await hello(visitor).finally(() => {
          isRunning = false;
        });
        if (isDone) {
          story.hellos++;
          return;
        }
        story.cutOff++;
        // Its loss is noticed by the same close, in the same turn.
        await visitor.closed();
      }
    },
    async leave() {
      isLeaving = true;
      await (await session)[Symbol.asyncDispose]();
    },
  };
}

/** Of this hello something ran, and its client was not at its end. */
function startedButNotEnded({ events }: Visitor, client: number): boolean {
  const ofHello = events.filter((event) => 'run' in event && (event.run === client || event.run === client - 1));
  const isAtEnd = ofHello.some((event) => event.type === 'run-ended' && event.run === client && event.end.kind === 'exit');
  return ofHello.some((event) => event.type === 'run-phase') && !isAtEnd;
}

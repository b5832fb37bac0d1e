import type { Evidence } from '../../protocol/evidence.ts';
import type { LimitHit } from '../../protocol/run-end.ts';

/**
 * How long nothing has been done in the lab of a session: no output, no input, nothing asked for by the page, no CPU time worth
 * the name, no byte on a link. All that runs in one lab has one measure: a server that waits for its client is not idle while
 * its client is built, and neither is a program whose page is away.
 */
export type Idle = {
  /** Something was done. */
  used(): void;
  /** What ends a run when nothing was done for too long. */
  limitReached(): LimitHit | null;
  enter(lab: IdleLab): void;
  leave(): void;
};

/** What of a lab only a look tells. Both only grow. */
export type IdleLab = { cpuSeconds(): number; links(): Evidence['links'] };

export type IdlePlan = {
  runSeconds: number;
  labSeconds: number;
  /** Whether the page is there: a learner whose network is lost cannot do anything. */
  isThere(): boolean;
  /** Whether there are runs, or anything else that could be at work by itself. */
  works(): { runs: boolean; others: boolean };
  /** Nobody has used the lab for `labSeconds`, and nothing runs in it but what is idle itself. */
  giveBack(): void;
};

/** So many looks in the time after which something is idle: it is noticed later by one of them at most. */
const LOOKS = 8;
/** Runtimes that wait keep a processor busy for a thousandth of the time; what works takes more than this. */
const BUSY_SHARE = 0.01;

export function watchIdle({ runSeconds, labSeconds, isThere, works, giveBack }: IdlePlan): Idle {
  const lookMs = (Math.min(runSeconds, labSeconds) * 1_000) / LOOKS;
  let usedAt = performance.now();
  /** Told by a look only: between two of them a program may have begun to work. */
  let isRunIdle = false;
  let timer: NodeJS.Timeout | undefined;
  let last: { at: number; cpuSeconds: number; links: string } | null = null;

  const idleMs = () => performance.now() - usedAt;
  const used = () => {
    usedAt = performance.now();
    isRunIdle = false;
  };

  const look = (lab: IdleLab) => {
    const { runs, others } = works();
    if (!isThere()) used();
    if (runs || others) {
      const now = { at: performance.now(), cpuSeconds: lab.cpuSeconds(), links: JSON.stringify(lab.links()) };
      const share = last === null ? 0 : ((now.cpuSeconds - last.cpuSeconds) * 1_000) / (now.at - last.at);
      if (last !== null && (share > BUSY_SHARE || now.links !== last.links)) used();
      last = now;
    } else last = null;
    isRunIdle = idleMs() >= runSeconds * 1_000;
    if (!runs && idleMs() >= labSeconds * 1_000) giveBack();
  };

  return {
    used,
    limitReached: () => (isRunIdle ? { limit: 'idle-time', value: runSeconds, unit: 's' } : null),
    enter(lab) {
      used();
      last = null;
      clearInterval(timer);
      timer = setInterval(() => {
        try {
          look(lab);
        } catch {
          // A lab that is just ending shows nothing to look at.
        }
      }, lookMs);
    },
    leave: () => clearInterval(timer),
  };
}

import type { Conditions } from '../../protocol/conditions.ts';
import type { Lab } from '../lab/lab.ts';

/** Finds out what the commands of shells change in the lab. */
export type LabChanges = {
  /** A terminal showed something: a command may have done its work. */
  stirred(): void;
  /** Resolves once the conditions are known as they are now. */
  settled(): Promise<void>;
  /** The client opens a connection: what the command before it changed is to be known as the lab that it began in. */
  attemptBegins(): void;
  close(): void;
};

export type LabChangesPlan = {
  /** `null` where there is no lab at the moment. */
  lab: () => Promise<Pick<Lab, 'conditions'> | null>;
  tell: (conditions: Conditions) => void;
  /** The lab as it was when the attempts began that were not told of yet. */
  tellAtAttempt: (conditions: Conditions) => void;
  fail: (error: unknown) => void;
};

/** A command that goes on writing, such as tcpdump, lets the kernel be asked so often at most: each time costs about 20 ms. */
const LOOK_EVERY_MS = 1_000;
/** A command is done when its terminal is quiet for so long. */
const QUIET_MS = 150;
/** Of a program that opens one connection after the other, so many attempts in a second have the kernel asked for them. */
const MAX_ATTEMPT_LOOKS = 4;

export function labChanges({ lab, tell, tellAtAttempt, fail }: LabChangesPlan): LabChanges {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stirredAtMs: number | null = null;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let isClosed = false;
  let attemptLooksAtMs: number[] = [];
  let isLookingForAttempt = false;

  const look = async (): Promise<void> => {
    clearTimeout(timer);
    stirredAtMs = null;
    lookedAtMs = performance.now();
    try {
      const conditions = (await lab())?.conditions;
      if (conditions === undefined) return;
      const before = JSON.stringify(conditions.present());
      const now = await conditions.lookAgain();
      if (!isClosed && JSON.stringify(now) !== before) tell(now);
    } catch (error) {
      if (!isClosed) fail(error);
    }
  };
  const isLookDue = (nowMs: number): boolean => {
    attemptLooksAtMs = attemptLooksAtMs.filter((atMs) => atMs > nowMs - LOOK_EVERY_MS);
    if (attemptLooksAtMs.length >= MAX_ATTEMPT_LOOKS) return false;
    attemptLooksAtMs.push(nowMs);
    return true;
  };
  const lookForAttempt = async (): Promise<void> => {
    // What is being found out is so for this attempt too.
    if (isLookingForAttempt) return;
    isLookingForAttempt = true;
    if (isLookDue(performance.now())) await look();
    isLookingForAttempt = false;
    const conditions = (await lab().catch(() => null))?.conditions.present();
    if (!isClosed && conditions !== undefined) tellAtAttempt(conditions);
  };

  return {
    stirred() {
      if (isClosed) return;
      const nowMs = performance.now();
      stirredAtMs ??= nowMs;
      // What goes on and on is looked at while it does.
      const dueMs = Math.min(nowMs + QUIET_MS, stirredAtMs + LOOK_EVERY_MS);
      clearTimeout(timer);
      timer = setTimeout(() => void look(), Math.max(nowMs, dueMs, lookedAtMs + LOOK_EVERY_MS) - nowMs);
    },
    settled: look,
    attemptBegins: () => void lookForAttempt(),
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

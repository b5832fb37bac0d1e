import { setTimeout as sleep } from 'node:timers/promises';
import { proportionalBytes } from '../processes.ts';
import { faultOf } from './expected.ts';
import { type Learner, openLearner } from './learner.ts';
import { type Memory, memoryOf } from './memory.ts';

/** A class in front of one runner: all are connected, all have labs, each runs a hello now and then. */
export type ClassPlan = {
  learners: number;
  /** What each of them runs, and how often. */
  snippet: string;
  everyMs: number;
  /** Beside them, so many sessions move data all the time. */
  bulks: number;
  durationMs: number;
};

/** What came of it. Every hello and every transfer was looked at byte by byte; `faults` has the sentences. */
export type ClassResult = {
  firstByteMs: number[];
  verdictMs: number[];
  hellos: number;
  transfers: number;
  faults: string[];
  /** Before anybody came, and with everybody in and idle. */
  memory: { before: Memory; idle: Memory };
  /** Of the runner, again and again while the class went on. */
  runnerBytes: number[];
};

const BULK = 'bulk-c';
/** So many take their lab at a time when the class comes in. */
const COME_IN_TOGETHER = 4;
/** What the runner has put aside while it made labs, it gives back. */
const IDLE_MS = 5_000;
const LOOK_EVERY_MS = 5_000;

export async function holdClass(runner: { address: string; pid: number }, plan: ClassPlan): Promise<ClassResult> {
  const result: ClassResult = {
    ...{ firstByteMs: [], verdictMs: [], hellos: 0, transfers: 0, faults: [], runnerBytes: [] },
    memory: { before: memoryOf(runner.pid), idle: { runner: 0, started: 0, kernel: 0 } },
  };
  const fail = (error: unknown) => result.faults.push(error instanceof Error ? error.message : String(error));
  const click = async (learner: Learner, snippet: string) => {
    const clicked = await learner.click(snippet);
    const fault = faultOf(snippet, clicked);
    if (fault !== null) fail(fault);
    return clicked;
  };

  const everybody = await comeIn(runner.address, plan.learners + plan.bulks, (learner) =>
    click(learner, plan.snippet).catch(fail),
  );
  await sleep(IDLE_MS);
  result.memory.idle = memoryOf(runner.pid);

  const [learners, movers] = [everybody.slice(0, plan.learners), everybody.slice(plan.learners)];
  const startedAt = performance.now();
  const endsAt = startedAt + plan.durationMs;
  const study = async (learner: Learner, position: number) => {
    // Each at its own time, as people do, and by the clock: who had to wait does not come less often.
    for (let due = startedAt + (plan.everyMs * position) / plan.learners; due < endsAt; due += plan.everyMs) {
      await sleep(Math.max(0, due - performance.now()));
      try {
        const { firstByteMs, verdictMs } = await click(learner, plan.snippet);
        result.firstByteMs.push(firstByteMs);
        result.verdictMs.push(verdictMs);
      } catch (error) {
        fail(error);
      }
      result.hellos++;
    }
  };
  const move = async (learner: Learner) => {
    while (performance.now() < endsAt) {
      await click(learner, BULK).catch(fail);
      result.transfers++;
    }
  };
  const look = async () => {
    while (performance.now() < endsAt) {
      result.runnerBytes.push(proportionalBytes(runner.pid));
      await sleep(LOOK_EVERY_MS);
    }
  };
  await Promise.all([...learners.map(study), ...movers.map(move), look()]);
  for (const learner of everybody) await learner[Symbol.asyncDispose]();
  return result;
}

/** Everybody is connected first, and then takes a lab by a first run. */
async function comeIn(address: string, count: number, firstRun: (learner: Learner) => Promise<unknown>): Promise<Learner[]> {
  const learners = await Promise.all(Array.from({ length: count }, () => openLearner(address)));
  const waiting = [...learners];
  const next = async () => {
    for (let learner = waiting.shift(); learner !== undefined; learner = waiting.shift()) await firstRun(learner);
  };
  await Promise.all(Array.from({ length: COME_IN_TOGETHER }, next));
  return learners;
}

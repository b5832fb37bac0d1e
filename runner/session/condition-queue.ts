import { type FromPage, MAX_WAITING_CONDITIONS, type RunnerEvent } from '../../protocol/message.ts';
import type { Lab } from '../lab/lab.ts';
import type { Refusal } from './request.ts';

export type ConditionMessage = Extract<FromPage, { type: 'condition' }>;

/** Carries out the conditions that a page asks for, one after the other, in the lab of its session. */
export type ConditionQueue = {
  ask(message: ConditionMessage): void;
  /** Resolves once all that was asked for until now is there, or was refused. */
  carriedOut(): Promise<void>;
};

export type ConditionQueuePlan = {
  openLab: () => Promise<Pick<Lab, 'conditions'>>;
  tell: (event: RunnerEvent) => void;
  refuse: (refusal: Refusal) => void;
  /** A lab that could not be made, or ended meanwhile. */
  fail: (error: unknown, request: number) => void;
};

export function conditionQueue({ openLab, tell, refuse, fail }: ConditionQueuePlan): ConditionQueue {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;

  const carryOut = async ({ request, condition }: ConditionMessage): Promise<void> => {
    const lab = await openLab();
    const { conditions, commands, fault, carriedOutAt } = await lab.conditions.apply(condition);
    if (fault !== null) refuse({ ...fault, request });
    if (fault !== null && fault.code !== 'condition-failed') return;
    const age = carriedOutAt === null ? {} : { ageMs: performance.now() - carriedOutAt };
    tell({ type: 'conditions', request, conditions, commands, ...age });
  };

  return {
    ask(message) {
      const { request } = message;
      if (waiting === MAX_WAITING_CONDITIONS) {
        const found = `Expected at most ${MAX_WAITING_CONDITIONS} conditions that wait for their turn, found one more.`;
        return refuse({ code: 'busy', message: found, request });
      }
      waiting++;
      last = last
        .then(() => carryOut(message))
        .catch((error: unknown) => fail(error, request))
        .finally(() => {
          waiting--;
        });
    },
    carriedOut: () => last,
  };
}

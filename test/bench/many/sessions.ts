import { faultOf } from './expected.ts';
import { openLearner } from './learner.ts';

/** Sessions that come and go, so many at a time. Each `labEvery`th takes a lab, runs a hello in it, and leaves. */
export type SessionsPlan = { sessions: number; together: number; labEvery: number; snippet: string };

/** @throws Error when a session cannot be opened, or a hello does not come out as it must */
export async function openAndClose(address: string, { sessions, together, labEvery, snippet }: SessionsPlan): Promise<void> {
  let opened = 0;
  const comeAndGo = async () => {
    while (opened < sessions) {
      const number = opened++;
      await using learner = await openLearner(address);
      if (number % labEvery !== 0) continue;
      const fault = faultOf(snippet, await learner.click(snippet));
      if (fault !== null) throw new Error(fault);
    }
  };
  await Promise.all(Array.from({ length: together }, comeAndGo));
}

import { descendantsOf, LAB_SHELL } from './processes.ts';

/** All that runs for a lab in which nothing happens: its holder, its shell, the monitors of client and server. */
const IDLE_LAB = ['bwrap', 'ip', 'ip', LAB_SHELL];

const DEADLINE_MS = 20_000;
const POLL_MS = 10;

/**
 * Resolves once the runner has exactly so many labs and nothing goes on in them: none is being made, none is ending.
 * @throws Error with the processes that were found instead
 */
export async function untilLabsIdle(runnerPid: number, labs: number): Promise<void> {
  const expected = Array.from({ length: labs }, () => IDLE_LAB).flat();
  const isIdle = () => names(runnerPid).join(' ') === expected.toSorted().join(' ');
  const deadline = performance.now() + DEADLINE_MS;
  while (!isIdle()) {
    if (performance.now() > deadline) {
      throw new Error(`Expected ${labs} idle labs within ${DEADLINE_MS} ms, found the processes ${names(runnerPid).join(' ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function names(runnerPid: number): string[] {
  return (
    descendantsOf(runnerPid)
      .map(({ name }) => name)
      // They are there for all labs (runner/lab/cgroups/undertaker.ts, runner/run/terminals/host.ts).
      .filter((name) => name !== 'undertaker' && name !== 'terminals')
      .toSorted()
  );
}

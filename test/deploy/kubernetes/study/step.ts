/** One thing that was tried on the cluster. */
export type Step = {
  /** "a pod is killed in the middle of a run" */
  what: string;
  /** Resolves with what was seen, one line each. @throws Error when it is not as deploy/kubernetes/ promises */
  act: () => Promise<string[]>;
};

/** What became of a step; one JSON line of on-node.ts. */
export type Outcome = { what: string; ms: number } & ({ kind: 'as-promised'; seen: string[] } | { kind: 'not'; why: string });

export async function take({ what, act }: Step): Promise<Outcome> {
  const startedMs = performance.now();
  const done = await act().then(
    (seen) => ({ kind: 'as-promised', seen }) as const,
    (error: unknown) => ({ kind: 'not', why: error instanceof Error ? error.message : String(error) }) as const,
  );
  return { what, ms: performance.now() - startedMs, ...done };
}

/** For people: `2.4 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** Milliseconds since the call. */
export function stopwatch(): () => number {
  const startedMs = performance.now();
  return () => performance.now() - startedMs;
}

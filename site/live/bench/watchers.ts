/** Waits for what things that are heard bring about. */
export type Watchers = {
  /** Something was heard, or the lab is gone. */
  look(): void;
  /** Resolves once it holds. Rejects when the lab is gone, and when it takes too long. */
  until(holds: () => boolean, what: string): Promise<void>;
};

/** A command of a lesson takes seconds; whatever takes longer is stuck. */
const TIMEOUT_MS = 60_000;

export function openWatchers(isThere: () => boolean): Watchers {
  const watchers = new Set<() => void>();
  return {
    look() {
      for (const watcher of [...watchers]) watcher();
    },
    until(holds, what) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const timer = setTimeout(() => reject(new Error(`Waited in vain for ${what}.`)), TIMEOUT_MS);
      const watcher = () => {
        if (!isThere()) reject(new Error('The lab is gone.'));
        else if (holds()) resolve();
      };
      watchers.add(watcher);
      watcher();
      return promise.finally(() => {
        clearTimeout(timer);
        watchers.delete(watcher);
      });
    },
  };
}

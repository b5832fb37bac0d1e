import type { CDPSession, Page } from 'playwright-core';

/** How smoothly a page moves, and what it keeps, as Chromium itself measures it. */
export type Smoothness = {
  /** From now on frames and tasks count. */
  begin(): Promise<void>;
  /** What was seen since `begin`. */
  end(): Promise<Seen>;
  /** After the garbage is collected: bytes of the heap of scripts, and nodes of the document. */
  kept(): Promise<{ heapBytes: number; nodes: number }>;
};

export type Seen = {
  seconds: number;
  /** Milliseconds between two frames. */
  framesMs: number[];
  /** Tasks of more than 50 ms (W3C Long Tasks), in milliseconds. */
  longTasksMs: number[];
};

export async function watchSmoothness(page: Page): Promise<Smoothness> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  await page.evaluate(watchInPage);
  return {
    begin: () => page.evaluate(() => (window as unknown as Watched).smoothness.begin()),
    end: () => page.evaluate(() => (window as unknown as Watched).smoothness.end()),
    kept: () => keptBy(cdp),
  };
}

type Watched = { smoothness: { begin(): void; end(): Seen } };

/** Runs in the page. */
function watchInPage(): void {
  let seen: Seen = { seconds: 0, framesMs: [], longTasksMs: [] };
  let startedAt = 0;
  let last: number | null = null;
  const onFrame = (now: number) => {
    if (last !== null) seen.framesMs.push(now - last);
    last = now;
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.longTasksMs.push(duration);
  }).observe({ type: 'longtask' });
  (window as unknown as Watched).smoothness = {
    begin() {
      seen = { seconds: 0, framesMs: [], longTasksMs: [] };
      startedAt = performance.now();
      last = null;
    },
    end: () => ({ ...seen, seconds: (performance.now() - startedAt) / 1000 }),
  };
}

async function keptBy(cdp: CDPSession): Promise<{ heapBytes: number; nodes: number }> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const metric = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  return { heapBytes: metric('JSHeapUsedSize'), nodes: metric('Nodes') };
}

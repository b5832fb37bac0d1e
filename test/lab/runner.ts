import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Status } from '../../protocol/status.ts';
import { serve } from '../../runner/main.ts';
import type { Invitation } from '../../runner/server/join/invitation.ts';

/** A runner of the test's own on a free port, with a page that needs no build. */
export type TestRunner = AsyncDisposable & {
  address: string;
  invitation: Invitation | null;
  metricsAddress: string | null;
  status(): Promise<Status>;
  drain(): Promise<void>;
};

export async function startRunner(settings: Record<string, string> = {}): Promise<TestRunner> {
  const siteDir = mkdtempSync(join(tmpdir(), 'hello-mptcp-site-'));
  writeFileSync(join(siteDir, 'index.html'), `<!doctype html><title>test</title>${'<p>A page.</p>'.repeat(200)}`);
  const runner = await serve({ PORT: '0', SITE_DIR: siteDir, LOG_LEVEL: 'error', LABS_WARM: '1', ...settings });
  return {
    address: runner.address,
    invitation: runner.invitation,
    metricsAddress: runner.metricsAddress,
    status: async () => (await fetch(new URL('api/status', runner.address))).json(),
    drain: runner.drain,
    async [Symbol.asyncDispose]() {
      await runner.close();
      rmSync(siteDir, { recursive: true });
    },
  };
}

/** Polls until it holds. Fails after ten seconds, or as many as it is given. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>, patienceMs = 10_000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Still not so after ${patienceMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

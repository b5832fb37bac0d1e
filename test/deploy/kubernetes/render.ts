import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** An object as it would be sent to a cluster. */
export type Manifest = { apiVersion: string; kind: string; metadata: { name: string } } & Record<string, unknown>;

const execute = promisify(execFile);

/** What an overlay of deploy/kubernetes/ becomes. Asks no cluster. */
export async function render(overlay: string): Promise<Manifest[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'hello-mptcp-manifests-'));
  try {
    cpSync('deploy/kubernetes', scratch, { recursive: true });
    writeFileSync(join(scratch, 'overlays/class/join-code.env'), 'JOIN_CODE=K7Q-M4T-XP9\n');
    const { stdout: yaml } = await execute('kubectl', ['kustomize', join(scratch, 'overlays', overlay)]);
    const file = join(scratch, 'rendered.yaml');
    writeFileSync(file, yaml);
    // An annotation that takes nothing away, since kubectl then prints JSON.
    const argv = ['annotate', '--local', '-f', file, 'hello-mptcp/rendered-', '-o', 'json'];
    const { stdout } = await execute('kubectl', argv, { maxBuffer: 64 * 1024 * 1024 });
    return stdout
      .split(/^(?=\{)/m)
      .filter((text) => text.trim() !== '')
      .map((text) => JSON.parse(text));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

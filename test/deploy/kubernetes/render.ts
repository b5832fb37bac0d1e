import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** An object as it would be sent to a cluster. */
export type Manifest = { apiVersion: string; kind: string; metadata: { name: string } } & Record<string, unknown>;

export type Overlay = 'class' | 'strangers' | 'one-node';

/** What an operator chooses before the manifests are applied. */
export const JOIN_CODE = 'K7Q-M4T-XP9';
export const IMAGE = 'registry.example.org/hello-mptcp';
export const FIRST_TAG = '0.1.0';

const execute = promisify(execFile);

/**
 * What an overlay of deploy/kubernetes/, or the one of the test, becomes. Asks no cluster.
 * @param tag of the image
 */
export async function render(overlay: Overlay, tag = FIRST_TAG): Promise<Manifest[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'hello-mptcp-manifests-'));
  try {
    cpSync('deploy/kubernetes', scratch, { recursive: true });
    cpSync(join(import.meta.dirname, 'one-node'), join(scratch, 'overlays/one-node'), { recursive: true });
    writeFileSync(join(scratch, 'overlays/class/join-code.env'), `JOIN_CODE=${JOIN_CODE}\n`);
    const chosen = join(scratch, 'overlays/class/kustomization.yaml');
    writeFileSync(chosen, readFileSync(chosen, 'utf8').replace(`newTag: ${FIRST_TAG}`, `newTag: ${tag}`));
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

import { execFile } from 'node:child_process';

/** How a command ended: `absent` when there is no such program; `output` is both streams, trimmed. */
export type Attempt = { kind: 'done'; output: string } | { kind: 'failed'; output: string } | { kind: 'absent' };

/** A probe takes milliseconds; one that takes longer counts as failed. */
const TIMEOUT_MS = 10_000;

export function attempt(command: string[]): Promise<Attempt> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const options = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', env: { PATH: PROBE_PATH, LC_ALL: 'C' } } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim();
      if (error === null) resolve({ kind: 'done', output });
      else if (error.code === 'ENOENT') resolve({ kind: 'absent' });
      else resolve({ kind: 'failed', output: output || error.message });
    });
  });
}

/** Labs never belong to root: as root, what they need is tried as nobody. */
export function unprivileged(command: string[]): string[] {
  if (process.getuid?.() !== 0) return command;
  return ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...command];
}

const NOBODY = 65_534;
const PROBE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

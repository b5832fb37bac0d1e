import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Resolves when the command ended with exit code 0; throws with what it printed otherwise. */
export async function execute(argv: string[]): Promise<void> {
  const [command = '', ...args] = argv;
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => printed.push(chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${Buffer.concat(printed)}\n${argv.join(' ')} ended with exit code ${code}`);
}

import { spawn } from 'node-pty';
import { sandboxCommand } from '../../runner/sandbox/command.ts';
import { DEFAULT_LIMITS } from '../../runner/sandbox/limits.ts';
import { barePlaces } from './bare-places.ts';
import { outputTimer, type TimedOutput } from './timed-output.ts';

/**
 * The baseline: the same sandbox in the same image under the same kind of pty, started and read by this process,
 * without a lab, a runner, a wrapper or a WebSocket.
 *
 * @param workDir a directory of this machine with the program's files; what else can be written to is made beside it
 */
export async function runBare(program: string[], workDir: string): Promise<TimedOutput> {
  const [file = '', ...args] = sandboxCommand(program, 'client', barePlaces(workDir), DEFAULT_LIMITS);
  const timer = outputTimer();
  let lastWords = '';
  const pty = spawn(file, args, { cols: 80, rows: 24, cwd: '/', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }, encoding: null });
  // node-pty gives bytes when `encoding` is null, though its types say string.
  pty.onData((data) => {
    timer.took(data.length);
    lastWords = data.toString();
  });
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  pty.onExit(({ exitCode }) => resolve(exitCode));
  const exitCode = await ended;
  if (exitCode !== 0) throw new Error(`Bare ${program.join(' ')}: expected exit code 0, found ${exitCode}: ${lastWords}`);
  return timer.ended();
}

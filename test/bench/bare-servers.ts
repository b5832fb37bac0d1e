import { spawn as spawnProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { spawn } from 'node-pty';
import { imageRoot } from '../../image/location.ts';
import { sandboxCommand } from '../../runner/sandbox/command.ts';
import { DEFAULT_LIMITS } from '../../runner/sandbox/limits.ts';
import { barePlaces } from './bare-places.ts';
import { outputTimer } from './timed-output.ts';

/** A server's program as it is started without the project: the same sandbox in the same image, and what it sees there. */
export type BareServer = {
  program: string[];
  /** A directory of this machine with the program's files; what else can be written to is made beside it. */
  workDir: string;
  /** The folder of the machine with what was compiled ahead for its language. */
  cache: string | undefined;
  environment: Record<string, string>;
};

/** Starts servers one after the other in a network of their own, so that their port is free. */
export type BareServers = AsyncDisposable & {
  /**
   * From its start to the first byte of its output, in milliseconds. It is ended once its first line is there.
   * @throws Error when that is another line
   */
  firstByteMs(server: BareServer, firstLine: string): Promise<number>;
};

/** A runtime that looks at its network, as Mono's does, finds there what it finds in a lab. */
const NETWORK = `
ip link set lo up
ip link add lan type veth peer name lan-peer
ip address add 10.0.9.1/24 dev lan
ip link set lan up
ip link set lan-peer up
echo ready
exec cat`;

const POLL_MS = 1;
const DEADLINE_MS = 10_000;

export async function openBareServers(): Promise<BareServers> {
  // Ends with this process, whose end closes its input.
  const inImage = ['bwrap', '--ro-bind', imageRoot(), '/', '--dev', '/dev', '--proc', '/proc', '--cap-add', 'CAP_NET_ADMIN'];
  const holder = spawnProcess('unshare', ['--map-root-user', '--net', ...inImage, 'sh', '-ec', NETWORK], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(holder, 'exit');
  const isReady = once(createInterface({ input: holder.stdout }), 'line').then(() => true);
  if (!(await Promise.race([isReady, exited.then(() => false)]))) throw new Error('Expected a network namespace, found none');
  const enter = ['nsenter', `--target=${holder.pid}`, '--user', '--net', '--preserve-credentials'];

  return {
    async firstByteMs({ program, workDir, cache, environment }, firstLine) {
      const places = barePlaces(workDir, cache);
      const [file = '', ...args] = [...enter, ...sandboxCommand(program, 'server', places, DEFAULT_LIMITS, environment)];
      const timer = outputTimer();
      let text = '';
      const path = '/usr/sbin:/usr/bin:/sbin:/bin';
      const pty = spawn(file, args, { cols: 80, rows: 24, cwd: '/', env: { PATH: path }, encoding: null });
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      pty.onExit(() => resolve());
      // node-pty gives bytes when `encoding` is null, though its types say string.
      pty.onData((data) => {
        timer.took(data.length);
        text += data.toString();
        if (text.includes('\n')) pty.kill('SIGKILL');
      });
      await ended;
      if (!text.startsWith(firstLine)) throw new Error(`Bare ${program.join(' ')}: expected "${firstLine}", found "${text}"`);
      await untilNobodyListens(holder.pid);
      return timer.ended().firstByteMs;
    },
    async [Symbol.asyncDispose]() {
      holder.stdin.end();
      await exited;
    },
  };
}

/** What a killed sandbox held ends a moment after it. */
async function untilNobodyListens(pid: number | undefined): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (isListening(pid)) {
    if (performance.now() > deadline) throw new Error(`A server still listens ${DEADLINE_MS} ms after it was killed`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** State 0A is TCP_LISTEN (include/net/tcp_states.h); a Multipath TCP listener has a TCP one below it. */
function isListening(pid: number | undefined): boolean {
  return ['tcp', 'tcp6'].some((name) => /^ *\d+: \S+ \S+ 0A /m.test(readFileSync(`/proc/${pid}/net/${name}`, 'utf8')));
}

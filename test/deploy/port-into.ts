import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A port of this machine that leads to one in the network namespace of a process. */
export type PortInto = AsyncDisposable & { origin: string };

export async function portInto(pid: number, address: string, port: number): Promise<PortInto> {
  const script = [process.execPath, import.meta.filename, address, String(port)];
  const inside = spawn('nsenter', ['--target', String(pid), '--net', ...script], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const server = createServer({ pauseOnConnect: true }, (socket) => void inside.send('connection', socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('Expected a port, found none');
  return {
    origin: `http://127.0.0.1:${bound.port}/`,
    async [Symbol.asyncDispose]() {
      server.close();
      await endOf(inside);
    },
  };
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** The other half: a process inside that namespace, which is given each connection. */
if (import.meta.main) {
  const [address = '', port = ''] = process.argv.slice(2);
  process.on('message', (_name, socket: Socket) => {
    const onward = connect(Number(port), address);
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
    socket.resume();
  });
  process.once('disconnect', () => process.exit(0));
}

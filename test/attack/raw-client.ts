import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { PROTOCOL } from '../../protocol/version.ts';

export const SESSION = '/api/session';

/** A connection to the runner, to send anything on; faults of it are expected. */
export async function rawConnect(address: string): Promise<Socket> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Asks for a WebSocket as a page of the runner does, unless told otherwise. `null` leaves a header out. */
export async function rawUpgrade(
  address: string,
  path = SESSION,
  headers: Record<string, string | null> = {},
  more: string[] = [],
): Promise<Socket> {
  const { host, origin } = new URL(address);
  const socket = await rawConnect(address);
  const all: Record<string, string | null> = {
    Host: host,
    Origin: origin,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    'Sec-WebSocket-Protocol': PROTOCOL,
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  socket.write(`GET ${path} HTTP/1.1\r\n${[...lines, ...more].join('\r\n')}\r\n\r\n`);
  return socket;
}

/** Resolves when the connection is over, also by a reset. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    socket.once('close', () => resolve());
  });
}

/** Of the answer; '' when the connection was closed without one. */
export async function firstLine(socket: Socket): Promise<string> {
  const first = new Promise((resolve) => socket.once('data', resolve));
  const chunk = await Promise.race([first, closed(socket).then(() => '')]);
  return String(chunk).split('\r\n')[0] ?? '';
}

/** All that comes until the other side closes. */
export async function wholeAnswer(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await closed(socket);
  return text;
}

/** A frame of RFC 6455 with a mask of zeroes: its first byte, its length as the header has it, its payload. */
export function frame(first: number, length: number[], payload: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.from([first, ...length]), Buffer.alloc(4), payload]);
}

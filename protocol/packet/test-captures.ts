import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from './hex.ts';
import { type Capture, type CapturedPacket, LINK_TYPES, readPcap } from './pcap.ts';

/** For tests only: captures of labs, made by test/lab/packets/write-fixtures.ts; the kernel's version is in the name. */
const FOLDER = join(import.meta.dirname, 'fixtures');

export const FIXTURES = readdirSync(FOLDER).sort();

export function fixtureBytes(file: string): Uint8Array {
  // As in a browser: a Buffer's slice would be no copy.
  return new Uint8Array(readFileSync(join(FOLDER, file)));
}

export function fixture(scenario: string): Capture {
  return readPcap(fixtureBytes(`${scenario}-6.18.44.pcap`));
}

export const SYN = 0x02;
export const ACK = 0x10;
export const RST = 0x04;

/** A packet without a link header, IPv4 and TCP, with these options (hexadecimal digits, padded with 0). */
export function packetWithOptions(options: string, flags: number): { packet: CapturedPacket; linkType: number } {
  const padded = options.padEnd(Math.ceil(options.length / 8) * 8, '0');
  const tcpBytes = 20 + padded.length / 2;
  const bytes = new Uint8Array(20 + tcpBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, bytes.length);
  view.setUint8(8, 64);
  view.setUint8(9, 6);
  view.setUint32(12, 0x0a000102);
  view.setUint32(16, 0x0a000901);
  view.setUint16(20, 40000);
  view.setUint16(22, 8262);
  view.setUint8(32, (tcpBytes / 4) << 4);
  view.setUint8(33, flags);
  bytes.set(fromHex(padded), 40);
  return { packet: { seconds: 0, nanoseconds: 0, wireBytes: bytes.length, bytes }, linkType: LINK_TYPES.raw };
}

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Names and values as tshark(1) prints them; several of a name, in order, with `;` between. Absent ones are left out. */
export type Seen = Record<string, string>;

/** Fields of a packet below Multipath TCP that are compared. */
const BASE_FIELDS = [
  ...['frame.len', 'sll.ifindex', 'sll.pkttype', 'ip.src', 'ip.dst', 'ip.ttl', 'ipv6.src', 'ipv6.dst', 'ipv6.hlim'],
  ...['tcp.srcport', 'tcp.dstport', 'tcp.seq_raw', 'tcp.ack_raw', 'tcp.flags', 'tcp.window_size_value', 'tcp.hdr_len', 'tcp.len'],
  'tcp.option_kind',
];
const OPTION_PREFIX = 'tcp.options.mptcp.';
/** What tshark computes of keys itself. */
export const TOKEN_OF_TSHARK = 'mptcp.expected_token';
export const DERIVED_FIELDS = [TOKEN_OF_TSHARK, 'mptcp.expected_idsn'];

/** All fields that this tshark knows of Multipath TCP options, so that none is left out of the comparison. */
const optionFields = once(async (): Promise<string[]> => {
  const { stdout } = await promisify(execFile)('tshark', ['-G', 'fields'], { maxBuffer: 256 * 1024 * 1024 });
  const names = stdout.split('\n').map((line) => line.split('\t')[2] ?? '');
  return [...new Set(names)].filter((name) => name.startsWith(OPTION_PREFIX));
});

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/** One record for each packet of a capture file. */
export async function readByTshark(file: Uint8Array): Promise<Seen[]> {
  const fields = [...BASE_FIELDS, ...(await optionFields()), ...DERIVED_FIELDS];
  const lines = await linesOfTshark(file, fields);
  return lines.map((line) => toSeen(fields, line.split('\t')));
}

/** The positions, from 0, of the packets that a display filter selects. */
export async function selectedByTshark(file: Uint8Array, filter: string): Promise<number[]> {
  return (await linesOfTshark(file, ['frame.number'], ['-Y', filter])).map((number) => Number(number) - 1);
}

async function linesOfTshark(file: Uint8Array, fields: string[], more: string[] = []): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hello-mptcp-tshark-'));
  try {
    const path = join(folder, 'capture.pcap');
    writeFileSync(path, file);
    const format = ['-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=;', ...fields.flatMap((name) => ['-e', name])];
    const { stdout } = await promisify(execFile)('tshark', ['-n', '-r', path, ...format, ...more], {
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout.split('\n').slice(0, -1);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Booleans are 1 and 0 in tshark 4.0, True and False in 4.4. */
function toSeen(fields: string[], values: string[]): Seen {
  const pairs = fields.map((name, index): [string, string] => {
    return [name, (values[index] ?? '').replaceAll('True', '1').replaceAll('False', '0')];
  });
  return Object.fromEntries(pairs.filter(([, value]) => value !== ''));
}

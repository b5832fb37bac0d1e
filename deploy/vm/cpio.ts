/** A folder where `content` is `null`. */
export type CpioEntry = { path: string; mode: number; content: Uint8Array | null };

const FOLDER = 0o040000;
const FILE = 0o100000;

/**
 * An archive as the kernel unpacks it at its start ("newc": Documentation/driver-api/early-userspace/buffer-format.rst). All
 * belongs to root and is of 1970: the same entries give the same bytes.
 */
export function cpio(entries: CpioEntry[]): Buffer {
  const all = entries.map((each) => ({ ...each, mode: each.mode | (each.content === null ? FOLDER : FILE) }));
  return Buffer.concat([...all.map((each, index) => entry(each, index + 1)), entry(LAST, 0)]);
}

const LAST: CpioEntry = { path: 'TRAILER!!!', mode: 0, content: null };

function entry({ path, mode, content }: CpioEntry, inode: number): Buffer {
  const name = Buffer.from(`${path}\0`);
  const bytes = content ?? new Uint8Array();
  const [user, group, links, time, device, check] = [0, 0, 1, 0, 0, 0];
  const fields = [inode, mode, user, group, links, time, bytes.length, device, device, device, device, name.length, check];
  const head = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return Buffer.concat([padded(Buffer.concat([head, name])), padded(bytes)]);
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

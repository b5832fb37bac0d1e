import { closeSync, openSync, readSync } from 'node:fs';

/**
 * A file of /proc that stays open: each read from its beginning gives the kernel's present values. Once closed, because its
 * lab is gone, it gives the last ones: its descriptor may be another file's by then.
 */
export type KernelFile = { read(): string; close(): void };

/** Large enough for the longest of the files, /proc/net/netstat with its several kilobytes, in a busy lab. */
const KERNEL_FILE_BYTES = 256 * 1024;
const buffer = Buffer.alloc(KERNEL_FILE_BYTES);

export function openKernelFile(path: string): KernelFile {
  const fd = openSync(path, 'r');
  let last = '';
  let isOpen = true;
  return {
    read() {
      if (!isOpen) return last;
      let length = 0;
      for (;;) {
        const bytes = readSync(fd, buffer, length, buffer.length - length, length);
        length += bytes;
        if (bytes > 0 && length < buffer.length) continue;
        last = buffer.toString('latin1', 0, length);
        return last;
      }
    },
    close() {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
}

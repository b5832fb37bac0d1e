import { join } from 'node:path';
import { read, write, writeIfThere } from './files.ts';

/** Queued TCP data of one group, which version 1 counts apart from other memory (cgroup-v1/memory.rst, 2.7.1). */
export const TCP_BYTES = 128 * 1024 * 1024;

/** Of `/proc/net/sockstat`, which counts TCP memory of the whole machine in pages (proc_pid_net(5)). */
const PAGE_BYTES = 4096;

/** The bound is moved in steps of this. */
const STEP_BYTES = TCP_BYTES / 8;

/**
 * Bounds the TCP memory of a group. Linux 6.18 charges a group for what its Multipath TCP listeners have received and never
 * takes that back: after so many bytes their connections would stand still for good. What a group is charged for beyond all
 * that TCP has on this machine cannot be there, so the bound moves up by as much.
 */
export function tcpBound(group: string): { tend(): void; close(): void } {
  const limitFile = join(group, 'memory.kmem.tcp.limit_in_bytes');
  const usageFile = join(group, 'memory.kmem.tcp.usage_in_bytes');
  let neverTakenBackBytes = 0;
  let isOpen = true;
  writeIfThere(limitFile, TCP_BYTES);

  return {
    tend() {
      if (!isOpen) return;
      const usedBytes = bytesIn(usageFile);
      if (usedBytes < neverTakenBackBytes + STEP_BYTES) return;
      const missingBytes = usedBytes - tcpBytesOfMachine();
      if (missingBytes < neverTakenBackBytes + STEP_BYTES) return;
      neverTakenBackBytes = missingBytes;
      write(limitFile, TCP_BYTES + neverTakenBackBytes);
    },
    close() {
      isOpen = false;
    },
  };
}

/** 0 on a kernel that does not count it. */
function bytesIn(file: string): number {
  try {
    return Number(read(file));
  } catch {
    return 0;
  }
}

function tcpBytesOfMachine(): number {
  const pages = /^TCP: .*\bmem (\d+)$/m.exec(read('/proc/net/sockstat'))?.[1];
  return pages === undefined ? Number.POSITIVE_INFINITY : Number(pages) * PAGE_BYTES;
}

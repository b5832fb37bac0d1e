import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { Finding } from './finding.ts';

export function kernel(): Finding {
  return { name: 'kernel', title: 'Linux', state: 'ok', necessary: true, found: `The kernel is ${release()}.`, remedy: null };
}

/** The kernel has Multipath TCP when it has its settings (Documentation/networking/mptcp-sysctl.rst). */
export function mptcp(): Finding {
  const base = { name: 'mptcp', title: 'Multipath TCP', necessary: true } as const;
  switch (readSetting('net/mptcp/enabled')) {
    case '1':
      return { ...base, state: 'ok', found: 'The kernel has Multipath TCP and it is on.', remedy: null };
    case '0':
      return {
        ...base,
        state: 'limited',
        found: 'The kernel has Multipath TCP, but it is off outside of labs; labs switch it on for themselves.',
        remedy: '"sudo sysctl net.mptcp.enabled=1" switches it on for this machine.',
      };
    default:
      return {
        ...base,
        state: 'missing',
        found: 'The kernel was built without Multipath TCP, which is what all labs are for.',
        remedy: 'Boot a kernel of Linux 5.6 or newer with CONFIG_MPTCP; Debian, Ubuntu, Fedora and Arch ship such a kernel.',
      };
  }
}

/** The text of a file below /proc/sys; `null` where this kernel has no such setting. */
export function readSetting(path: string): string | null {
  try {
    return readFileSync(`/proc/sys/${path}`, 'utf8').trim();
  } catch {
    return null;
  }
}

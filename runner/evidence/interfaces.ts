import type { LinkBytes } from '../../protocol/evidence.ts';

/** /proc/net/dev: two lines of headings, then `name: 8 receive columns, 8 transmit columns` (proc_pid_net(5)). */
export function parseInterfaces(text: string): Record<string, LinkBytes> {
  const rows = text
    .split('\n')
    .slice(2)
    .filter((line) => line.includes(':'));
  return Object.fromEntries(
    rows.map((line) => {
      const [name = '', columns = ''] = line.split(':');
      const values = columns.trim().split(/\s+/).map(Number);
      return [name.trim(), { receivedBytes: values[0] ?? 0, sentBytes: values[8] ?? 0 }];
    }),
  );
}

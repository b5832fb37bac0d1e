import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The addresses of a machine that is alone in the world, and the name that its proxies have. */
export const ALONE = { name: 'mptcp.example.org', address: '192.0.2.1' };

/** Why there can be no such machine; `false` when there can. */
export function notAlone(): string | false {
  return process.getuid?.() === 0 ? false : 'needs root: a network of its own around a whole runner';
}

/**
 * Executes a TypeScript file in a network namespace that has a loopback interface and nothing else, with ALONE's name in
 * /etc/hosts: every port is free, nobody outside can be asked, and packets go to nobody else. Returns what it printed.
 *
 * @throws Error with what it wrote to standard error, when it fails
 */
export async function runAlone(script: string, args: string[], timeoutMs: number): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), 'hello-alone-'));
  try {
    const hosts = join(scratch, 'hosts');
    writeFileSync(hosts, `127.0.0.1 localhost\n::1 localhost\n${ALONE.address} ${ALONE.name}\n`);
    const setUp = [
      'ip link set lo up',
      `ip address add ${ALONE.address}/32 dev lo`,
      'mount --bind "$1" /etc/hosts',
      'shift',
      'exec "$@"',
    ].join('\n');
    const argv = ['--net', '--mount', 'sh', '-euc', setUp, 'sh', hosts, process.execPath, script, ...args];
    const options = { timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, TMPDIR: scratch } };
    const { stdout } = await promisify(execFile)('unshare', argv, options);
    return stdout;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

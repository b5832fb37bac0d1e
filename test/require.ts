import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { imageRoot, readImageState, readLeftOut } from '../image/location.ts';
import { isThere, missingPackages } from '../setup/system-packages.ts';

/** What a test may need of the machine beyond Node. */
export type Need = 'lab' | 'chromium' | 'tshark' | 'systemd' | 'proxies' | 'engine' | 'kubectl' | 'qemu';

/**
 * The reason to skip a test, for the `skip` option of node:test: `false` when the machine has what is needed.
 * With REQUIRE_LAB=1, as in CI, a missing thing is a fault instead.
 *
 * @throws Error under REQUIRE_LAB=1
 */
export async function missing(need: Need): Promise<string | false> {
  const reason = await PROBES[need]();
  if (reason !== false && process.env['REQUIRE_LAB'] === '1') throw new Error(`REQUIRE_LAB=1: ${reason}`);
  return reason;
}

/** As `missing`, for a snippet whose language the image may lack. */
export function missingLanguage(id: string): string | false {
  if (!readLeftOut().includes(id)) return false;
  const reason = `needs an image with ${id}, which LANGUAGES left out`;
  if (process.env['REQUIRE_LAB'] === '1') throw new Error(`REQUIRE_LAB=1: ${reason}`);
  return reason;
}

const PROBES: Record<Need, () => Promise<string | false>> = {
  async lab() {
    if (!existsSync('/proc/sys/net/mptcp/enabled')) return 'needs a kernel with Multipath TCP (5.6 or later, CONFIG_MPTCP)';
    if (readImageState().state !== 'ready') return 'needs the image: npm run image';
    const sandbox = ['--unshare-user', '--unshare-net', '--unshare-pid', '--ro-bind', imageRoot(), '/', 'true'];
    return (await works('bwrap', sandbox)) ? false : 'needs bubblewrap and user namespaces: npm run doctor';
  },
  async chromium() {
    return existsSync('/usr/bin/chromium') ? false : 'needs Chromium: apt-get install chromium';
  },
  async systemd() {
    return (await works('systemd-analyze', ['--version'])) ? false : 'needs systemd-analyze: apt-get install systemd';
  },
  async proxies() {
    const absent = ['caddy', 'nginx', 'haproxy'].filter((name) => !isThere(name));
    return absent.length === 0 ? false : `needs ${absent.join(', ')}: apt-get install ${absent.join(' ')}`;
  },
  async engine() {
    if (process.getuid?.() !== 0) return 'needs root, to start a container engine in namespaces of its own';
    if (!isThere('mmdebstrap')) return 'needs mmdebstrap: apt-get install mmdebstrap';
    const namespaces = ['--mount', '--pid', '--net', '--fork', 'mount', '-t', 'tmpfs', 'none', '/mnt'];
    return (await works('unshare', namespaces)) ? false : 'needs a machine whose root may mount, to start a container engine';
  },
  async kubectl() {
    return (await works('kubectl', ['kustomize', '--help']))
      ? false
      : 'needs kubectl 1.27 or later: apt-get install kubernetes-client';
  },
  async qemu() {
    const absent = missingPackages('vm').map(({ debian }) => debian);
    return absent.length === 0 ? false : `needs ${absent.join(', ')}: apt-get install ${absent.join(' ')}`;
  },
  async tshark() {
    return (await works('tshark', ['--version'])) ? false : 'needs tshark: apt-get install tshark';
  },
};

async function works(program: string, args: string[]): Promise<boolean> {
  return promisify(execFile)(program, args).then(
    () => true,
    () => false,
  );
}

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { dependencies, modulesInOrder } from './modules.ts';

const folder = mkdtempSync(join(tmpdir(), 'hello-modules-'));
mkdirSync(join(folder, 'kernel'));
after(() => rmSync(folder, { recursive: true }));

const BUILT_IN = [
  'virtio_net',
  'tcp_diag',
  'udp_diag',
  'mptcp_diag',
  'unix_diag',
  'af_packet_diag',
  'netlink_diag',
  'nft_numgen',
];

function put(name: string, needs: string): void {
  writeFileSync(join(folder, 'kernel', `${name}.ko.xz`), `\0license=GPL\0depends=${needs}\0`);
}

test('a module comes after those that it needs, which are told in its own words', () => {
  assert.deepEqual(dependencies(Buffer.from('\0license=GPL\0depends=crc-ccitt,libcrc32c\0name=x\0')), ['crc_ccitt', 'libcrc32c']);
  for (const name of ['virtio_blk', 'squashfs', 'veth', 'sch_tbf', 'sch_netem', 'nfnetlink', 'libcrc32c']) put(name, '');
  put('nf_tables', 'nfnetlink,libcrc32c');
  const builtIn = BUILT_IN.map((name) => `kernel/${name}.ko\n`).join('');
  const names = modulesInOrder(folder, ['cat'], builtIn).map(({ name }) => name);
  assert.deepEqual(names.slice(-3), ['nfnetlink', 'libcrc32c', 'nf_tables']);
  assert.equal(names.includes('tcp_diag'), false);
  assert.throws(
    () => modulesInOrder(folder, ['cat'], ''),
    /Expected the kernel module virtio_net in .* \(for labs\), found none/,
  );
});

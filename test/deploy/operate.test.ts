import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { imageDir } from '../../image/location.ts';
import { eventually, startRunner } from '../lab/runner.ts';
import { missing } from '../require.ts';
import { runPageCommand } from './page-commands.ts';

const execute = promisify(execFile);
const BUILD_MS = 200_000;
const skip = (await missing('lab')) || (await missing('systemd')) || (process.getuid?.() !== 0 && 'needs root, to make a user');

/** The commands of the page, in a folder that plays the root of a machine; what they change of the machine itself is there. */
describe('a service, by the commands of the page', { skip }, () => {
  let root: string;
  let source: string;
  let installed: string;
  const git = async (...args: string[]) =>
    (await execute('git', ['-C', source, '-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args])).stdout.trim();
  const places = () => ({
    '/opt/hello-mptcp': installed,
    'IMAGE_DIR=/var/lib/hello-mptcp/image': `IMAGE_DIR=${imageDir()}`,
  });

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'hello-mptcp-operate-'));
    source = join(root, 'source');
    installed = join(root, 'opt/hello-mptcp');
    for (const folder of ['etc/systemd/system', 'opt']) mkdirSync(join(root, folder), { recursive: true });
    for (const name of ['passwd', 'group', 'shadow', 'gshadow']) writeFileSync(join(root, 'etc', name), '');
    await execute('git', ['clone', '--quiet', resolve('.'), source]);
    await git('switch', '--quiet', '-C', 'main');
  });
  after(() => rmSync(root, { recursive: true }));

  test('is installed', { timeout: BUILD_MS }, async () => {
    // The packages that are here already; npm would bring the same.
    const modules = `{ cp -al ${resolve('node_modules')} . || cp -a ${resolve('node_modules')} .; }`;
    const instead = {
      ...places(),
      'sudo useradd': `sudo useradd --prefix ${root}`,
      'sudo npm run build': `${modules}; sudo npm run build`,
    };
    await runPageCommand('operate', 'install', { cwd: source, instead, timeoutMs: BUILD_MS });
    assert.match(
      readFileSync(join(root, 'etc/passwd'), 'utf8'),
      /^hello-mptcp:x:.*:\/var\/lib\/hello-mptcp:\/usr\/sbin\/nologin$/m,
    );
    assert.match(readFileSync(join(installed, 'dist/index.html'), 'utf8'), /Hello MPTCP/);
  });

  test('starts with the machine', async () => {
    const instead = { systemctl: `systemctl --root=${root}`, ' /etc/systemd/system/': ` ${root}/etc/systemd/system/` };
    await runPageCommand('operate', 'units', { cwd: installed, instead });
    const link = (wants: string) => readlinkSync(join(root, 'etc/systemd/system', wants));
    assert.match(link('sockets.target.wants/hello-mptcp.socket'), /\/etc\/systemd\/system\/hello-mptcp\.socket$/);
    assert.match(link('multi-user.target.wants/hello-mptcp.service'), /\/etc\/systemd\/system\/hello-mptcp\.service$/);
  });

  test('goes to a newer version, and back', async () => {
    const at = async () => (await execute('git', ['-C', installed, 'rev-parse', 'HEAD'])).stdout.trim();
    const older = await at();
    await git('commit', '--quiet', '--allow-empty', '-m', 'Something newer');
    // Built once above, of the same sources.
    const instead = { ...places(), 'sudo npm run build': 'true' };
    await runPageCommand('operate', 'upgrade', { instead });
    assert.equal(await at(), await git('rev-parse', 'HEAD'));
    await runPageCommand('operate', 'rollback', { instead: { '/opt/hello-mptcp': installed, 'sudo npm run build': 'true' } });
    assert.equal(await at(), older);
  });

  test('says how it is', async () => {
    await using runner = await startRunner({ METRICS_PORT: '0' });
    await eventually('it is ready', async () => (await fetch(new URL('readyz', runner.address))).status === 200);
    const instead = {
      'http://127.0.0.1:8262/': runner.address,
      'http://127.0.0.1:9262/metrics': runner.metricsAddress ?? assert.fail('no metrics'),
    };
    const said = await runPageCommand('operate', 'health', { instead });
    assert.match(said, /^ok\nready\n/);
    assert.match(said, /^hello_mptcp_labs\{state="open"\} 0$/m);
    assert.match(await runPageCommand('operate', 'doctor'), /Multipath TCP/);
  });
});

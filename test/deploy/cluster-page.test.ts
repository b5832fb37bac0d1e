import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { missing } from '../require.ts';
import { ALONE } from './alone.ts';
import { makeCertificate } from './certificate.ts';
import { runPageCommand } from './page-commands.ts';
import { change } from './real-proxy.ts';

const noProxies = await missing('proxies');
const noKubectl = await missing('kubectl');

describe('the commands of the page about several runners', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hello-mptcp-cluster-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  test('HAProxy takes its file', { skip: noProxies }, async () => {
    const { both } = await makeCertificate(folder, ALONE.name);
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, change('deploy/proxy/haproxy-cluster.cfg', { '/etc/ssl/hello-mptcp/haproxy.pem': both }));
    const env = { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };
    const said = await runPageCommand('cluster', 'check', { env, instead: { 'deploy/proxy/haproxy-cluster.cfg': file } });
    assert.doesNotMatch(said, /WARNING|ALERT/);
  });

  test('kubectl renders with a join code', { skip: noKubectl }, async () => {
    cpSync('deploy/kubernetes', join(folder, 'deploy/kubernetes'), { recursive: true });
    const said = await runPageCommand('cluster', 'code', { cwd: folder });
    assert.ok(said.includes(Buffer.from('K7Q-M4T-XP9').toString('base64')));
  });
});

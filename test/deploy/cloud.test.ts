import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { privilege } from '../../image/build.ts';
import { inNamespaces } from '../../image/mmdebstrap.ts';
import { SYSTEM_PACKAGES } from '../../setup/system-packages.ts';
import { missing } from '../require.ts';

const execute = promisify(execFile);
const INSTALL = 'deploy/cloud/install.sh';

describe('the files for clouds and Lima', { skip: await missing('lab') }, () => {
  let scratch: string;
  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'hello-cloud-'));
    // Unpacked, since an installed one would set this machine up at its next start.
    const packages = ['--mode=root', '--variant=extract', '--format=tar', '--quiet', '--include=cloud-init'];
    const [program = '', ...args] = inNamespaces(privilege, ['mmdebstrap', ...packages, 'trixie', join(scratch, 'tree.tar')]);
    await execute(program, args);
    await execute('tar', ['-x', '--no-same-owner', '-f', join(scratch, 'tree.tar'), '-C', scratch, './usr', './etc']);
    // Without any certificate it does not even begin; this one stands for those that an installed package gathers.
    const [certificate = ''] = globSync(join(scratch, 'usr/share/ca-certificates/mozilla/*.crt'));
    mkdirSync(join(scratch, 'etc/ssl/certs'), { recursive: true });
    copyFileSync(certificate, join(scratch, 'etc/ssl/certs/ca-certificates.crt'));
  });
  after(() => rmSync(scratch, { recursive: true }));

  /** Python of that tree, with one of our files. */
  const python = async (args: string[], content: string): Promise<string> => {
    const file = join(scratch, 'file');
    writeFileSync(file, content);
    const root = [
      '--ro-bind',
      join(scratch, 'usr'),
      '/usr',
      '--ro-bind',
      join(scratch, 'etc'),
      '/etc',
      '--ro-bind',
      file,
      '/file',
    ];
    const links = ['bin', 'lib', 'lib64'].flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`]);
    const places = ['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/run', '--tmpfs', '/var', '--tmpfs', '/tmp'];
    const { stdout } = await execute('bwrap', ['--unshare-all', ...root, ...links, ...places, 'python3', ...args]);
    return stdout;
  };

  test('cloud-init accepts its file, and would not accept a misspelled key', async () => {
    const file = readFileSync('deploy/cloud/cloud-init.yaml', 'utf8');
    assert.match(await python(VALIDATE, file), /Valid schema/);
    await assert.rejects(python(VALIDATE, file.replace('runcmd:', 'runcmds:')), /runcmds/);
    assert.ok(file.includes(`/usr/src/hello-mptcp/${INSTALL}, /usr/src/hello-mptcp]`));
  });

  test("Lima's template gives the project's folder to the script that installs it", async () => {
    const file = readFileSync('deploy/lima.yaml', 'utf8');
    const template = JSON.parse(
      await python(['-c', 'import json, yaml; print(json.dumps(yaml.safe_load(open("/file"))))'], file),
    );
    assert.deepEqual(template.mounts, [{ location: '{{.Param.project}}' }]);
    assert.deepEqual(template.portForwards, [{ guestPort: 8262, hostPort: 8262 }]);
    assert.deepEqual(
      template.images.map(({ arch }: { arch: string }) => arch),
      ['x86_64', 'aarch64'],
    );
    const script = template.provision[0].script.replaceAll('{{.Param.project}}', process.cwd());
    assert.ok(existsSync(/ sh '(.+\.sh)' /.exec(script)?.[1] ?? ''), script);
    await execute('sh', ['-n', '-c', script]);
  });

  test('the script installs every package that npm start asks for', async () => {
    await execute('sh', ['-n', INSTALL]);
    const script = readFileSync(INSTALL, 'utf8');
    const wanted = SYSTEM_PACKAGES.filter(({ needed }) => needed === 'always' || needed === 'by-user');
    for (const { debian } of wanted) assert.match(script, new RegExp(`[ \\t]${debian}[ \\n]`));
  });
});

const VALIDATE = ['-m', 'cloudinit.cmd.main', 'schema', '--config-file', '/file'];

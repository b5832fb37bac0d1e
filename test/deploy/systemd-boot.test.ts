import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { execute } from '../../deploy/execute.ts';
import { imageDir } from '../../image/location.ts';
import { inNamespaces } from '../../image/mmdebstrap.ts';
import { top } from '../../setup/site-build.ts';
import { openTestShell } from '../lab/test-shell.ts';
import { visit } from '../lab/visitor.ts';
import { missing, missingLanguage } from '../require.ts';
import { type OwnMachine, startOwnMachine } from './own-machine.ts';
import { runPageCommand } from './page-commands.ts';
import { type PortInto, portInto } from './port-into.ts';

/** Its systemd boots with control groups of both versions. */
const SUITE = 'bookworm';
const PACKAGES = ['systemd', 'bubblewrap', 'iproute2', 'procps'];
/** systemd(1): with 14 added, turns the machine off at once. */
const SIGRTMIN = 34;
/** They change what namespaces do not set apart, or want a console. */
const MASKED = [
  'systemd-sysctl.service',
  'systemd-modules-load.service',
  'systemd-tmpfiles-setup-dev.service',
  'systemd-random-seed.service',
  'console-getty.service',
  'getty.target',
];
const UNITS = ['hello-mptcp.socket', 'hello-mptcp.service'];

describe('a machine that systemd has started', { skip: (await missing('lab')) || (await missing('engine')) }, () => {
  let machine: OwnMachine;
  let port: PortInto;
  const systemctl = async (...args: string[]) =>
    (await promisify(execFile)(join(machine.commands, 'systemctl'), args)).stdout.trim();
  const ask = async (command: string) => {
    const enter = ['--target', String(machine.pid), '--all', 'sh', '-c', command];
    return (await promisify(execFile)('nsenter', enter)).stdout;
  };
  /** Whose `systemctl` is that of the machine. */
  const place = () => ({ env: { PATH: `${machine.commands}:${process.env['PATH']}` } });

  before(async () => {
    machine = await startOwnMachine({
      name: 'systemd',
      folders: [imageDir()],
      fill: install,
      argv: (cgroup) => ['sh', join(import.meta.dirname, 'boot-systemd.sh'), cgroup],
      ready: 'systemd has started all',
      programs: ['systemctl'],
      off: SIGRTMIN + 14,
    });
    port = await portInto(machine.pid, '127.0.0.1', 8262);
  });
  after(async () => {
    await port?.[Symbol.asyncDispose]();
    await machine?.[Symbol.asyncDispose]();
  });

  test('has the site and its labs, by the commands of the page', async () => {
    await runPageCommand('operate', 'start', place());
    assert.equal(await systemctl('is-active', ...UNITS), 'active\nactive');
    await using visitor = await visit(port.origin);
    visitor.run(1, 'server', 'python');
    visitor.run(2, 'client', 'python');
    const { verdict } = await visitor.until('verdict', (event) => event.final);
    assert.equal(verdict.kind, 'multipath', JSON.stringify(verdict));
  });

  test('compiles in its labs too, also while programs run', { skip: missingLanguage('java') }, async () => {
    await using visitor = await visit(port.origin);
    visitor.run(1, 'server', 'java');
    visitor.run(2, 'client', 'java');
    const { verdict } = await visitor.until('verdict', (event) => event.final);
    assert.equal(verdict.kind, 'multipath', JSON.stringify(verdict));
  });

  test('has shells whose commands change their lab', async () => {
    await using visitor = await visit(port.origin);
    const shell = await openTestShell(visitor, 1, 'client');
    assert.match(await shell.enter('ip mptcp endpoint'), /10\.0\.2\.2/);
    await shell.enter('ip mptcp endpoint flush');
    assert.doesNotMatch(await shell.enter('ip mptcp endpoint'), /10\.0\.2\.2/);
  });

  test('has a service that is no root, has no capability, and cannot write to what it runs', async () => {
    const pid = await systemctl('show', '--property=MainPID', '--value', 'hello-mptcp.service');
    const inside = `nsenter --target ${pid} --mount --setuid $(id -u hello-mptcp) --`;
    assert.match(
      await ask(`grep -E "^(Uid|CapBnd|NoNewPrivs)" /proc/${pid}/status`),
      /^Uid:\t(?!0\b)\d+[\s\S]*CapBnd:\t0+\nNoNewPrivs:\t1/,
    );
    for (const folder of ['/opt/hello-mptcp', imageDir(), '/var/lib', '/etc'])
      await assert.rejects(ask(`${inside} touch ${folder}/changed`), /Read-only file system|Permission denied/, folder);
  });

  test('starts a new runner while an old one ends, and holds the address meanwhile', async () => {
    const before = await systemctl('show', '--property=MainPID', '--value', 'hello-mptcp.service');
    const restarted = runPageCommand('operate', 'restart', place());
    const answers: number[] = [];
    let isOver = false;
    void restarted.finally(() => {
      isOver = true;
    });
    while (!isOver) answers.push((await fetch(new URL('healthz', port.origin))).status);
    await restarted;
    assert.notEqual(await systemctl('show', '--property=MainPID', '--value', 'hello-mptcp.service'), before);
    assert.deepEqual([...new Set(answers)], [200], 'nobody was refused');
    await using visitor = await visit(port.origin);
    visitor.run(1, 'client', 'python', { 'client.py': 'print("as ever")' });
    await visitor.untilOutput(1, 'as ever');
  });

  test('stops it, and nothing of it is left', async () => {
    await systemctl('stop', ...UNITS);
    assert.equal(await ask('ps -e -o user,args | grep ^hello-m || true'), '');
  });
});

/** Systemd on a Debian of its own, with the project at the place that the page says. */
async function install(root: string, scratch: string): Promise<void> {
  const options = ['--mode=root', '--variant=minbase', '--format=directory', `--include=${PACKAGES.join(',')}`];
  const without = ['doc', 'man', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  await execute(inNamespaces('root', ['env', `TMPDIR=${scratch}`, 'mmdebstrap', ...options, ...without, SUITE, root]));
  await execute(['useradd', '--prefix', root, '--system', '--shell', '/usr/sbin/nologin', 'hello-mptcp']);
  mkdirSync(join(root, 'opt'), { recursive: true });
  symlinkSync(top, join(root, 'opt/hello-mptcp'));
  const units = join(root, 'etc/systemd/system');
  for (const unit of MASKED) symlinkSync('/dev/null', join(units, unit));
  for (const unit of UNITS) cpSync(join(top, 'deploy/systemd', unit), join(units, unit));
  writeFileSync(join(root, 'etc/hello-mptcp.conf'), `IMAGE_DIR=${imageDir()}\nLABS_WARM=1\n`);
}

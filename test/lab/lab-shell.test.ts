import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { imagePlaces } from '../../image/location.ts';
import type { Lab } from '../../runner/lab/lab.ts';
import { labMaker } from '../../runner/lab/maker.ts';
import type { LabShell } from '../../runner/lab/shell.ts';
import { missing } from '../require.ts';
import { eventually } from './runner.ts';

describe('the shell of a lab', { skip: await missing('lab') }, () => {
  let lab: Lab;
  let shell: LabShell;
  before(async () => {
    lab = await labMaker(imagePlaces()).make();
    shell = lab.shell;
  });
  after(() => lab?.close());

  test('gives what a script printed, errors among it, and its status', async () => {
    assert.equal(await shell.run('printf "one\\ntwo\\n\\n"'), 'one\ntwo');
    await assert.rejects(shell.run('echo out; echo err >&2; exit 3'), { status: 3, output: 'out\nerr' });
    await assert.rejects(shell.run('false; echo no'), { status: 1, output: '' });
    await assert.rejects(shell.run('kill -9 $$'), { status: 137 });
    assert.equal((await shell.run('yes | head -c 3000000')).length, 2_999_999);
  });

  test('runs a command on a host, with quotes or without', async () => {
    assert.match(await shell.runOn('client', 'ip -oneline link'), /wifi/);
    assert.match(await shell.runOn('server', 'sh -c \'ip -oneline link; echo "a  b"\''), /a {2}b$/);
    await assert.rejects(shell.runOn('client', 'no-such-command --at all'), { status: 127, output: /no-such-command/ });
    await assert.rejects(shell.run('exec 3<&- 4>&-; ls /proc/self/fd/7'), { status: 2 });
  });

  test('writes a file byte by byte, and says when there is no room', async () => {
    const content = randomBytes(1_000_000);
    await shell.put('/tmp/random', content);
    assert.equal(await shell.run('base64 --wrap=0 /tmp/random'), content.toString('base64'));
    await assert.rejects(shell.put('/tmp/no/such/folder', content), { output: /No such file or directory/ });
    await shell.run('mkdir /tmp/small; mount -t tmpfs -o size=64k small /tmp/small');
    await assert.rejects(shell.put('/tmp/small/file', content), { output: /No space left on device/ });
    assert.equal(await shell.run('echo still there'), 'still there');
  });

  test('fills a directory with files as they are, and with directories and links too', async () => {
    await shell.run(
      'mkdir -p /tmp/from; cd /tmp/from; head -c 300000 /dev/urandom >data; echo "echo ran" >script; chmod 755 script',
    );
    await shell.make(['/tmp/to']);
    await shell.fill('/tmp/from', '/tmp/to');
    assert.equal(await shell.run('cmp /tmp/from/data /tmp/to/data && /tmp/to/script && stat -c %a /tmp/to/data'), 'ran\n644');
    await shell.run(
      'mkdir -p /tmp/from/deep/er; echo inside >/tmp/from/deep/er/file; ln -s deep/er/file /tmp/from/link; mkdir /tmp/to2',
    );
    await shell.fill('/tmp/from', '/tmp/to2');
    assert.equal(
      await shell.run('cat /tmp/to2/deep/er/file; readlink /tmp/to2/link; ls /tmp/to2'),
      'inside\ndeep/er/file\ndata\ndeep\nlink\nscript',
    );
    await assert.rejects(shell.make(['/tmp/to', '/tmp/made-all-the-same']), { output: /File exists/ });
    assert.equal(await shell.run('ls -d /tmp/made-all-the-same'), '/tmp/made-all-the-same');
  });

  test('removes directories with all that is in them, and nothing beside', async () => {
    await shell.run(`
      mkdir -p /tmp/kept/inner /tmp/gone/closed; echo kept >/tmp/kept/inner/file
      cd /tmp/gone; ln -s /tmp/kept link; ln -s /tmp/kept/inner/file closed/link; mkfifo fifo; ln /tmp/kept/inner/file hard
      i=0; while [ $i -lt 300 ]; do mkdir d; cd d; i=$((i+1)); done; touch bottom
      cd /tmp/gone; i=0; while [ $i -lt 500 ]; do touch "many $i"; i=$((i+1)); done; chmod 0 closed`);
    await shell.remove(['/tmp/gone']);
    assert.equal(
      await shell.run('ls /tmp/gone 2>&1 || cat /tmp/kept/inner/file'),
      "ls: cannot access '/tmp/gone': No such file or directory\nkept",
    );
    await shell.run('ln -s /tmp/kept /tmp/way-in');
    await shell.remove(['/tmp/way-in', '/tmp/nowhere']);
    assert.equal(
      await shell.run('cat /tmp/kept/inner/file; ls /tmp/way-in 2>&1 || true'),
      "kept\nls: cannot access '/tmp/way-in': No such file or directory",
    );
  });

  test('takes notice of processes whose parent is gone', async () => {
    await shell.run('(sleep 0.05 &) >/dev/null 2>&1');
    const sleeps = () => shell.run('grep -ls "^Name:.sleep" /proc/[0-9]*/status || true');
    await eventually('it is gone, and no zombie', async () => (await sleeps()) === '');
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { MAX_SHELLS } from '../../protocol/message.ts';
import { missing } from '../require.ts';
import { eventually, startRunner, type TestRunner } from './runner.ts';
import { openTestShell } from './test-shell.ts';
import { visit } from './visitor.ts';

const SIZE = { columns: 120, rows: 24 };

describe('a shell', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner({ LABS: '3' });
  });
  after(() => runner[Symbol.asyncDispose]());

  test('changes its host, and the page hears of it', async () => {
    await using visitor = await visit(runner.address);
    const shell = await openTestShell(visitor, 1, 'client');
    await shell.enter('ip mptcp endpoint add 10.0.1.2 dev wifi subflow backup; sysctl -qw net.mptcp.enabled=0');
    const { conditions } = await visitor.until('conditions', (event) => event.conditions.endpoints.length === 3);
    assert.deepEqual(
      conditions.endpoints.find(({ address }) => address === '10.0.1.2'),
      { host: 'client', id: 3, address: '10.0.1.2', port: null, link: 'wifi', flags: ['subflow', 'backup'] },
    );
    await visitor.until('conditions', (event) => !event.conditions.mptcpEnabled.client);
  });

  test('is there on the router too, and sees its packets', async () => {
    await using visitor = await visit(runner.address);
    await openTestShell(visitor, 1, 'router');
    await openTestShell(visitor, 2, 'client');
    visitor.type(1, 'tcpdump -n -l -i wifi -c 2 icmp\n');
    await visitor.untilOutput(1, 'listening on wifi');
    visitor.type(2, 'ping -c 1 10.0.9.1\n');
    await visitor.untilOutput(1, 'ICMP echo reply');
    await visitor.untilOutput(2, '1 received');
  });

  test('each connection that it makes is an attempt with a verdict of its own', async () => {
    await using visitor = await visit(runner.address);
    await openTestShell(visitor, 1, 'server');
    const shell = await openTestShell(visitor, 2, 'client');
    visitor.type(1, 'mptcpize run python3 -m http.server 80\n');
    await visitor.untilOutput(1, 'Serving HTTP');
    for (const [count, command, kind] of [
      [1, 'mptcpize run curl -s http://server.lab/', 'multipath'],
      [2, 'curl -s http://server.lab/', 'plain-tcp'],
    ] as const) {
      assert.match(await shell.enter(command), /Directory listing/);
      await eventually(
        `verdict ${count}`,
        () => visitor.events.filter((event) => event.type === 'verdict' && event.final).length === count,
      );
      const verdict = visitor.events.filter((event) => event.type === 'verdict').at(-1);
      assert.equal(verdict?.type === 'verdict' && verdict.run === 0 && verdict.verdict.kind, kind);
    }
    assert.equal(visitor.events.filter(({ type }) => type === 'attempt').length, 2);
  });

  for (const stripped of [null, 'data'] as const) {
    const road = stripped === null ? '' : ' where a middlebox makes them fall back late';
    test(`connections of commands, one right after the other, are as many attempts${road}`, async () => {
      await using visitor = await visit(runner.address);
      await openTestShell(visitor, 1, 'server', ['python']);
      const shell = await openTestShell(visitor, 2, 'client', ['python']);
      visitor.say({ type: 'condition', request: 1, condition: { kind: 'options-stripped', from: stripped } });
      await visitor.until('conditions', ({ request }) => request === 1);
      // With a second flow it would end, not fall back.
      await shell.enter('ip mptcp endpoint flush');
      visitor.type(1, 'python3 python/server.py\n');
      await visitor.untilOutput(1, 'listening');
      for (let count = 0; count < 5; count++) await shell.enter('python3 python/client.py');
      const verdicts = () => visitor.events.flatMap((event) => (event.type === 'verdict' && event.final ? [event.verdict] : []));
      await eventually('five verdicts', () => verdicts().length === 5);
      const wanted = stripped === null ? 'multipath' : 'fallback';
      assert.deepEqual(
        verdicts().map(({ kind }) => kind),
        Array(5).fill(wanted),
      );
    });
  }

  test('so are those of which the kernel tells nothing', async () => {
    await using visitor = await visit(runner.address);
    await openTestShell(visitor, 1, 'server', ['python']);
    const shell = await openTestShell(visitor, 2, 'client', ['python']);
    visitor.type(1, 'python3 python/server.py\n');
    await visitor.untilOutput(1, 'listening');
    await shell.enter('sed s/IPPROTO_MPTCP/IPPROTO_TCP/ python/client.py >plain.py');
    for (let count = 0; count < 5; count++) await shell.enter('python3 plain.py');
    const verdicts = () => visitor.events.flatMap((event) => (event.type === 'verdict' && event.final ? [event.verdict] : []));
    await eventually('five verdicts', () => verdicts().length === 5).catch((cause: Error) => {
      throw new Error(`${cause.message}, found ${verdicts().length}`);
    });
    assert.ok(verdicts().every(({ kind }) => kind === 'plain-tcp'));
  });

  test('each attempt is told with the lab that it began in, as the command right before it left it', async () => {
    await using visitor = await visit(runner.address);
    await openTestShell(visitor, 1, 'server', ['python']);
    const shell = await openTestShell(visitor, 2, 'client', ['python']);
    visitor.type(1, 'python3 python/server.py\n');
    await visitor.untilOutput(1, 'listening');
    const told = () => visitor.events.flatMap((event) => (event.type === 'conditions' && event.atAttempt ? [event] : []));
    const attempts = () => visitor.events.filter(({ type }) => type === 'attempt').length;
    for (const limit of [3, 4, 5, 6, 7, 8]) {
      const before = told().length;
      await shell.enter(`ip mptcp limits set subflows ${limit}; python3 python/client.py`);
      await eventually('the lab is told', () => told().length > before);
    }
    const limits = told().map(({ conditions }) => conditions.limits.find(({ host }) => host === 'client')?.subflows);
    // Beyond four in a second it is what was known before.
    assert.deepEqual(limits.slice(0, 4), [3, 4, 5, 6]);
    assert.equal(attempts(), 6);
    const first = visitor.events.findIndex(({ type }) => type === 'attempt');
    assert.ok(first < visitor.events.indexOf(told()[0] ?? assert.fail()));
  });

  test('a connection belongs to one attempt, also where a program opens one right after the other', async () => {
    await using visitor = await visit(runner.address);
    await openTestShell(visitor, 1, 'server', ['python']);
    const shell = await openTestShell(visitor, 2, 'client');
    visitor.type(1, 'python3 python/server.py\n');
    await visitor.untilOutput(1, 'listening');
    await shell.enter('ip mptcp endpoint flush');
    await shell.write('many.py', ONE_AFTER_THE_OTHER);
    await shell.enter('python3 many.py');
    const tokens = () =>
      visitor.events.flatMap((e) =>
        e.type === 'mptcp-event' && e.host === 'client' && e.event.kind === 'created' ? [e.event.token] : [],
      );
    const verdicts = () => visitor.events.flatMap((e) => (e.type === 'verdict' && e.final ? [e.verdict] : []));
    const connections = () =>
      verdicts().flatMap((verdict) => (verdict.kind === 'multipath' ? verdict.connections.map(({ token }) => token) : []));
    await eventually('the last one is over', () => tokens().length === 60 && connections().includes(tokens().at(-1) ?? ''));
    assert.deepEqual(connections(), tokens());
    assert.deepEqual(
      verdicts().filter((verdict) => verdict.kind !== 'multipath' || verdict.connections.length === 0),
      [],
    );
  });

  test('a program that is refused and tries again at once makes one attempt', async () => {
    await using visitor = await visit(runner.address);
    await openTestShell(visitor, 1, 'server', ['python']);
    const shell = await openTestShell(visitor, 2, 'client', ['python']);
    visitor.type(1, 'python3 python/server.py\n');
    await visitor.untilOutput(1, 'listening');
    await shell.write('again.py', REFUSED_FIRST);
    const verdicts = () => visitor.events.flatMap((e) => (e.type === 'verdict' && e.final ? [e.verdict.kind] : []));
    await shell.enter('python3 again.py 8262');
    await eventually('a verdict', () => verdicts().length > 0);
    assert.deepEqual(verdicts(), ['multipath']);
    // Where nobody answers, that is told as well.
    await shell.enter('python3 again.py 2');
    await eventually('another verdict', () => verdicts().length > 1);
    assert.deepEqual(verdicts(), ['multipath', 'nothing']);
  });

  test('shells of a host share a home, those of another host have their own', async () => {
    await using visitor = await visit(runner.address);
    const first = await openTestShell(visitor, 1, 'client');
    const second = await openTestShell(visitor, 2, 'client');
    const other = await openTestShell(visitor, 3, 'server');
    await first.enter('echo mine >note');
    assert.match(await second.enter('cat note'), /\bmine\b/);
    assert.match(await other.enter('cat note'), /No such file/);
  });

  test('completes the words of ip mptcp, and keeps a history', async () => {
    await using visitor = await visit(runner.address);
    const shell = await openTestShell(visitor, 1, 'client');
    visitor.type(1, 'ip mptcp endp\tshow\n');
    await visitor.untilOutput(1, '10.0.2.2 id 1 subflow dev cellular');
    assert.match(await shell.enter('history'), /ip mptcp endpoint show/);
  });

  test('a fresh lab ends the shells and has forgotten what they did', async () => {
    await using visitor = await visit(runner.address);
    const shell = await openTestShell(visitor, 1, 'client');
    await shell.enter('ip mptcp endpoint flush');
    await visitor.until('conditions', (event) => event.conditions.endpoints.length === 0);
    visitor.say({ type: 'fresh-lab' });
    // At once: what is asked for now is for the next lab.
    visitor.say({ type: 'shell', run: 2, host: 'server', snippets: [], ...SIZE });
    const { end } = await visitor.until('shell-ended');
    assert.deepEqual(end, { kind: 'stopped', by: 'fresh-lab' });
    await visitor.until('shell-started', ({ run }) => run === 2);
    await visitor.untilOutput(2, 'server');
    assert.equal(visitor.events.filter(({ type }) => type === 'lab-opened').length, 2);
    const fresh = await openTestShell(visitor, 3, 'client');
    assert.match(await fresh.enter('ip mptcp endpoint'), /10\.0\.2\.2 id 1/);
  });

  test('there are so many of a session, and an exit makes room', async () => {
    await using visitor = await visit(runner.address);
    for (let run = 1; run <= MAX_SHELLS; run++) await openTestShell(visitor, run, 'client');
    visitor.say({ type: 'shell', run: MAX_SHELLS + 1, host: 'client', snippets: [], ...SIZE });
    const { code } = await visitor.until('error');
    assert.equal(code, 'busy');
    visitor.type(1, 'exit 3\n');
    const { end } = await visitor.until('shell-ended');
    assert.deepEqual(end, { kind: 'exit', code: 3 });
    await openTestShell(visitor, MAX_SHELLS + 2, 'client');
  });

  test('none are opened where they are switched off', async () => {
    await using closed = await startRunner({ SHELLS: 'off' });
    await using visitor = await visit(closed.address);
    assert.equal((await visitor.until('welcome')).shells, false);
    visitor.say({ type: 'shell', run: 1, host: 'client', snippets: [], ...SIZE });
    assert.equal((await visitor.until('error')).code, 'shells-off');
  });
});

/** With pauses about as long as events of the kernel are under way. */
const ONE_AFTER_THE_OTHER = `
import socket, time
for number in range(60):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as connection:
        connection.connect(("server.lab", 8262))
        connection.sendall(b"hello from many\\n")
        connection.recv(200)
    time.sleep(number % 10 / 1000)
`;

/** As a program does that has several addresses of a server. */
const REFUSED_FIRST = `
import socket, sys, time
for port in 1, int(sys.argv[1]):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as connection:
        if connection.connect_ex(("server.lab", port)) == 0:
            connection.sendall(b"hello from again\\n")
            connection.recv(200)
    time.sleep(0.05)
`;

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { applyExperiment } from '../../protocol/manifest.ts';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { HOME_TOPOLOGY } from '../../protocol/topology.ts';
import { judge } from '../../protocol/verdict.ts';
import { missing, missingLanguage } from '../require.ts';
import { startRunner, type TestRunner } from './runner.ts';
import { type Visitor, visit } from './visitor.ts';

const snippets = readSnippets('snippets');

/** Runs a server and a client, and returns the final verdict. */
async function verdictOf(visitor: Visitor, snippet: string, files: Record<string, string> = {}) {
  visitor.run(1, 'server', snippet, files);
  visitor.run(2, 'client', snippet, files);
  const { verdict } = await visitor.until('verdict', (event) => event.final);
  await visitor.until('run-ended', (event) => event.host === 'server');
  return verdict;
}

function experimentOf(id: string, title: string): Record<string, string> {
  const snippet = snippets.find((candidate) => candidate.id === id) ?? assert.fail(`no snippet ${id}`);
  const experiment = snippet.manifest.experiments.find((candidate) => candidate.title === title) ?? assert.fail(`no "${title}"`);
  return { [experiment.file]: applyExperiment(snippet.sources[experiment.file] ?? '', experiment) };
}

describe('hello', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner();
  });
  after(() => runner[Symbol.asyncDispose]());

  for (const { id, manifest } of snippets) {
    test(`${id} gets the verdict that it promises, and both programs end well`, { skip: missingLanguage(id) }, async () => {
      await using visitor = await visit(runner.address);
      const verdict = await verdictOf(visitor, id);
      assert.equal(verdict.kind, manifest.promises, JSON.stringify(verdict));
      const client = await visitor.until('run-ended', (event) => event.host === 'client');
      assert.deepEqual(client.end, { kind: 'exit', code: 0 });
      if (manifest.speaks !== 'hello') return;
      assert.match(visitor.output(2), new RegExp(`^hello 10\\.0\\.1\\.2, I am ${id}\r\n$`));
      assert.match(visitor.output(1), new RegExp(`10\\.0\\.1\\.2 says: hello from ${id}\r\n`));
    });
  }

  for (const { id, manifest, sources } of snippets) {
    for (const experiment of manifest.experiments) {
      const { title, file, promises } = experiment;
      test(`${id}, "${title}" gets the verdict that it promises`, { skip: missingLanguage(id) }, async () => {
        await using visitor = await visit(runner.address);
        const verdict = await verdictOf(visitor, id, { [file]: applyExperiment(sources[file] ?? '', experiment) });
        assert.equal(verdict.kind, promises, JSON.stringify(verdict));
      });
    }
  }

  test('the evidence of both kernels stands behind the verdict, and gives it again', async () => {
    await using visitor = await visit(runner.address);
    const verdict = await verdictOf(visitor, 'python');
    const { evidence } = visitor.events.filter((event) => event.type === 'evidence').at(-1) ?? assert.fail('no evidence');
    assert.equal(evidence.counters.client.mptcp['MPCapableSYNTX'], 1);
    assert.equal(evidence.counters.client.mptcp['MPCapableSYNACKRX'], 1);
    assert.equal(evidence.counters.server.mptcp['MPCapableSYNRX'], 1);
    assert.equal(evidence.counters.server.mptcp['MPCapableACKRX'], 1);
    assert.deepEqual(evidence.mptcpListenPorts, [8262]);
    assert.ok((evidence.links.wifi?.sentBytes ?? 0) > 200);
    assert.deepEqual(judge(evidence, HOME_TOPOLOGY), verdict);
  });

  test('a connection that lives for a second gets a second subflow over the cellular link', async () => {
    await using visitor = await visit(runner.address);
    const verdict = await verdictOf(visitor, 'python', experimentOf('python', 'Let the server think for a second'));
    assert.equal(verdict.kind, 'multipath');
    assert.match(verdict.explanation, /two subflows: \d+ % over Wi-Fi, \d+ % over cellular\.$/);
    const [connection] = verdict.kind === 'multipath' ? verdict.connections : [];
    assert.deepEqual(
      connection?.subflows.map(({ link, role, flow }) => [link, role, flow.localAddress, flow.remoteAddress]),
      [
        ['wifi', 'initial', '10.0.1.2', '10.0.9.1'],
        ['cellular', 'joined', '10.0.2.2', '10.0.9.1'],
      ],
    );
  });

  test('over IPv6 the second subflow leaves by the cellular link too', async () => {
    await using visitor = await visit(runner.address);
    const stream = 'import socket, time\ns = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, 262)\n';
    const verdict = await verdictOf(visitor, 'python', {
      'server.py': `${stream}s.bind(("::", 8262))\ns.listen()\nc, a = s.accept()\nc.sendall(c.recv(100))\nc.recv(1)`,
      'client.py': `${stream}s.connect(("fd00:9::1", 8262))\ns.sendall(b"hello")\nprint(s.recv(100))\ntime.sleep(0.5)`,
    });
    const [connection] = verdict.kind === 'multipath' ? verdict.connections : [];
    assert.deepEqual(
      connection?.subflows.map(({ link, flow }) => [link, flow.localAddress]),
      [
        ['wifi', 'fd00:1::2'],
        ['cellular', 'fd00:2::2'],
      ],
    );
  });

  test('a client with a TCP socket is plain TCP, whatever it prints', async () => {
    await using visitor = await visit(runner.address);
    const files = experimentOf('python', 'Make the client plain TCP');
    const verdict = await verdictOf(visitor, 'python', { 'client.py': `print("Multipath TCP, surely")\n${files['client.py']}` });
    assert.equal(verdict.kind, 'plain-tcp');
    assert.match(visitor.output(2), /Multipath TCP, surely/);
  });

  test('a server with a TCP socket makes the client fall back, and the verdict says whose socket it is', async () => {
    await using visitor = await visit(runner.address);
    const verdict = await verdictOf(visitor, 'c', experimentOf('c', 'Make the server plain TCP'));
    assert.equal(verdict.kind, 'fallback');
    assert.equal(verdict.kind === 'fallback' && verdict.reason, 'server-is-plain-tcp');
  });

  test('a client without a server gets no connection', async () => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python');
    const { verdict } = await visitor.until('verdict', (event) => event.final);
    assert.equal(verdict.kind, 'nothing');
    assert.match(verdict.explanation, /refused/);
    assert.match(visitor.output(1), /ConnectionRefusedError/);
  });

  test('a second click starts both programs again in the same lab', async () => {
    await using visitor = await visit(runner.address);
    await verdictOf(visitor, 'python');
    visitor.run(3, 'server', 'c');
    visitor.run(4, 'client', 'c');
    const { verdict } = await visitor.until('verdict', (event) => event.run === 4 && event.final);
    assert.equal(verdict.kind, 'multipath');
    assert.equal(visitor.events.filter((event) => event.type === 'lab-opened').length, 1);
  });

  test('Run while both programs still run starts both again', async () => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'server', 'python');
    visitor.run(2, 'client', 'python', { 'client.py': 'print("up")\ninput()' });
    await visitor.untilOutput(2, 'up');
    visitor.run(3, 'server', 'python');
    visitor.run(4, 'client', 'python');
    const { verdict } = await visitor.until('verdict', (event) => event.run === 4 && event.final);
    assert.equal(verdict.kind, 'multipath', JSON.stringify(verdict));
  });

  test('a fault of the compiler stands in the terminal, and nothing is run', async () => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'c', { 'client.c': 'int main(void) { return nothing; }\n' });
    const { end } = await visitor.until('run-ended');
    assert.deepEqual(end, { kind: 'build-failed', code: 1 });
    assert.match(stripVTControlCharacters(visitor.output(1)), /client\.c:1:\d+: error: .nothing. undeclared/);
  });
});

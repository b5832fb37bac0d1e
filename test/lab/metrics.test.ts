import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { missing } from '../require.ts';
import { type Family, readPrometheus } from './prometheus-text.ts';
import { eventually, startRunner, type TestRunner } from './runner.ts';
import { visit } from './visitor.ts';

const TOO_LARGE = 'import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL); open("big", "wb").truncate(1 << 40)';

describe('metrics', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner({ METRICS_PORT: '0', LOG_LEVEL: 'silent', LABS: '7' });
  });
  after(() => runner[Symbol.asyncDispose]());

  const scrape = async (): Promise<Map<string, Family>> => {
    const response = await fetch(runner.metricsAddress ?? '');
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    return readPrometheus(await response.text());
  };
  /** The value of the one sample with these labels. */
  const value = (families: Map<string, Family>, name: string, labels: Record<string, string> = {}): number | undefined =>
    [...families.values()]
      .flatMap(({ samples }) => samples)
      .find((sample) => sample.name === name && Object.entries(labels).every(([label, text]) => sample.labels[label] === text))
      ?.value;

  test('what happened in labs is counted', async () => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'server', 'python');
    visitor.run(2, 'client', 'python');
    await visitor.until('run-ended', ({ run }) => run === 1);
    visitor.run(3, 'client', 'python', { 'client.py': 'import sys; print("too many open files"); sys.exit(7)' });
    await visitor.until('run-ended', ({ run }) => run === 3);
    visitor.run(4, 'client', 'python', { 'client.py': TOO_LARGE });
    await visitor.until('run-ended', ({ run }) => run === 4);
    visitor.run(5, 'client', 'c', { 'client.c': '#include <stdio.h>\nint main(void) { return puts("compiled") < 0; }\n' });
    await visitor.until('run-ended', ({ run }) => run === 5);
    visitor.run(6, 'client', 'no-"such\nsnippet');
    await visitor.until('error', ({ run }) => run === 6);

    const families = await scrape();
    const P = 'hello_mptcp_';
    const of = (snippet: string, host: string, end: string) => value(families, `${P}runs_total`, { snippet, host, end });
    assert.deepEqual(
      [
        of('python', 'client', 'exit'),
        of('python', 'client', 'exit-nonzero'),
        of('python', 'client', 'limit'),
        of('c', 'client', 'exit'),
      ],
      [1, 1, 1, 1],
    );
    assert.equal(of('python', 'server', 'stopped'), 1);
    assert.equal(value(families, `${P}limits_hit_total`, { limit: 'file-size' }), 1);
    assert.equal(value(families, `${P}limits_hit_total`, { limit: 'open-files' }), 1);
    assert.equal(value(families, `${P}limits_hit_total`, { limit: 'memory' }), 0);
    assert.equal(value(families, `${P}first_byte_seconds_count`, { host: 'client', compiled: 'false' }), 2);
    assert.equal(value(families, `${P}first_byte_seconds_count`, { host: 'client', compiled: 'true' }), 1);
    assert.ok((value(families, `${P}evidence_delay_seconds_count`) ?? 0) > 0);
    assert.ok((value(families, `${P}lab_make_seconds_count`) ?? 0) > 0);
    assert.deepEqual([value(families, `${P}lab_take_seconds_count`), value(families, `${P}lab_life_seconds_count`)], [1, 0]);
    assert.deepEqual([value(families, `${P}labs`, { state: 'open' }), value(families, `${P}labs_capacity`)], [1, 7]);
    assert.deepEqual([value(families, `${P}sessions`), value(families, `${P}queue_length`)], [1, 0]);
    assert.ok((value(families, 'process_resident_memory_bytes') ?? 0) > 1e6);

    const known = readSnippets('snippets').map(({ id }) => id);
    for (const { name, samples } of families.values()) {
      if (!name.startsWith(P)) continue;
      for (const { labels } of samples) assert.ok(labels['snippet'] === undefined || known.includes(labels['snippet']), name);
    }
  });

  test('a lab that is given back, and who was turned away', async () => {
    await fetch(new URL('api/session', runner.address));
    await visit(runner.address, { protocol: 'other.v9' }).then(({ closed }) => closed);
    await eventually(
      'the life of the first lab is counted',
      async () => value(await scrape(), 'hello_mptcp_lab_life_seconds_count') === 1,
    );
    const families = await scrape();
    assert.equal(value(families, 'hello_mptcp_refused_total', { reason: 'protocol-version' }), 1);
    assert.equal(value(families, 'hello_mptcp_refused_total', { reason: 'queue' }), 0);
  });

  test('they are not for visitors of the site, nor for pages under a foreign name', async () => {
    assert.equal((await fetch(new URL('metrics', runner.address))).status, 404);
    assert.match(runner.metricsAddress ?? '', /^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    assert.equal((await fetch(new URL('/', runner.metricsAddress ?? ''))).status, 404);
    const status = await new Promise((resolve, reject) => {
      request(runner.metricsAddress ?? '', { headers: { host: 'rebound.example' } }, ({ statusCode }) => resolve(statusCode))
        .once('error', reject)
        .end();
    });
    assert.equal(status, 403);
    await using closed = await startRunner({ LABS_WARM: '0' });
    assert.equal(closed.metricsAddress, null);
  });
});

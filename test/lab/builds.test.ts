import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildSteps } from '../../image/location.ts';
import { missing } from '../require.ts';
import { startRunner, type TestRunner } from './runner.ts';
import { type Visitor, visit } from './visitor.ts';

const compiled = [...new Set(buildSteps().map(({ snippet }) => snippet))];

describe('kept build results', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner();
  });
  after(() => runner[Symbol.asyncDispose]());

  /** The commands of both programs' steps, in their order. */
  const commandsOf = async (visitor: Visitor, snippet: string, files: Record<string, string>): Promise<string[]> => {
    visitor.run(1, 'server', snippet, files);
    visitor.run(2, 'client', snippet, files);
    for (const run of [1, 2]) await visitor.until('run-ended', (event) => event.run === run);
    const phases = visitor.events.filter((event) => event.type === 'run-phase');
    return phases.filter(({ phase }) => phase === 'building').map(({ host, command }) => `${host}: ${command}`);
  };

  for (const snippet of compiled) {
    test(`${snippet} as its page shows it is not compiled again`, async () => {
      await using visitor = await visit(runner.address);
      assert.deepEqual(await commandsOf(visitor, snippet, {}), []);
      assert.equal((await visitor.until('verdict', (event) => event.final)).verdict.kind, 'multipath');
    });
  }

  test('an edited program is compiled, and what is run is the edit', async () => {
    await using visitor = await visit(runner.address);
    const edited = '#include <stdio.h>\nint main(void) { puts("edited"); }\n';
    const built = await commandsOf(visitor, 'c', { 'client.c': edited });
    assert.deepEqual(built, ['client: gcc -Wall -Wextra -o client client.c']);
    assert.equal(visitor.output(2), 'edited\r\n');
  });
});

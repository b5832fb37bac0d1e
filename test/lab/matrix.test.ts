import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import { readSnippets } from '../../protocol/read-snippets.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import { missing, missingLanguage } from '../require.ts';
import { startRunner } from './runner.ts';
import { type Visitor, visit } from './visitor.ts';

/** Languages that ask for Multipath TCP by themselves. */
const languages = readSnippets('snippets')
  .filter(({ id, manifest }) => missingLanguage(id) === false && manifest.speaks === 'hello' && manifest.how === 'direct')
  .map(({ id }) => id);

type Cell = { client: string; server: string; seen: Verdict['kind'] | 'no verdict' };

describe('any client against any server', { skip: await missing('lab') }, () => {
  test('each pair of languages makes a Multipath TCP connection, say both kernels', async (t) => {
    await using runner = await startRunner({ LABS_WARM: '0' });
    const open = languages.flatMap((server) => languages.map((client): Omit<Cell, 'seen'> => ({ client, server })));
    const cells: Cell[] = [];

    const work = async () => {
      await using visitor = await visit(runner.address);
      let run = 0;
      for (let pair = open.shift(); pair !== undefined; pair = open.shift()) {
        cells.push({ ...pair, seen: await verdictOf(visitor, pair, run + 1, run + 2) });
        run += 2;
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, work));

    t.diagnostic(table(cells));
    assert.equal(cells.length, languages.length ** 2);
    assert.deepEqual(
      cells.filter(({ seen }) => seen !== 'multipath'),
      [],
    );
  });
});

async function verdictOf(visitor: Visitor, pair: Omit<Cell, 'seen'>, server: number, client: number): Promise<Cell['seen']> {
  visitor.run(server, 'server', pair.server);
  visitor.run(client, 'client', pair.client);
  for (const run of [client, server]) await visitor.until('run-ended', (event) => event.run === run);
  const greeting = `hello 10.0.1.2, I am ${pair.server}`;
  const told = visitor.events.findLast((event) => event.type === 'verdict' && event.run === client);
  return told?.type === 'verdict' && visitor.output(client).includes(greeting) ? told.verdict.kind : 'no verdict';
}

/** Servers in columns, clients in rows. */
function table(cells: Cell[]): string {
  const width = Math.max(...languages.map((language) => language.length));
  const row = (head: string, rest: string[]) => [head.padEnd(width), ...rest.map((text) => text.padEnd(width))].join(' ');
  const mark = (client: string, server: string) => {
    const seen = cells.find((cell) => cell.client === client && cell.server === server)?.seen;
    return seen === 'multipath' ? 'MPTCP' : (seen ?? '-');
  };
  return [
    'client \\ server',
    row('', languages),
    ...languages.map((client) =>
      row(
        client,
        languages.map((server) => mark(client, server)),
      ),
    ),
  ].join('\n');
}

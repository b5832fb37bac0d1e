import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import type { MatrixCell } from '../../protocol/matrix.ts';
import { readConfig } from '../../runner/config.ts';
import { openWorld } from '../../runner/world.ts';
import { matrixLanguages, runMatrix } from '../../setup/matrix.ts';
import { missing } from '../require.ts';

describe('any client against any server', { skip: await missing('lab') }, () => {
  test('each pair of languages makes a Multipath TCP connection, say both kernels', async (t) => {
    const { session: world, admission } = openWorld(readConfig({ LABS_WARM: '1', LOG_LEVEL: 'error' }));
    const languages = matrixLanguages(world.snippets, world.leftOut);
    const cells = await runMatrix(world, languages, availableParallelism());
    await admission.close();

    t.diagnostic(table(languages, cells));
    assert.equal(cells.length, languages.length ** 2);
    assert.deepEqual(
      cells.filter(({ verdict }) => verdict !== 'multipath'),
      [],
    );
  });
});

/** Servers in columns, clients in rows. */
function table(languages: string[], cells: MatrixCell[]): string {
  const width = Math.max(...languages.map((language) => language.length));
  const row = (head: string, rest: string[]) => [head.padEnd(width), ...rest.map((text) => text.padEnd(width))].join(' ');
  const mark = (client: string, server: string) => {
    const seen = cells.find((cell) => cell.client === client && cell.server === server)?.verdict;
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

import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { versionsOf } from '../image/versions.ts';
import type { Snippet } from '../protocol/manifest.ts';
import type { Matrix, MatrixCell } from '../protocol/matrix.ts';
import type { Verdict } from '../protocol/verdict.ts';
import { RUN_OF, runBoth } from '../runner/session/run-both.ts';
import type { SessionWorld } from '../runner/session/session.ts';
import { top } from './site-build.ts';

/** Programs that are run against each other: the hello protocol, in a language that asks for Multipath TCP by itself. */
export function matrixLanguages(snippets: Snippet[], leftOut: string[]): string[] {
  return snippets
    .filter(({ id, manifest }) => manifest.speaks === 'hello' && manifest.how === 'direct' && !leftOut.includes(id))
    .map(({ id }) => id);
}

/** Runs every client against every server, each pair in a lab of its own, some at a time. */
export async function runMatrix(world: SessionWorld, languages: string[], atOnce: number): Promise<MatrixCell[]> {
  const open = languages.flatMap((server) => languages.map((client) => ({ client, server })));
  const cells: MatrixCell[] = [];
  const work = async () => {
    for (let pair = open.shift(); pair !== undefined; pair = open.shift()) {
      cells.push({ ...pair, verdict: await verdictOf(world, pair) });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return cells;
}

/** `npm run record -- matrix`: keeps the result for the page that shows it. */
export async function recordMatrix(world: SessionWorld): Promise<void> {
  const languages = matrixLanguages(world.snippets, world.leftOut);
  const cells = await runMatrix(world, languages, 2);
  const matrix: Matrix = {
    recordedOn: new Date().toISOString().slice(0, 10),
    kernel: release().replace(/-.*/, ''),
    versions: Object.fromEntries(languages.map((id) => [id, versionsOf(id)])),
    cells: cells.sort((a, b) => `${a.server} ${a.client}`.localeCompare(`${b.server} ${b.client}`)),
  };
  const rows = matrix.cells.map((cell) => `    ${JSON.stringify(cell)}`).join(',\n');
  const head = JSON.stringify({ ...matrix, cells: undefined }, null, 2).replace(/\n}$/, '');
  writeFileSync(join(top, 'snippets/matrix.json'), `${head},\n  "cells": [\n${rows}\n  ]\n}\n`);
  const multipath = cells.filter(({ verdict }) => verdict === 'multipath').length;
  console.log(`snippets/matrix.json  ${multipath} of ${cells.length} pairs speak Multipath TCP`);
}

async function verdictOf(world: SessionWorld, pair: { client: string; server: string }): Promise<MatrixCell['verdict']> {
  let verdict: Verdict['kind'] = 'nothing';
  let printed = '';
  await runBoth(
    world,
    { ...pair, files: {}, columns: 80, rows: 24 },
    {
      event(event) {
        if (event.type === 'verdict' && event.run === RUN_OF.client) verdict = event.verdict.kind;
      },
      output(host, { bytes }) {
        if (host === 'client') printed += Buffer.from(bytes).toString();
      },
    },
  );
  // The connection, and what was said over it.
  return printed.includes(`hello 10.0.1.2, I am ${pair.server}`) ? verdict : 'nothing';
}

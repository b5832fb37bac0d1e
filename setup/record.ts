import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { versionsOf } from '../image/versions.ts';
import type { Experiment, Snippet } from '../protocol/manifest.ts';
import { AS_SHOWN, bySource, MAX_RECORDING_BYTES, type Recording, recordingName } from '../protocol/recording.ts';
import { contentOf, withExperiment } from '../protocol/snippet-content.ts';
import { readConfig } from '../runner/config.ts';
import { runBoth } from '../runner/session/run-both.ts';
import { openWorld } from '../runner/world.ts';
import { lessonById, lessons } from '../site/lessons/lessons.ts';
import { ensureImage } from './image-build.ts';
import { recordMatrix } from './matrix.ts';
import { recordLesson } from './record-lesson.ts';
import { openTape } from './recording-tape.ts';
import { top } from './site-build.ts';

const USAGE = `npm run record [-- SNIPPET ...]

Runs snippets, and each of their experiments, in a real lab and keeps what the pages play without a runner:
snippets/<id>/recordings/. Without a name all of them. "matrix" runs every client against every server instead, and
"lessons", with or without names after it, does the lessons of the course: site/lessons/recordings/.`;

/** As wide as a terminal of a page on a desktop. */
const SIZE = { columns: 80, rows: 24 };

const wanted = process.argv.slice(2);
if (wanted.some((word) => word.startsWith('-'))) stop(USAGE);
if (!(await ensureImage())) stop('The image could not be made: "npm run image" says more');

const { session: world, admission } = openWorld(readConfig({ ...process.env, LABS: '4', LABS_WARM: '1', LOG_LEVEL: 'error' }));
const isMatrix = wanted[0] === 'matrix';
const areLessons = wanted[0] === 'lessons';
const chosen = world.snippets.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
const unknown = wanted.filter((id) => !isMatrix && !areLessons && !world.snippets.some((snippet) => snippet.id === id));
if (unknown.length > 0) stop(`No snippet "${unknown[0]}". Known: ${world.snippets.map(({ id }) => id).join(', ')}`);

if (isMatrix) await recordMatrix(world);
else if (areLessons) await recordLessons(wanted.slice(1));
else for (const snippet of chosen) await recordSnippet(snippet);
await admission.close();

async function recordLessons(ids: string[]): Promise<void> {
  for (const lesson of ids.length === 0 ? lessons : ids.map(lessonById)) {
    const file = join(top, 'site/lessons/recordings', `${lesson.id}.json`);
    const text = `${JSON.stringify(await recordLesson(world, lesson), null, 2)}\n`;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`${file.slice(top.length + 1)}  ${Buffer.byteLength(text)} bytes`);
  }
}

async function recordSnippet(snippet: Snippet): Promise<void> {
  // The first run of a language reads its compiler and libraries from the disk: it warms up.
  await record(snippet, null);
  for (const experiment of [null, ...snippet.manifest.experiments]) {
    const recording = await record(snippet, experiment);
    const folder = join(top, 'snippets', snippet.id, 'recordings');
    const file = join(folder, `${experiment === null ? AS_SHOWN : recordingName(experiment.title)}.json`);
    const text = toText(recording);
    const verdict = recording.events.findLast((event) => event.type === 'verdict');
    const promised = (experiment ?? snippet.manifest).promises;
    if (verdict?.type !== 'verdict' || verdict.verdict.kind !== promised) {
      stop(`${file}: expected the verdict ${promised}, found ${JSON.stringify(verdict)}. Nothing was kept.`);
    }
    if (Buffer.byteLength(text) > MAX_RECORDING_BYTES) {
      stop(`${file}: expected at most ${MAX_RECORDING_BYTES} bytes, found ${Buffer.byteLength(text)}. Nothing was kept.`);
    }
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
    console.log(`${file.slice(top.length + 1)}  ${Buffer.byteLength(text)} bytes`);
  }
}

async function record(snippet: Snippet, experiment: Experiment | null): Promise<Recording> {
  const changed = withExperiment(snippet, experiment);
  const files = experiment === null ? {} : { [experiment.file]: changed.sources[experiment.file] ?? '' };
  const tape = openTape();
  await runBoth(world, { client: snippet.id, server: snippet.id, files, ...SIZE }, tape);
  const { kernel, events } = tape.end();
  return {
    of: contentOf(changed),
    recordedOn: new Date().toISOString().slice(0, 10),
    kernel,
    versions: versionsOf(snippet.id),
    events,
  };
}

/** One event a line, so that two recordings can be compared. */
function toText({ events, ...head }: Recording): string {
  const lines = bySource(events)
    .map((event) => `    ${JSON.stringify(event)}`)
    .join(',\n');
  return `${JSON.stringify(head, null, 2).replace(/\n}$/, '')},\n  "events": [\n${lines}\n  ]\n}\n`;
}

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}

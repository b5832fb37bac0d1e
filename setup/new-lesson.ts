import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from './site-build.ts';

const USAGE = `npm run new-lesson -- ID TITLE

Starts a lesson with one step: site/lessons/ID.ts, its page, and its place at the end of the course. Then change in them
what is not yet its own. A lesson without check, picture, question, source or
recording fails the build, which says what is missing.`;

const [id, title] = process.argv.slice(2);
if (id === undefined || title === undefined || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) fail(USAGE);
else if (existsSync(join(top, dataOf(id))) || existsSync(join(top, pageOf(id)))) fail(`The lesson ${id} is there already.`);
else create(id, title);

function create(lesson: string, name: string): void {
  writeFileSync(join(top, dataOf(lesson)), dataText(lesson, name));
  writeFileSync(join(top, pageOf(lesson)), pageText(lesson, name));
  const registry = join(top, 'site/lessons/lessons.ts');
  writeFileSync(registry, registered(readFileSync(registry, 'utf8'), lesson));

  console.log(`Made, and works at once:
  ${dataOf(lesson)}   steps, their checks, solutions and common mistakes
  ${pageOf(lesson)}   the page
  site/lessons/lessons.ts   its place in the course

Next: npm run format, npm run record -- lessons ${lesson}, npm test -- lab/lessons, npm start`);
}

function dataOf(lesson: string): string {
  return `site/lessons/${lesson}.ts`;
}

function pageOf(lesson: string): string {
  return `site/content/docs/learn/${lesson}.mdx`;
}

/** @throws Error when the list of lessons is written in another way */
function registered(text: string, lesson: string): string {
  const variable = lesson.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const list = /(export const lessons: Lesson\[\] = \[[^\]]*?),?\s*\];/;
  if (!list.test(text)) throw new Error('Expected "export const lessons: Lesson[] = [" in lessons.ts, found none');
  const imports = text.lastIndexOf('import { lesson as ');
  const imported = `import { lesson as ${variable} } from './${lesson}.ts';\n`;
  return `${text.slice(0, imports)}${imported}${text.slice(imports)}`.replace(
    list,
    (_, before: string) => `${before}, ${variable}];`,
  );
}

function dataText(lesson: string, name: string): string {
  return `import type { Lesson } from '../../protocol/lesson/lesson.ts';

export const lesson: Lesson = {
  id: '${lesson}',
  part: 'Paths',
  title: ${JSON.stringify(name)},
  minutes: 5,
  goal: 'Open a Multipath TCP connection.',
  terminals: ['client', 'server'],
  snippets: ['python'],
  setup: [{ on: 'server', type: 'python3 python/server.py', until: 'listening' }],
  steps: [
    {
      id: 'connect',
      check: { that: 'attempt', shows: [{ sight: 'verdict', kind: 'multipath' }, { sight: 'over' }] },
      solution: [{ on: 'client', type: 'python3 python/client.py' }],
      mistakes: [
        {
          title: 'The client asks for TCP',
          actions: [
            {
              on: 'client',
              type: "sed 's/IPPROTO_MPTCP)/IPPROTO_TCP)/' python/client.py > tcp.py && python3 tcp.py",
            },
          ],
          hint: 'its socket was a TCP socket',
        },
      ],
    },
  ],
};
`;
}

function pageText(lesson: string, name: string): string {
  return `---
title: ${JSON.stringify(name)}
description: What is done in this lesson, in a sentence.
lede: Why somebody would want to do it.
---

import Lesson from '../../../components/lesson/Lesson.astro';
import OwnMachine from '../../../components/lesson/OwnMachine.astro';
import Picture from '../../../components/lesson/Picture.astro';
import Question from '../../../components/lesson/Question.astro';
import Step from '../../../components/lesson/Step.astro';

<Lesson id="${lesson}">

What there is to know before the first step. [^rfc]

<Picture caption="What the picture shows." flows={[{ link: 'wifi', kind: 'subflow' }]} />

<Step lesson="${lesson}" id="connect">

## Connect

\`\`\`
client:~# python3 python/client.py
\`\`\`

</Step>

<Question ask="Something to answer before looking?">

The answer, and why it is so.

</Question>

<OwnMachine>

## On your own machine

\`\`\`
ss -Mni
\`\`\`

</OwnMachine>

## What the standard says

What of it is the standard’s. [^rfc]

[^rfc]: [RFC 8684](https://www.rfc-editor.org/rfc/rfc8684.html#section-3.1), section 3.1.

</Lesson>
`;
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 2;
}

import type { Manifest } from '../protocol/manifest.ts';
import { readDeviceSnippets } from '../protocol/read-device-snippets.ts';
import { readSnippets } from '../protocol/read-snippets.ts';
import { lessons } from './lessons/lessons.ts';

/** A page about programs without a snippet: systemd does not run in the lab. */
const SYSTEMD = { slug: 'programs/systemd', label: 'systemd sockets' };

type Group = { label: string; items: { slug: string; label: string }[] };

/**
 * The groups of snippet pages beside every page, each sorted by title. A snippet's page is at `languages/<id>`,
 * `programs/<id>`, `measurements/<id>` or, for the reader's own device, `apple/<id>`.
 *
 * @param folder of the snippets; read while the configuration is, before Vite is there to read it
 */
export function snippetGroups(folder: string): Group[] {
  const snippets = readSnippets(folder);
  const group = (label: string, holds: (manifest: Manifest) => boolean): Group => ({
    label,
    items: snippets
      .filter(({ manifest }) => holds(manifest))
      .map(({ id, manifest }) => ({ slug: `${manifest.kind}s/${id}`, label: manifest.title })),
  });
  const programs = group('Programs as they are', ({ kind }) => kind === 'program');
  return [
    group('What two links do', ({ kind }) => kind === 'measurement'),
    group('On Linux', ({ kind, how }) => kind === 'language' && how === 'direct'),
    group('On Linux, by mptcpize', ({ kind, how }) => kind === 'language' && how !== 'direct'),
    {
      label: 'On Apple systems',
      items: readDeviceSnippets(folder).map(({ id, manifest }) => ({ slug: `apple/${id}`, label: manifest.title })),
    },
    { ...programs, items: [{ slug: 'programs', label: 'Overview, and mptcpize' }, ...programs.items, SYSTEMD] },
  ].filter(({ items }) => items.length > 0);
}

/** The course and the lab, beside every page. */
export const COURSE_GROUP: Group = {
  label: 'Learn',
  items: [
    { slug: 'learn', label: 'The course' },
    ...lessons.map(({ id, title }) => ({ slug: `learn/${id}`, label: title })),
    { slug: 'learn/progress', label: 'What you have learned' },
    { slug: 'lab', label: 'The lab' },
  ],
};

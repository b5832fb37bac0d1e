import { createHash } from 'node:crypto';
import { applyExperiment, type Experiment, type Snippet } from './manifest.ts';

/** The snippet with one change of its experiment in it; `null` changes nothing. */
export function withExperiment(snippet: Snippet, experiment: Experiment | null): Snippet {
  if (experiment === null) return snippet;
  const changed = applyExperiment(snippet.sources[experiment.file] ?? '', experiment);
  return { ...snippet, sources: { ...snippet.sources, [experiment.file]: changed } };
}

/** A short hash of all that decides what a run of this snippet does: sources, steps and environment. Texts of pages do not count. */
export function contentOf({ manifest, sources }: Snippet): string {
  const decides = [manifest.programs, manifest.environment, manifest.port, Object.entries(sources).sort()];
  return createHash('sha256').update(JSON.stringify(decides)).digest('hex').slice(0, 16);
}

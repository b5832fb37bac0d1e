import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSnippets } from '../protocol/read-snippets.ts';
import { AS_SHOWN, MAX_RECORDING_BYTES, parseRecording, recordingName } from '../protocol/recording.ts';
import { contentOf, withExperiment } from '../protocol/snippet-content.ts';
import { judge } from '../protocol/verdict.ts';
import { top } from './site-build.ts';

for (const snippet of readSnippets(join(top, 'snippets'))) {
  for (const experiment of [null, ...snippet.manifest.experiments]) {
    const name = experiment === null ? AS_SHOWN : recordingName(experiment.title);
    const file = `snippets/${snippet.id}/recordings/${name}.json`;

    test(`${file} is of what its page shows, small, and gives the promised verdict`, () => {
      const recording = parseRecording(readFileSync(join(top, file), 'utf8'));
      const again = `The sources or the manifest changed since: npm run record -- ${snippet.id}`;
      assert.equal(recording.of, contentOf(withExperiment(snippet, experiment)), again);
      assert.ok(statSync(join(top, file)).size <= MAX_RECORDING_BYTES);

      const evidence = recording.events.find((event) => event.type === 'evidence');
      const verdict = recording.events.find((event) => event.type === 'verdict');
      const lab = recording.events.find((event) => event.type === 'lab-opened');
      assert.ok(evidence?.type === 'evidence' && verdict?.type === 'verdict' && lab?.type === 'lab-opened');
      assert.equal(verdict.verdict.kind, (experiment ?? snippet.manifest).promises);
      // The verdict follows from the evidence today as it did then.
      assert.deepEqual(judge(evidence.evidence, lab.topology), verdict.verdict);
    });
  }
}

import assert from 'node:assert/strict';

export type Sample = { name: string; labels: Record<string, string>; value: number };
export type Family = { name: string; type: string; help: string; samples: Sample[] };

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = new RegExp(`(${NAME})="((?:[^"\\\\]|\\\\.)*)"(?:,|$)`, 'y');
/** What a histogram and a summary add to their names. */
const SUFFIXES = ['_bucket', '_sum', '_count'];

/**
 * Reads the text format of Prometheus (exposition format 0.0.4) and throws where a scraper would take offence: a sample
 * without a family, a series told twice, a histogram that does not add up.
 */
export function readPrometheus(text: string): Map<string, Family> {
  assert.ok(text.endsWith('\n'), 'the last line has an end');
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  for (const line of text.split('\n').filter((candidate) => candidate !== '')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      assert.ok(!families.has(name), `${name} has one HELP`);
      families.set(name, { name, type: '', help: rest, samples: [] });
    } else if (kind === 'TYPE') {
      const family = families.get(name);
      assert.ok(
        family !== undefined && family.type === '' && family.samples.length === 0,
        `${name} has one TYPE, before its samples`,
      );
      family.type = rest;
    } else if (!line.startsWith('#')) {
      const sample = readSample(line);
      const family =
        families.get(sample.name) ??
        families.get(SUFFIXES.reduce((left, suffix) => left.replace(new RegExp(`${suffix}$`), ''), sample.name));
      assert.ok(family !== undefined && family.type !== '', `${sample.name} belongs to a family`);
      const series = sample.name + JSON.stringify(Object.entries(sample.labels).sort());
      assert.ok(!seen.has(series), `${series} is told once`);
      seen.add(series);
      family.samples.push(sample);
    }
  }
  for (const family of families.values()) if (family.type === 'histogram') addsUp(family);
  return families;
}

function readSample(line: string): Sample {
  const [, name = '', labelText = '', valueText = ''] = SAMPLE.exec(line) ?? assert.fail(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let end = 0;
  for (let found = LABEL.exec(labelText); found !== null; found = LABEL.exec(labelText)) {
    labels[found[1] ?? ''] = (found[2] ?? '').replaceAll(/\\(.)/g, (_, sign) => (sign === 'n' ? '\n' : sign));
    end = LABEL.lastIndex;
  }
  assert.equal(end, labelText.length, `labels end: ${line}`);
  const value = valueText === '+Inf' ? Number.POSITIVE_INFINITY : Number(valueText);
  assert.ok(!Number.isNaN(value) || valueText === 'NaN' || valueText === 'Nan', `a number: ${line}`);
  return { name, labels, value };
}

/** Buckets count what is below them too, and the last one is all. */
function addsUp({ name, samples }: Family): void {
  const counts = samples.filter((sample) => sample.name === `${name}_count`);
  for (const { labels, value } of counts) {
    const own = samples.filter(
      (sample) =>
        sample.name === `${name}_bucket` && Object.entries(labels).every(([label, text]) => sample.labels[label] === text),
    );
    const buckets = own.map((sample) => ({
      le: sample.labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(sample.labels['le']),
      value: sample.value,
    }));
    assert.ok(
      buckets.every(
        (bucket, index) =>
          index === 0 || (bucket.le > (buckets[index - 1]?.le ?? 0) && bucket.value >= (buckets[index - 1]?.value ?? 0)),
      ),
      `${name} grows`,
    );
    assert.deepEqual(buckets.at(-1), { le: Number.POSITIVE_INFINITY, value });
  }
}

/** `percent` is of the whole build. */
export type Progress = { phase: string; percent: number };

/**
 * The parts of a build in their order, each with the percentage at which it ends. Measured on two cores with a fast
 * network: 2 s of package lists, 2 s of downloads, 8 s of extracting (without a word), 13 s of installing, 5 s of
 * compiling, 4 s of packing and unpacking. Downloads got more, since networks differ most.
 */
const PARTS = [
  { name: 'lists', title: 'reading package lists', ends: 4 },
  { name: 'download-base', title: 'downloading the base system', ends: 12 },
  { name: 'extract-base', title: 'extracting the base system', ends: 28 },
  { name: 'install-base', title: 'installing the base system', ends: 38 },
  { name: 'download', title: 'downloading compilers and tools', ends: 55 },
  { name: 'install', title: 'installing compilers and tools', ends: 76 },
  { name: 'compile-python', title: "compiling Python's library", ends: 88 },
  { name: 'pack', title: 'packing', ends: 93 },
  { name: 'unpack', title: 'unpacking', ends: 96 },
  { name: 'check', title: 'checking', ends: 98 },
  { name: 'tools', title: "compiling the lab's programs", ends: 99 },
  { name: 'caches', title: 'compiling libraries ahead', ends: 100 },
] as const;

export type PartName = (typeof PARTS)[number]['name'];

/** Turns what mmdebstrap, apt and dpkg print into progress that never goes back. */
export type ProgressReader = {
  /** One line of `mmdebstrap --verbose`. */
  line(text: string): Progress;
  /** A part that is not told by a line begins. */
  begin(part: PartName): Progress;
};

export function readProgress(): ProgressReader {
  let part = 0;
  let done = 0;
  let total = 0;

  const progress = (): Progress => {
    const from = PARTS[part - 1]?.ends ?? 0;
    const { title, ends } = PARTS[part] ?? PARTS[0];
    const share = total > 0 ? Math.min(done / total, 1) : 0;
    return { phase: title, percent: Math.round(from + (ends - from) * share) };
  };

  const begin = (name: PartName): Progress => {
    const next = PARTS.findIndex((candidate) => candidate.name === name);
    if (next > part) {
      part = next;
      done = 0;
      total = 0;
    }
    return progress();
  };

  const line = (text: string): Progress => {
    const announced = ANNOUNCEMENTS.find(([pattern]) => pattern.test(text));
    if (announced !== undefined) begin(announced[1]);
    const current = PARTS[part]?.name;
    const needed = /^Need to get (?:[^/ ]+ \w+\/)?([\d.,]+) (B|kB|MB|GB) of archives/.exec(text);
    const downloaded = /^Get:\d+ .*\[([\d.,]+) (B|kB|MB|GB)\]/.exec(text);
    if (needed !== null && (current === 'download-base' || current === 'download')) total = bytesOf(needed);
    else if (downloaded !== null && (current === 'download-base' || current === 'download')) done += bytesOf(downloaded);
    else if (/^(Selecting previously unselected package|Unpacking|Setting up) /.test(text)) {
      if (current === 'download') begin('install');
      // Each package has three such lines; how many packages there are, apt said once while downloading.
      total = packages * 3;
      done += 1;
    }
    const counted = /^\d+ upgraded, (\d+) newly installed/.exec(text);
    if (counted !== null) packages = Number(counted[1]);
    return progress();
  };
  let packages = 0;

  return { line, begin };
}

const ANNOUNCEMENTS: [RegExp, PartName][] = [
  [/^I: downloading packages with apt/, 'download-base'],
  [/^I: extracting archives/, 'extract-base'],
  [/^I: installing essential packages/, 'install-base'],
  [/^I: installing remaining packages/, 'download'],
  [/^hello-mptcp: compiling Python/, 'compile-python'],
  [/^I: creating tarball/, 'pack'],
];

/** apt counts in powers of ten. */
function bytesOf(match: RegExpExecArray): number {
  const factors: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 };
  return Number((match[1] ?? '').replaceAll(',', '')) * (factors[match[2] ?? ''] ?? 1);
}

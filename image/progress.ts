/** `percent` is of the whole build. */
export type Progress = { phase: string; percent: number };

/**
 * The parts of a build in their order, each with the percentage at which it ends. Measured on two cores, all languages,
 * downloads there: 210 s, of which 88 s until all is installed, 38 s of packing, 33 s of unpacking, 50 s of compiling
 * libraries and programs. Downloads got more, since networks differ most.
 */
const PARTS = [
  { name: 'lists', title: 'reading package lists', ends: 2 },
  { name: 'download-base', title: 'downloading the base system', ends: 6 },
  { name: 'extract-base', title: 'extracting the base system', ends: 12 },
  { name: 'install-base', title: 'installing the base system', ends: 16 },
  { name: 'download', title: 'downloading compilers and tools', ends: 30 },
  { name: 'install', title: 'installing compilers and tools', ends: 50 },
  { name: 'compile-python', title: "compiling Python's library", ends: 52 },
  { name: 'pack', title: 'packing', ends: 65 },
  { name: 'unpack', title: 'unpacking', ends: 79 },
  { name: 'check', title: 'checking', ends: 80 },
  { name: 'tools', title: "compiling the lab's programs", ends: 81 },
  { name: 'caches', title: 'compiling libraries ahead', ends: 91 },
  { name: 'builds', title: 'compiling the programs', ends: 100 },
] as const;

export type PartName = (typeof PARTS)[number]['name'];

/** Tells that so many of a part's steps are done, and what the next one is for. */
export type Reached = (done: number, total: number, what: string) => Promise<void>;

/** Turns what mmdebstrap, apt and dpkg print into progress that never goes back. */
export type ProgressReader = {
  /** One line of `mmdebstrap --verbose`. */
  line(text: string): Progress;
  /** A part that is not told by a line begins. */
  begin(part: PartName): Progress;
  /** Of the present part so much is done; `detail` says what is under way: "Go". */
  reached(done: number, total: number, detail: string): Progress;
};

/** @param languages the language that a package is there for, by the package's name */
export function readProgress(languages: Map<string, string> = new Map()): ProgressReader {
  let part = 0;
  let done = 0;
  let total = 0;
  let detail = '';

  const progress = (): Progress => {
    const from = PARTS[part - 1]?.ends ?? 0;
    const { title, ends } = PARTS[part] ?? PARTS[0];
    const share = total > 0 ? Math.min(done / total, 1) : 0;
    return { phase: detail === '' ? title : `${title}: ${detail}`, percent: Math.round(from + (ends - from) * share) };
  };

  const begin = (name: PartName): Progress => {
    const next = PARTS.findIndex((candidate) => candidate.name === name);
    if (next > part) {
      part = next;
      done = 0;
      total = 0;
      detail = '';
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
      const language = languages.get(/^Unpacking ([^ :]+)/.exec(text)?.[1] ?? '');
      if (language !== undefined && current !== 'install-base') detail = language;
    }
    const counted = /^\d+ upgraded, (\d+) newly installed/.exec(text);
    if (counted !== null) packages = Number(counted[1]);
    return progress();
  };
  let packages = 0;

  const reached = (doneNow: number, totalNow: number, detailNow: string): Progress => {
    [done, total, detail] = [doneNow, totalNow, detailNow];
    return progress();
  };

  return { line, begin, reached };
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

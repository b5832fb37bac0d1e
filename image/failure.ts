import { NOT_EXECUTED } from './emulation.ts';

/**
 * One sentence on why a build failed and what mends it.
 * `output` is what mmdebstrap printed, or the message of a fault; `log` a file with all of it.
 */
export function explainFailure(output: string, log: string): string {
  const known = KNOWN.find(([pattern]) => pattern.test(output));
  if (known !== undefined) return known[1];
  const lastError = output
    .split('\n')
    .filter((line) => /^E: /.test(line))
    .at(-1);
  return `The image could not be built: ${lastError?.slice(3) ?? lastLine(output)}. All that was printed is in ${log}; "npm run image" tries again.`;
}

const KNOWN: [RegExp, string][] = [
  [
    /spawn setpriv ENOENT|spawn unshare ENOENT|unrecognized option '--(map-auto|pdeathsig|kill-child)'/,
    'Building the image needs unshare and setpriv of util-linux 2.38 or newer: update the package util-linux.',
  ],
  [
    /unshare: failed to execute mmdebstrap|mmdebstrap: (command )?not found/,
    'mmdebstrap, which builds the image, is not installed: "apt-get install mmdebstrap" as root, then "npm run image".',
  ],
  [
    /newuidmap|newgidmap/,
    'Building the image as an ordinary user needs newuidmap: "apt-get install uidmap" as root, then "npm run image".',
  ],
  [
    /subuid|subgid|subordinate/i,
    'Building the image as an ordinary user needs subordinate ids: "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER" as root, then "npm run image".',
  ],
  [
    /unshare failed: Operation not permitted|unshare: .*uid_map.*not permitted/i,
    'Building the image needs namespaces, which this system refuses: "npm run doctor" says how to allow them.',
  ],
  [
    /No space left on device|ENOSPC/,
    'The disk is full: the image needs about 14 GB while it is built, and 1 GB with LANGUAGES=c,python. Free some, then "npm run image".',
  ],
  [
    /Temporary failure resolving|Could not resolve|Could not connect|Connection (failed|timed out)|Network is unreachable|Unable to fetch/i,
    'The packages of the image could not be downloaded: see that this machine reaches Debian\'s mirror, then "npm run image" goes on where it stopped.',
  ],
  [
    /NO_PUBKEY|not signed|signature/i,
    'The signatures of Debian\'s packages could not be checked: "apt-get install debian-archive-keyring" as root, then "npm run image".',
  ],
  [/does not execute arm64 programs/, NOT_EXECUTED],
];

function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1) ?? '';
}

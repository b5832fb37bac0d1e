import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOT_EXECUTED } from './emulation.ts';
import { explainFailure } from './failure.ts';

const NO_NETWORK = `Reading package lists...
E: Failed to fetch http://mirror/debian/dists/trixie/InRelease  Temporary failure resolving 'mirror'
E: Some index files failed to download. They have been ignored, or old ones used instead.
E: apt-get update --error-on=any -oAPT::Status-Fd=<$fd> -oDpkg::Use-Pty=false failed
rm: cannot remove '/image/tmp/mmdebstrap.OdmBfjRsIg/var/cache/apt/archives': Device or resource busy
E: rm failed: 256`;

const DISK_FULL = `tar: ./usr/share/doc/sed/copyright: Cannot write: No space left on device
tar: Exiting with failure status due to previous errors
E: tar --extract failed: 512
E: rm failed: 256`;

// Printed on Debian 12 with that one thing taken away; names of the mirror and the user replaced.
const CAPTURED: [string, string, RegExp][] = [
  ['mmdebstrap is missing', 'unshare: failed to execute mmdebstrap: No such file or directory', /apt-get install mmdebstrap/],
  ['newuidmap is missing', 'unshare: failed to execute newuidmap: Permission denied', /apt-get install uidmap/],
  ['the user has no subordinate ids', 'unshare: no line matching user "u" in /etc/subuid: Success', /usermod --add-subuids/],
  ['there is no network', NO_NETWORK, /reaches Debian's mirror/],
  ['qemu-user is missing', `Error: /usr/bin/qemu-aarch64-static is missing\n${NOT_EXECUTED}`, /apt-get install qemu-user-static/],
  ['the disk is full', DISK_FULL, /The disk is full: the image needs about 14 GB/],
  [
    'unshare is too old',
    "unshare: unrecognized option '--map-auto'\nTry 'unshare --help' for more information.",
    /util-linux 2\.38/,
  ],
];

for (const [title, output, expected] of CAPTURED) {
  test(`when ${title}, the message names the remedy`, () => {
    assert.match(explainFailure(output, '/image/log'), expected);
  });
}

test('what is not known is told by the last error line and the log', () => {
  const message = explainFailure('I: running\nE: something odd\ncleaning up', '/image/log');
  assert.match(message, /something odd\. All that was printed is in \/image\/log/);
});

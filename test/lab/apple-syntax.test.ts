import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { imageRoot } from '../../image/location.ts';
import { readLanguages } from '../../image/recipe.ts';
import { deviceSnippetNamed } from '../../protocol/device-snippet.ts';
import { readDeviceSnippets } from '../../protocol/read-device-snippets.ts';
import { missing } from '../require.ts';

/**
 * Reads the sources for Apple's systems with Apple's own compilers for Linux, against stubs of the frameworks: syntax,
 * spelling and types. A stub knows a name only because it was written into it; nothing is linked, and nothing runs.
 */
const STUBS = join(import.meta.dirname, 'apple-stubs');

const snippets = readDeviceSnippets('snippets');

const CLANG = '/usr/libexec/swift/bin/clang -fsyntax-only -Wall -Wextra -Wno-unused-parameter -Werror';
const SWIFT = 'cat >/tmp/hello.swift && swiftc -typecheck /tmp/hello.swift';

/** How each one is read, from standard input, and names in it that must not be misspelled. */
const READERS: Record<string, { script: string; names: string[] }> = {
  'apple-c': {
    script: `${CLANG} -fblocks -I /lab/c -x c -`,
    names: ['nw_parameters_set_multipath_service', 'nw_multipath_service_handover', 'nw_connection_state_ready'],
  },
  'objc-ios': {
    script: `${CLANG} -target arm64-apple-ios17.0 -fobjc-arc -nostdinc -I /lab/objc -x objective-c -`,
    names: ['configuration.multipathServiceType', 'NSURLSessionMultipathServiceTypeHandover', 'transaction.isMultipath'],
  },
  'swift-macos': { script: `${SWIFT} -I /work/Network`, names: ['parameters.multipathServiceType', '.handover'] },
  'swift-ios': {
    script: `${SWIFT} -parse-as-library -I /work/Foundation`,
    names: ['configuration.multipathServiceType', '.handover', 'transaction.isMultipath'],
  },
};

const noSwift = () => !readLanguages().includes('swift') && 'needs an image with Swift: LANGUAGES leaves it out';

describe('code for Apple’s systems', { skip: (await missing('lab')) || noSwift() }, () => {
  const modules = mkdtempSync(join(tmpdir(), 'hello-mptcp-modules-'));
  after(() => rmSync(modules, { recursive: true }));
  before(async () => {
    // Swift imports a compiled module only. Each is in a folder of its own: one of them takes the place of Linux's Foundation.
    const compile = (name: string) =>
      `swiftc -emit-module -parse-as-library -module-name ${name} -o /work/${name}/${name}.swiftmodule /lab/swift/${name}.swift`;
    assert.equal(await inImage(`mkdir /work/Network /work/Foundation; ${compile('Network')}; ${compile('Foundation')}`, ''), '');
  });

  test('is all there, and there is a way to read each', () => {
    assert.deepEqual(snippets.map(({ id }) => id).toSorted(), Object.keys(READERS).toSorted());
  });

  for (const { id, manifest, sources } of snippets) {
    const { script = 'false', names = [] } = READERS[id] ?? {};
    const source = sources[manifest.files[0] ?? ''] ?? '';

    test(`${id} has no fault of syntax, spelling or type, in any mode`, async () => {
      for (const text of [source, ...inOtherModes(source)]) assert.equal(await inImage(script, text), '');
    });

    for (const name of names) {
      test(`${id} is told when ${name} is misspelled`, async () => {
        const misspelled = source.replaceAll(name, `${name.slice(0, -1)}x`);
        assert.notEqual(misspelled, source);
        assert.match(await inImage(script, misspelled), /error: /);
      });
    }

    for (const file of manifest.files.filter((name) => /\.(plist|entitlements)$/.test(name))) {
      test(`${file} of ${id} is a property list`, async () => {
        const read = `python3 -c 'import plistlib, sys; print(sorted(plistlib.loads(sys.stdin.buffer.read())))'`;
        assert.match(await inImage(read, sources[file] ?? ''), /^\['(NSAppTransportSecurity|com\.apple\.developer)/);
      });
    }
  }

  test('the snippets for iOS share their settings', () => {
    const [swiftOne, objc] = ['swift-ios', 'objc-ios'].map((id) => deviceSnippetNamed(id, snippets).sources);
    for (const file of ['Info.plist', 'Hello.entitlements']) assert.equal(swiftOne?.[file], objc?.[file]);
  });

  /** What a command prints, in the image and without a network: nothing, where a compiler is content. */
  async function inImage(script: string, input: string): Promise<string> {
    const sandbox = ['--unshare-all', '--die-with-parent', '--ro-bind', imageRoot(), '/', '--proc', '/proc', '--dev', '/dev'];
    const places = ['--tmpfs', '/tmp', '--ro-bind', STUBS, '/lab', '--bind', modules, '/work', '--setenv', 'HOME', '/tmp'];
    const running = promisify(execFile)('bwrap', [...sandbox, ...places, 'sh', '-c', `exec 2>&1; ${script}`]);
    running.child.stdin?.end(input);
    return running.then(
      ({ stdout }) => stdout,
      (error: { stdout?: string }) => error.stdout || 'error: the compiler did not start',
    );
  }
});

/** The source in the two other modes that the pages tell of. */
function inOtherModes(source: string): string[] {
  return ['interactive', 'aggregate'].map((mode) => {
    const capital = `${mode[0]?.toUpperCase()}${mode.slice(1)}`;
    return source
      .replaceAll('_service_handover', `_service_${mode}`)
      .replaceAll('= .handover', `= .${mode}`)
      .replaceAll('ServiceTypeHandover', `ServiceType${capital}`);
  });
}

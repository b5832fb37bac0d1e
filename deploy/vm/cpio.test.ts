import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpio } from './cpio.ts';

test('an archive has a header, a name and a content for each entry, each from a multiple of four on', () => {
  const archive = cpio([
    { path: 'bin', mode: 0o755, content: null },
    { path: 'bin/sh', mode: 0o755, content: Buffer.from('12345') },
  ]).toString('latin1');
  const [folder = '', file = '', end = '', none] = archive.split(/(?=070701)/);
  assert.equal(folder.slice(6, 22), '00000001000041ed');
  assert.equal(folder.slice(110), 'bin\0\0\0');
  assert.equal(file.slice(6, 22), '00000002000081ed');
  assert.equal(file.slice(54, 62), '00000005');
  assert.equal(file.slice(110), 'bin/sh\0\0\0\0' + '12345\0\0\0');
  assert.equal(end.slice(110), 'TRAILER!!!\0\0\0\0');
  assert.equal(none, undefined);
});

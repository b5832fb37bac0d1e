import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceSnippetNamed, deviceSnippetsOf } from './device-snippet.ts';

const manifest = {
  title: 'Swift on iOS',
  system: 'iOS',
  framework: 'Foundation',
  language: 'swift',
  since: 'iOS 11',
  service: 'http',
  files: ['Hello.swift'],
};
const files = {
  '/snippets/swift-ios/device.json': JSON.stringify(manifest),
  '/snippets/swift-ios/Hello.swift': 'let server = "http://192.0.2.1:8264/"\n',
  '/snippets/python/manifest.json': '{}',
};
const faulty =
  (change: Record<string, unknown>, more: Record<string, string> = {}) =>
  () =>
    deviceSnippetsOf({ ...files, '/snippets/swift-ios/device.json': JSON.stringify({ ...manifest, ...change }), ...more });

test('a device snippet holds its manifest and the bytes of its files, and other folders are left alone', () => {
  assert.deepEqual(deviceSnippetsOf(files), [
    { id: 'swift-ios', manifest, sources: { 'Hello.swift': 'let server = "http://192.0.2.1:8264/"\n' } },
  ]);
});

test('a fault is told by file, field, expected and found', () => {
  assert.throws(faulty({ service: 'ftp' }), /swift-ios\/device\.json: service: expected \("hello" \| "http"\), found "ftp"/);
  assert.throws(faulty({ files: ['Hello.m'] }), /files: expected the file Hello\.m beside device\.json, found none/);
  assert.throws(faulty({ framwork: 'Network' }), /framwork: expected never, found "framwork"/);
});

test('a program without the address that the page puts another in place of is told', () => {
  const without = { '/snippets/swift-ios/Hello.swift': 'let server = "http://127.0.0.1:8264/"\n' };
  assert.throws(faulty({}, without), /expected 192\.0\.2\.1 to stand once in Hello\.swift, found it 0 times/);
  assert.throws(faulty({ service: 'hello' }), /expected 8263 to stand once in Hello\.swift, found it 0 times/);
});

test('text that is no JSON is told, and an unknown snippet with the known ones', () => {
  assert.throws(() => deviceSnippetsOf({ '/snippets/x/device.json': '{' }), /x\/device\.json: \(whole file\): expected JSON/);
  assert.throws(() => deviceSnippetNamed('ios', deviceSnippetsOf(files)), /No device snippet "ios"\. Known: swift-ios/);
});

import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { imagePlaces } from '../../../image/location.ts';
import { labMaker } from '../../../runner/lab/maker.ts';
import { makeCapture } from './make-capture.ts';
import { SCENARIOS } from './scenarios.ts';

/** Captures the fixtures of protocol/packet anew: `node_modules/.bin/node test/lab/packets/write-fixtures.ts`. */
const KEPT = [
  'hello-ipv4',
  'hello-ipv6',
  'checksums',
  'addresses',
  'no-timestamps',
  'backup',
  'fastclose',
  'join-refused',
  'corrupted',
];

const [version] = release().split('-');
const labs = labMaker(imagePlaces());
for (const scenario of SCENARIOS.filter(({ name }) => KEPT.includes(name))) {
  const { file, capture } = await makeCapture(labs, scenario);
  const path = join(import.meta.dirname, '../../../protocol/packet/fixtures', `${scenario.name}-${version}.pcap`);
  writeFileSync(path, file);
  console.log(`${path}: ${capture.packets.length} packets, ${file.length} bytes`);
}

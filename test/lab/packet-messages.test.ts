import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { trackConnections } from '../../protocol/packet/connections.ts';
import { isControl } from '../../protocol/packet/control.ts';
import { type DecodedPacket, decodePacket } from '../../protocol/packet/decode.ts';
import { LINK_TYPES } from '../../protocol/packet/pcap.ts';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { withExperiment } from '../../protocol/snippet-content.ts';
import { missing } from '../require.ts';
import { eventually, startRunner, type TestRunner } from './runner.ts';
import { type Visitor, visit } from './visitor.ts';

const BULK_BYTES = 20_000_000;
/** Sends for seconds on two subflows. */
const BULK = `
import socket
with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as s:
  s.connect(("server.lab", 8262))
  s.sendall(b"x" * ${BULK_BYTES} + b"\\n")
  s.makefile().readline()
`;
const CONNECTIONS = 1000;
const MANY = `
import socket
for _ in range(${CONNECTIONS}):
  with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as s:
    s.connect(("server.lab", 8262))
    s.sendall(b"x\\n")
    s.makefile().readline()
`;

describe('packets that a page asks for', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner();
  });
  after(() => runner[Symbol.asyncDispose]());

  test('come of each run from its first SYN on, as long as they are wanted, and not before', async () => {
    await using visitor = await visit(runner.address);
    await runPython(visitor, 1);
    assert.deepEqual(captures(visitor), []);

    visitor.say({ type: 'packets', wanted: true });
    await visitor.until('capture', ({ run }) => run === 2);
    assert.deepEqual(decoded(visitor, 2), []);
    for (const run of [3, 5]) {
      await runPython(visitor, run, thinking());
      await eventually('the end of the connection', () => options(visitor, run + 1).includes('DATA_FIN'));
      assert.deepEqual(
        options(visitor, run + 1).filter((option) => option.startsWith('MP_')),
        [
          'MP_CAPABLE syn',
          'MP_CAPABLE syn-ack',
          'MP_CAPABLE ack',
          'MP_CAPABLE data',
          'MP_JOIN syn',
          'MP_JOIN syn-ack',
          'MP_JOIN ack',
        ],
      );
      assert.equal(decoded(visitor, run + 1)[0]?.tcp?.flags.syn, true);
    }
    assert.deepEqual(decoded(visitor, 2), []);
    assert.deepEqual(
      captures(visitor).map(({ run, limitReached }) => [run, limitReached]),
      [2, 4, 6].map((run) => [run, false]),
    );
    const { interfaces } = captures(visitor)[0] ?? assert.fail('no capture was told');
    assert.deepEqual(interfaces.map(({ name }) => name).sort(), ['cellular', 'lo', 'wifi']);

    visitor.say({ type: 'packets', wanted: false });
    await runPython(visitor, 7);
    assert.deepEqual(decoded(visitor, 8), []);
    assert.equal(captures(visitor).length, 3);
  });

  test('asked for together with a run begin with its first SYN, in a lab that was not there yet', async () => {
    await using visitor = await visit(runner.address);
    visitor.say({ type: 'packets', wanted: true });
    await runPython(visitor, 1);
    await eventually('the end of the connection', () => options(visitor, 2).includes('DATA_FIN'));
    const order = visitor.events.flatMap((event) => {
      if (event.type === 'capture') return [`capture ${event.run}`];
      return event.type === 'run-phase' && event.host === 'client' && event.phase === 'running' ? ['client runs'] : [];
    });
    assert.deepEqual(order, ['capture 0', 'capture 2', 'client runs']);
    assert.deepEqual(options(visitor, 2).slice(0, 3), ['MP_CAPABLE syn', 'MP_CAPABLE syn-ack', 'MP_CAPABLE ack']);
  });

  test('of a flood are few, with every packet that begins or ends something', async () => {
    await using visitor = await visit(runner.address);
    visitor.say({ type: 'packets', wanted: true });
    await runPython(visitor, 1, { 'client.py': BULK });
    const { limits } = captures(visitor)[0] ?? assert.fail('no capture was told');
    await eventually('the end of both subflows', () => decoded(visitor, 2).filter(({ tcp }) => tcp?.flags.fin).length >= 4);
    const all = decoded(visitor, 2);
    const data = all.filter((packet) => !isControl(packet));
    assert.equal(data.length, limits.data);
    assert.ok(all.length - data.length < 100, `${all.length - data.length} control packets`);
    const seen = options(visitor, 2);
    for (const wanted of ['MP_CAPABLE syn', 'MP_CAPABLE syn-ack', 'MP_JOIN syn', 'MP_JOIN syn-ack', 'MP_JOIN ack', 'DATA_FIN'])
      assert.ok(seen.includes(wanted), `${wanted} in ${seen}`);
    assert.ok(sent(all) < BULK_BYTES / 10);
  });

  test('of a program that does nothing but connect end at a limit, which is told', async () => {
    await using visitor = await visit(runner.address);
    visitor.say({ type: 'packets', wanted: true });
    await runPython(visitor, 1, { 'client.py': MANY });
    const { limits } = await visitor.until('capture', ({ run, limitReached }) => run === 2 && limitReached);
    assert.equal(decoded(visitor, 2).filter(isControl).length, limits.control);
    // As fast as they came, none was lost until then.
    const subflows = trackConnections(decoded(visitor, 2)).connections.flatMap((connection) => connection.subflows);
    assert.ok(subflows.length > 100 && subflows.every(({ openerSequence }) => openerSequence !== null));
    assert.ok(limits.control < CONNECTIONS * 10);
  });
});

/** The server with number `run`, and the client with the next one, to its end. */
async function runPython(visitor: Visitor, run: number, files: Record<string, string> = {}): Promise<void> {
  const { 'server.py': server, 'client.py': client } = files;
  visitor.run(run, 'server', 'python', server === undefined ? {} : { 'server.py': server });
  visitor.run(run + 1, 'client', 'python', client === undefined ? {} : { 'client.py': client });
  await visitor.until('run-ended', (event) => event.run === run + 1);
}

function thinking(): Record<string, string> {
  const python = readSnippets('snippets').find(({ id }) => id === 'python') ?? assert.fail('no snippet "python"');
  const experiment = python.manifest.experiments.find(({ title }) => title === 'Let the server think for a second');
  return withExperiment(python, experiment ?? assert.fail('no such experiment')).sources;
}

function captures({ events }: Visitor) {
  return events.filter((event) => event.type === 'capture');
}

function decoded(visitor: Visitor, run: number): DecodedPacket[] {
  return visitor.packets(run).map((packet) => decodePacket(packet, LINK_TYPES.linuxCooked2));
}

/** The options of Multipath TCP in order, each once: what is sent again says nothing new. */
function options(visitor: Visitor, run: number): string[] {
  const names = decoded(visitor, run).flatMap(({ mptcp }) =>
    mptcp.map((option) => {
      if (option.subtype === 'MP_CAPABLE' || option.subtype === 'MP_JOIN') return `${option.subtype} ${option.form}`;
      return option.subtype === 'DSS' && option.dataFin ? 'DATA_FIN' : option.subtype;
    }),
  );
  return [...new Set(names)];
}

function sent(packets: DecodedPacket[]): number {
  return packets.reduce((sum, { wireBytes }) => sum + wireBytes, 0);
}

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { imagePlaces } from '../../image/location.ts';
import { parseSs } from '../../protocol/ss-text.ts';
import { MAX_TOOL_TEXT_BYTES, TOOL_COMMANDS, TOOL_NAMES } from '../../protocol/tool.ts';
import { openToolTexts, type ToolText } from '../../runner/evidence/tool-texts.ts';
import type { Lab } from '../../runner/lab/lab.ts';
import { labMaker } from '../../runner/lab/maker.ts';
import { missing } from '../require.ts';
import { eventually, startRunner, type TestRunner } from './runner.ts';
import { type Visitor, visit } from './visitor.ts';

/** Holds as many connections as it is told, until it is killed. */
const HOLD = `
import socket, sys, time
def server():
  m = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, 262)
  m.bind(("::", 8262))
  m.listen(1000)
  return m
held = [server()] if sys.argv[1] == "server" else []
for _ in range(0 if held else int(sys.argv[1])):
  s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
  s.connect(("10.0.9.1", 8262))
  s.sendall(b"hello")
  held.append(s)
print("held", flush=True)
time.sleep(60)
`;

/** Times go on while two tools look one after the other, and ss makes its head as long as the longest line. */
const withoutTimes = (text: string) => text.replaceAll(/(last\w+):\d+/g, '$1').replaceAll(/ +$/gm, ' ');

const labs = labMaker(imagePlaces());

describe('what the tools print in a lab', { skip: await missing('lab') }, () => {
  test('is told letter by letter on both hosts, once, and of very many sockets whole lines', async () => {
    await using lab = await labs.make();
    const told: ToolText[] = [];
    const tools = openToolTexts(lab, (text) => told.push(text));
    await hold(lab, 'server');
    await hold(lab, '1');
    assert.equal(parseSs(await tools.lookAtSockets()).length, 1);
    assert.equal(told.length, 0, 'told although nobody wanted it');

    tools.want(true);
    await eventually('each tool was told of each host', () => told.length === 2 * TOOL_NAMES.length);
    for (const { host, tool, text, leftOutLines } of told) {
      const printed = await lab.shell.run(`nsenter --net=/run/netns/${host} ${TOOL_COMMANDS[tool]} | base64`);
      assert.equal(withoutTimes(text), withoutTimes(Buffer.from(printed, 'base64').toString()), `${tool} on the ${host}`);
      assert.equal(leftOutLines, 0);
    }
    const before = told.length;
    await tools.lookAtSettings();
    assert.equal(told.length, before, 'the same was told again');

    await hold(lab, '120');
    await tools.lookAtSockets();
    const long = told.findLast(({ host, tool }) => host === 'client' && tool === 'subflows') ?? assert.fail('not told');
    assert.ok(Buffer.byteLength(long.text) <= MAX_TOOL_TEXT_BYTES && long.text.endsWith('\n'));
    assert.ok(long.leftOutLines > 100, `${long.leftOutLines} lines left out`);
    assert.equal(parseSs(await tools.lookAtSockets()).length, 121);
  });
});

/** Resolves once the program holds what it was told to. */
async function hold(lab: Lab, what: string): Promise<void> {
  const host = what === 'server' ? 'server' : 'client';
  await lab.shell.put('/tmp/hold.py', Buffer.from(HOLD));
  await lab.shell.run(`nsenter --net=/run/netns/${host} python3 /tmp/hold.py ${what} >/tmp/hold-${what} 2>&1 &`);
  await lab.shell.run(`until grep -q held /tmp/hold-${what}; do sleep 0.01; done`);
}

/** Talks for as long as the test looks at it. */
const TALK = `
import socket, time
with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as s:
  s.connect(("server.lab", 8262))
  s.sendall(b"hello")
  time.sleep(3)
  s.sendall(b"\\n")
  s.makefile().readline()
`;

describe('the tools that a page asks for', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner();
  });
  after(() => runner[Symbol.asyncDispose]());

  const texts = (visitor: Visitor) => visitor.events.flatMap((event) => (event.type === 'tool-text' ? [event] : []));

  test('are asked while a client runs, and of a lab that changes, when somebody looks and not before', async () => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'server', 'python');
    visitor.run(2, 'client', 'python', { 'client.py': TALK });
    await visitor.until('mptcp-event', ({ host, event }) => host === 'client' && event.kind === 'subflow-established');
    assert.deepEqual(texts(visitor), []);

    visitor.say({ type: 'tool-texts', wanted: true });
    for (const host of ['client', 'server'] as const) {
      const { text } = await visitor.until('tool-text', (told) => told.host === host && told.tool === 'connections');
      assert.equal(parseSs(text)[0]?.fields.find(({ name }) => name === 'subflows_total')?.value, '2');
      const subflows = await visitor.until('tool-text', (told) => told.host === host && told.tool === 'subflows');
      assert.equal(parseSs(subflows.text).filter(({ fields }) => fields.some(({ name }) => name === 'tcp-ulp-mptcp')).length, 2);
    }
    visitor.say({
      type: 'condition',
      request: 1,
      condition: { kind: 'endpoint-add', host: 'server', address: '10.0.9.2', port: null, flags: ['signal'] },
    });
    await visitor.until('tool-text', ({ host, tool, text }) => {
      return host === 'server' && tool === 'endpoints' && /^10\.0\.9\.2 id 1 signal dev lan $/m.test(text);
    });
    await visitor.until('run-ended', ({ run }) => run === 2);
    const lines = visitor.events.flatMap((event) => (event.type === 'mptcp-event' ? [event.line] : []));
    assert.ok(
      lines.some((line) => /^\[ *SF_ESTABLISHED\] token=[0-9a-f]+ remid=\d+ locid=1 /.test(line)),
      lines.join('\n'),
    );

    visitor.say({ type: 'tool-texts', wanted: false });
    // What was on its way before the runner heard of that comes before its next answer.
    visitor.say({ type: 'condition', request: 2, condition: { kind: 'syn-dropped', dropped: false } });
    await visitor.until('conditions', ({ request }) => request === 2);
    const count = texts(visitor).length;
    visitor.run(3, 'server', 'python');
    visitor.run(4, 'client', 'python');
    await visitor.until('run-ended', ({ run }) => run === 4);
    assert.equal(texts(visitor).length, count);
  });
});

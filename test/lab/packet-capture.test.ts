import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { imagePlaces } from '../../image/location.ts';
import { isControl } from '../../protocol/packet/control.ts';
import { decodePacket } from '../../protocol/packet/decode.ts';
import { hex } from '../../protocol/packet/hex.ts';
import { type Capture, readPcap } from '../../protocol/packet/pcap.ts';
import { CONTROL_PACKETS_A_RUN, DATA_PACKETS_A_LOOK, openCapture } from '../../runner/evidence/capture.ts';
import { countsIn, SNAP_BYTES } from '../../runner/evidence/tcpdump.ts';
import type { Lab } from '../../runner/lab/lab.ts';
import { labMaker } from '../../runner/lab/maker.ts';
import { missing } from '../require.ts';
import { childrenOf } from './packets/children.ts';
import { CLIENT, SERVER } from './packets/scenarios.ts';
import { eventually } from './runner.ts';

const labs = labMaker(imagePlaces());

/** Sends and gets several megabytes, on two subflows, and has the second one changed and closed meanwhile. */
const BULK = (address: string) => `
s = connect("${address}")
say(s, "send 2000000", 2000000)
until("MPJoinSynAckRx")
os.system("ip mptcp endpoint change id 1 backup; ip mptcp endpoint change id 2 backup")
say(s, "send 2000000", 2000000)
s.sendall(b"send 0\\n" * 100000)
os.system("ip mptcp endpoint delete id 1; ip mptcp endpoint delete id 2")
say(s, "send 1000000", 1000000)
s.close()
p = connect("${address}", 6)
say(p, "send 1000000", 1000000)
p.close()
`;

async function startServer(lab: Lab): Promise<void> {
  await lab.shell.put('/tmp/server.py', Buffer.from(SERVER));
  await lab.shell.run('nsenter --net=/run/netns/server python3 /tmp/server.py 262 >/tmp/server.log 2>&1 &');
  await lab.shell.run('until nsenter --net=/run/netns/server ss -Hltn | grep -q :8262; do sleep 0.01; done');
}

async function runClient(lab: Lab, program: string): Promise<void> {
  await lab.shell.put('/tmp/client.py', Buffer.from(`${CLIENT}\n${program}`));
  await lab.execute('client', 'python3 /tmp/client.py');
}

/** Everything, by a tcpdump without a filter in the lab. Returns what it has when it is stopped. */
async function startReference(lab: Lab): Promise<() => Promise<Capture>> {
  const options = `--interface any --snapshot-length ${SNAP_BYTES} --buffer-size 32768 --immediate-mode --packet-buffered -Z root`;
  await lab.shell.run(
    `nsenter --net=/run/netns/client tcpdump ${options} -w - tcp >/tmp/all.pcap 2>/tmp/all.log & echo $! >/tmp/all.pid`,
  );
  await lab.shell.run('until [ -s /tmp/all.pcap ]; do sleep 0.01; done');
  return async () => {
    await lab.shell.run('kill $(cat /tmp/all.pid); until grep -q "dropped by kernel" /tmp/all.log; do sleep 0.01; done');
    assert.match(await lab.shell.run('cat /tmp/all.log'), /^0 packets dropped by kernel/m);
    return readPcap(new Uint8Array(Buffer.from(await lab.shell.run('base64 /tmp/all.pcap'), 'base64')));
  };
}

function controlOf({ packets, linkType }: Capture): string[] {
  return packets.filter((packet) => isControl(decodePacket(packet, linkType))).map(({ bytes }) => hex(bytes));
}

describe('a capture in a lab', { skip: await missing('lab') }, () => {
  for (const address of ['10.0.9.1', 'fd00:9::1']) {
    test(`keeps every control packet and few others while megabytes go by, to ${address}`, async () => {
      await using lab = await labs.make();
      await startServer(lab);
      await using capture = await openCapture(lab);
      const stopReference = await startReference(lab);
      await runClient(lab, BULK(address));
      const all = await stopReference();
      await capture.close();
      const kept = capture.kept();

      const control = controlOf(all);
      const names = new Set(
        all.packets.flatMap((packet) => decodePacket(packet, all.linkType).mptcp.map(({ subtype }) => subtype)),
      );
      for (const name of ['MP_CAPABLE', 'MP_JOIN', 'DSS', 'MP_PRIO', 'REMOVE_ADDR'])
        assert.ok(
          [...names].some((seen) => seen === name),
          name,
        );
      assert.ok(control.length < all.packets.length / 4, `${control.length} control packets of ${all.packets.length}`);
      const keptControl = new Set(controlOf(kept.capture));
      assert.deepEqual(
        control.filter((packet) => !keptControl.has(packet)),
        [],
      );
      assert.deepEqual([kept.dropped, kept.limitReached], [{ control: 0, data: 0 }, false]);
      const others = kept.capture.packets.length - keptControl.size;
      assert.ok(others >= DATA_PACKETS_A_LOOK && others < DATA_PACKETS_A_LOOK * 1.5, `${others} data packets kept`);
    });
  }

  test('tells interfaces by the index that packets have', async () => {
    await using lab = await labs.make();
    await startServer(lab);
    await using capture = await openCapture(lab);
    await runClient(lab, 's = connect("10.0.9.1")\nsay(s, "sh true")\nuntil("MPJoinSynAckRx")\ns.close()');
    await capture.close();
    const { packets, linkType } = capture.kept().capture;
    const links = new Set(
      packets.map((packet) => {
        const { link } = decodePacket(packet, linkType);
        return link?.kind === 'linux-cooked' ? capture.interfaces.get(link.interfaceIndex) : null;
      }),
    );
    assert.deepEqual(links, new Set(['wifi', 'cellular']));
  });

  test('looks at data again when asked, and begins anew for a new run', async () => {
    await using lab = await labs.make();
    await startServer(lab);
    await using capture = await openCapture(lab);
    const count = () => capture.kept().capture.packets.length;
    const bulk = 's = connect("10.0.9.1")\nsay(s, "send 1500000", 1500000)\ns.close()';
    await runClient(lab, bulk);
    await eventually('the first look is over', () => count() >= DATA_PACKETS_A_LOOK);
    const once = count();
    await runClient(lab, bulk);
    await eventually('control packets of the second run', () => count() > once + 5);
    assert.ok(count() < once + 100);
    await capture.lookAtData();
    await runClient(lab, bulk);
    await eventually('the second look is over', () => count() >= 2 * DATA_PACKETS_A_LOOK);
    await capture.begin();
    assert.equal(count(), 0);
  });

  test('stops at its limit of control packets, says so, and begins anew', async () => {
    await using lab = await labs.make();
    await startServer(lab);
    let packets = 0;
    await using capture = await openCapture(lab, {
      onPacket(_, decoded) {
        if (isControl(decoded)) packets += 1;
      },
    });
    await runClient(lab, `for _ in range(${CONTROL_PACKETS_A_RUN / 3}): connect("10.0.9.1", 6).close()`);
    await eventually('the limit is reached', () => capture.kept().limitReached);
    assert.equal(packets, CONTROL_PACKETS_A_RUN);
    await capture.begin();
    assert.equal(capture.kept().limitReached, false);
    await runClient(lab, 's = connect("10.0.9.1")\nsay(s, "sh true")\ns.close()');
    await eventually('control packets are captured again', () => packets > CONTROL_PACKETS_A_RUN);
  });

  test('tells what the kernel dropped while nobody read, each packet once', async () => {
    await using lab = await labs.make();
    await startServer(lab);
    let told = 0;
    // Room for some dozens of packets.
    await using capture = await openCapture(lab, { kernelBufferKib: 64, onDropped: () => told++ });
    const signal = (name: string) => lab.shell.run(`kill -${name} $(pidof tcpdump)`);
    await signal('STOP');
    await runClient(lab, 'for _ in range(300): connect("10.0.9.1", 6).close()');
    assert.equal(capture.droppedByKernel(), 0);
    await signal('CONT');
    await eventually('the kernel has told', () => {
      capture.askForDropped();
      return told > 0;
    });
    const atRest = capture.droppedByKernel();
    // A connection makes six packets or more.
    const came = capture.kept().capture.packets.length;
    assert.ok(came > 0 && atRest > 1_000 && came + atRest >= 300 * 6, `${came} came, ${atRest} dropped`);
    // It tells all of them again at its end.
    await capture.close();
    assert.equal(capture.droppedByKernel(), atRest);
  });

  test('reads what is left in the kernel before it stops', async () => {
    await using lab = await labs.make();
    await startServer(lab);
    await using capture = await openCapture(lab);
    await runClient(lab, 'connect("10.0.9.1", 6).close()');
    await eventually('it has begun to read', () => capture.kept().capture.packets.length >= 4);
    const before = capture.kept().capture.packets.length;
    await lab.shell.run('kill -STOP $(pidof tcpdump)');
    await runClient(lab, 'for _ in range(50): connect("10.0.9.1", 6).close()');
    const closed = capture.close();
    await lab.shell.run('kill -CONT $(pidof tcpdump)');
    await closed;
    const more = capture.kept().capture.packets.length - before;
    assert.ok(more >= 50 * 5, `${more} packets of 50 connections`);
    assert.equal(capture.droppedByKernel(), 0);
  });

  test('says that it failed when tcpdump is killed, and begins anew', async () => {
    await using lab = await labs.make();
    await startServer(lab);
    await using capture = await openCapture(lab);
    await lab.shell.run('kill -KILL $(pidof tcpdump)');
    await eventually('the fault is known', () => capture.kept().failed);
    assert.equal(capture.kept().limitReached, false);
    await capture.begin();
    assert.equal(capture.kept().failed, false);
    await runClient(lab, 's = connect("10.0.9.1")\nsay(s, "sh true")\ns.close()');
    await eventually('packets are captured again', () => capture.kept().capture.packets.length > 6);
  });

  test('the words of tcpdump about dropped packets are understood, the latest ones', () => {
    const messages = 'tcpdump: 12 packets captured, 15 packets received by filter, 1 packet dropped by kernel\n';
    assert.deepEqual(countsIn(messages), { captured: 12, received: 15, dropped: 1 });
    const atItsEnd = '20 packets captured\n30 packets received by filter\n7 packets dropped by kernel\n';
    assert.deepEqual(countsIn(messages + atItsEnd), { captured: 20, received: 30, dropped: 7 });
    assert.equal(countsIn('tcpdump: listening on any\n3 packets captured'), null);
  });

  test('ends with the lab', async () => {
    const lab = await labs.make();
    const before = childrenOf(process.pid);
    await using capture = await openCapture(lab);
    assert.equal(childrenOf(process.pid).length, before.length + 2);
    await lab.close();
    await eventually('no process of the capture is left', () => childrenOf(process.pid).length < before.length);
    await capture.close();
  });

  test('leaves nothing behind when its runner is killed', async () => {
    const runner = spawn(process.execPath, [join(import.meta.dirname, 'packets/runner-with-capture.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pids = await pidsOf(runner);
    assert.ok(pids.length >= 5, `${pids}`);
    runner.kill('SIGKILL');
    await eventually('all processes are gone', () => pids.every((pid) => !existsSync(`/proc/${pid}`) || isZombie(pid)));
  });

  test('says what tcpdump said when it cannot start', async () => {
    await using lab = await labs.make();
    const broken = { ...lab, enterToObserve: () => [...lab.enterToObserve('client'), '/usr/bin/env', 'PATH=/nowhere'] };
    await assert.rejects(openCapture(broken), /tcpdump ended before its first packet: .*tcpdump/);
    const absent = { ...lab, enterToObserve: () => ['/nowhere/enter-lab'] };
    await assert.rejects(openCapture(absent), /tcpdump could not be started/);
  });
});

async function pidsOf(runner: ChildProcess): Promise<number[]> {
  assert.ok(runner.stdout);
  const ended = once(runner, 'exit').then(() => assert.fail('the runner ended by itself'));
  const [line] = await Promise.race([once(runner.stdout, 'data'), ended]);
  ended.catch(() => {});
  return JSON.parse(String(line));
}

function isZombie(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { imageRoot } from '../../image/location.ts';
import { describeRunEnd } from '../../protocol/run-end.ts';
import { eventually } from '../lab/runner.ts';
import { type Visitor, visit } from '../lab/visitor.ts';
import { missing, missingLanguage } from '../require.ts';
import { missingBreakable, startBreakable } from './broken-machine.ts';
import { openReport } from './report.ts';

const skip = (await missing('lab')) || missingBreakable();
/** Controllers of version 1, each with a tree of its own. */
const MEMORY = '/sys/fs/cgroup/memory';
const PIDS = '/sys/fs/cgroup/pids';
const MIB = 1024 * 1024;

const runs = async (visitor: Visitor, run: number): Promise<void> => {
  visitor.run(run, 'client', 'python', { 'client.py': `print("run ${run} ran")` });
  await visitor.untilOutput(run, `run ${run} ran`);
};

/** More than the usual 1024 (gc_thresh3), by each family, again and again: an entry is forgotten after three seconds. */
const ASK_FOR_NEIGHBOURS = `
import socket, time
asks = [(socket.AF_INET6, f"fd00:{link}::{host:x}") for link in (1, 2) for host in range(0x100, 0x500)]
asks += [(socket.AF_INET, f"10.0.{link}.{host}") for link in (1, 2) for host in range(3, 254)]
start = time.monotonic()
while time.monotonic() < start + 6:
    for family, address in asks:
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            s.setblocking(False)
            try: s.sendto(b"?", (address, 9))
            except OSError: pass
    print("asked" if time.monotonic() < start + 3 else "still asking", flush=True)
`;

const ACCEPT = `
import socket
with socket.create_server(("::", 8262), family=socket.AF_INET6, dualstack_ipv6=True) as s: s.accept()
`;

describe('a machine that has no more to give', { skip }, () => {
  const report = openReport('What runs out beneath a runner');
  after(report.print);

  test('no descriptor is left: those who come are told, the runner lives on, and all is given back', async () => {
    await using runner = await startBreakable();
    const limit = (files: number) => execFileSync('prlimit', ['--pid', String(runner.pid), `--nofile=${files}:`]);
    await using first = await visit(runner.address);
    await runs(first, 1);
    const visitors: Visitor[] = [];
    for (let count = 0; count < 4; count++) visitors.push(await visit(runner.address));
    limit(open(runner.pid) + 12);
    for (const visitor of visitors) visitor.run(1, 'client', 'python', { 'client.py': 'print("ran")' });
    const ends = await Promise.all(visitors.map((visitor) => visitor.until('run-ended')));
    const told = ends.map(({ end }) => describeRunEnd(end)).filter((end) => end.startsWith('not started'));
    assert.ok(told.length > 0, 'somebody found no descriptor');
    for (const visitor of visitors.filter((_, index) => ends[index]?.end.kind === 'not-started')) await visitor.until('error');
    await runs(first, 2);
    limit(1_024);
    await Promise.all(visitors.map((visitor) => visitor[Symbol.asyncDispose]()));
    await eventually('their labs are given back', async () => (await statusOf(runner.address)).labs.open === 1);
    await using next = await visit(runner.address);
    await runs(next, 1);
    report.add({ attack: 'no descriptor is left', expected: 'told, others go on', seen: told[0] ?? '' });
  });

  test('no connection can be accepted: the runner lives on, and accepts again', async () => {
    await using runner = await startBreakable();
    await using first = await visit(runner.address);
    await runs(first, 1);
    execFileSync('prlimit', ['--pid', String(runner.pid), `--nofile=3:`]);
    await assert.rejects(fetch(new URL('healthz', runner.address), { signal: AbortSignal.timeout(500) }));
    execFileSync('prlimit', ['--pid', String(runner.pid), '--nofile=1024:']);
    await eventually('it accepts', () =>
      fetch(new URL('healthz', runner.address)).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    await runs(first, 2);
    report.add({ attack: 'no connection can be accepted', expected: 'accepts again', seen: 'accepts again' });
  });

  test('no process can be started: told, and the next Run works', { skip: !existsSync(PIDS) }, async () => {
    await using runner = await startBreakable();
    await using visitor = await visit(runner.address);
    const group = groupOf(PIDS);
    writeFileSync(join(group, 'cgroup.procs'), String(runner.pid));
    try {
      writeFileSync(join(group, 'pids.max'), '1');
      visitor.run(1, 'client', 'python', { 'client.py': 'print("ran")' });
      const { message } = await visitor.until('error');
      writeFileSync(join(group, 'pids.max'), 'max');
      await runs(visitor, 2);
      report.add({
        attack: 'no process can be started',
        expected: 'told, the next Run works',
        seen: message.split('.')[0] ?? '',
      });
    } finally {
      await eventually('the group is empty', () => removed(group));
    }
  });

  test('the disk is full, of its log and its temporary files: programs run as ever', async () => {
    const prepare =
      'mkdir "$scratch/full"; mount -t tmpfs -o size=4k full "$scratch/full"; cat /dev/zero >"$scratch/full/x" 2>/dev/null || true; export TMPDIR="$scratch/full"; exec 2>/dev/full';
    await using runner = await startBreakable({ prepare, settings: { LOG_LEVEL: 'info' } });
    await using visitor = await visit(runner.address);
    await runs(visitor, 1);
    visitor.socket().send('no message');
    await visitor.until('error');
    await runs(visitor, 2);
    assert.ok(runner.isAlive());
    report.add({ attack: 'the disk of its log is full', expected: 'programs run as ever', seen: 'programs run as ever' });
  });

  test('the table of neighbours is full of one learner’s questions: all others connect as ever', async () => {
    await using runner = await startBreakable();
    await using greedy = await visit(runner.address);
    await using others = await visit(runner.address);
    await runs(others, 1);
    greedy.run(1, 'client', 'python', { 'client.py': ASK_FOR_NEIGHBOURS });
    await greedy.untilOutput(1, 'asked');
    for (const [index, address] of ['10.0.9.1', 'fd00:9::1'].entries()) {
      const connect = `import socket\nwith socket.create_connection(("${address}", 8262), 1): print("connected")`;
      others.run(2 * index + 2, 'server', 'python', { 'server.py': ACCEPT });
      others.run(2 * index + 3, 'client', 'python', { 'client.py': connect });
      await others.until('run-ended', ({ run }) => run === 2 * index + 3);
      assert.match(others.output(2 * index + 3), /^connected/, address);
    }
    // Its questions are answered by nobody, for as long as they stand in the table.
    await greedy.untilOutput(1, 'still asking');
    report.add({ attack: 'the table of neighbours is full', expected: 'others connect', seen: 'others connect' });
  });

  test('the disk of a lab is full: the program is told, and the next one has room', async () => {
    await using runner = await startBreakable();
    await using visitor = await visit(runner.address);
    const fill =
      'kept = []\ntry:\n  while True:\n    f = open(f"/tmp/{len(kept)}", "wb", 0); kept.append(f.write(bytes(32 << 20))); f.close()\nexcept OSError as e: print(e.errno)';
    visitor.run(1, 'client', 'python', { 'client.py': fill });
    const { end } = await visitor.until('run-ended');
    assert.match(visitor.output(1), /28/);
    assert.match(describeRunEnd(end), /came to the limit of 384 MiB of disk/);
    await runs(visitor, 2);
    report.add({ attack: 'the disk of a lab is full', expected: 'told, the next one has room', seen: describeRunEnd(end) });
  });

  test('no memory is left for labs: a program that takes it is ended and told, the runner lives on', {
    skip: !existsSync(MEMORY),
  }, async () => {
    const group = groupOf(MEMORY);
    writeFileSync(join(group, 'memory.limit_in_bytes'), String(256 * MIB));
    try {
      await using runner = await startBreakable({ wrapper: ['sh', '-ec', `echo $$ >${group}/cgroup.procs; exec "$@"`, 'sh'] });
      await using visitor = await visit(runner.address);
      await runs(visitor, 1);
      const hog = 'kept = []\nwhile True: kept.append(bytes(1 << 20).replace(b"\\0", b"x"))';
      visitor.run(2, 'client', 'python', { 'client.py': hog });
      const { end } = await visitor.until('run-ended', ({ run }) => run === 2);
      assert.deepEqual(end, { kind: 'limit', limit: 'memory-of-all' }, 'it had less than the limit of a run, 1024 MiB');
      await runs(visitor, 3);
      assert.ok(runner.isAlive());
      report.add({ attack: 'no memory is left for labs', expected: 'ended and told', seen: describeRunEnd(end) });
    } finally {
      await eventually('the group is empty', () => removed(group));
    }
  });

  test('the clock of the machine jumps, a year on and two back: limits and sessions go on', {
    skip: missingLanguage('c'),
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hello-mptcp-clock-'));
    const offset = join(folder, 'offset');
    writeFileSync(offset, Buffer.alloc(8));
    const jump = (seconds: number) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt(seconds));
      writeFileSync(offset, bytes, { flag: 'r+' });
    };
    try {
      await using runner = await startBreakable({
        settings: { RUN_SECONDS: '2', ...clockThatJumps(folder, offset) },
      });
      const yearOf = async () =>
        new Date((await fetch(new URL('healthz', runner.address))).headers.get('date') ?? '').getFullYear();
      const year = new Date().getFullYear();
      await using visitor = await visit(runner.address);
      await runs(visitor, 1);
      for (const [run, years] of [
        [2, 1],
        [3, -1],
      ] as const) {
        visitor.run(run, 'client', 'python', { 'client.py': 'import time\nprint("up")\ntime.sleep(60)' });
        await visitor.untilOutput(run, 'up');
        jump(years * 366 * 86_400);
        await eventually('the runner sees another year', async () => (await yearOf()) === year + years);
        const { end, durationMs } = await visitor.until('run-ended', (event) => event.run === run);
        assert.deepEqual(end, { kind: 'limit', limit: 'wall-time', value: 2, unit: 's' });
        assert.ok(durationMs > 1_900 && durationMs < 5_000, `${durationMs} ms`);
      }
      await runs(visitor, 4);
      const times = visitor.events.map(({ at }) => at);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
      report.add({
        attack: 'the clock jumps, a year on and two back',
        expected: 'limits and sessions go on',
        seen: 'limits and sessions go on',
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function open(pid: number): number {
  return Number(execFileSync('sh', ['-c', `ls /proc/${pid}/fd | wc -l`], { encoding: 'utf8' }));
}

async function statusOf(address: string): Promise<{ labs: { open: number } }> {
  return (await fetch(new URL('api/status', address))).json();
}

function groupOf(controller: string): string {
  const group = join(controller, `hello-mptcp-test-${process.pid}`);
  mkdirSync(group);
  return group;
}

/** What is still in it goes back to where it came from. */
function removed(group: string): boolean {
  try {
    for (const pid of readFileSync(join(group, 'cgroup.procs'), 'utf8').trim().split('\n')) {
      if (pid !== '') writeFileSync(join(dirname(group), 'cgroup.procs'), pid);
    }
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}

/**
 * The environment of a process whose wall clock is off by what stands in a file, in seconds, at each moment: the C library
 * that the image's compiler links calls ours in its place. CLOCK_MONOTONIC stays, as it does when a machine's clock is set.
 */
function clockThatJumps(folder: string, offset: string): Record<string, string> {
  writeFileSync(join(folder, 'clock.c'), CLOCK);
  const argv = ['--ro-bind', imageRoot(), '/', '--bind', folder, '/tmp', '--dev', '/dev', '--proc', '/proc', '--chdir', '/tmp'];
  execFileSync('bwrap', [...argv, 'gcc', '-shared', '-fPIC', '-O1', '-o', 'clock.so', 'clock.c']);
  return { LD_PRELOAD: join(folder, 'clock.so'), CLOCK_OFFSET: offset };
}

const CLOCK = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static volatile int64_t *offset;
__attribute__((constructor)) static void prepare(void) {
  const char *path = getenv("CLOCK_OFFSET");
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  void *page = fd < 0 ? MAP_FAILED : mmap(0, 8, PROT_READ, MAP_SHARED, fd, 0);
  offset = page == MAP_FAILED ? 0 : page;
}
int clock_gettime(clockid_t id, struct timespec *now) {
  int result = (int)syscall(SYS_clock_gettime, id, now);
  if (result == 0 && offset && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) now->tv_sec += *offset;
  return result;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec exact;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
`;

/** A program against the machine: how its run must end, and what it must have printed, if anything. */
export type MachineAttack = {
  attack: string;
  code: string;
  /** The learner presses Stop once the program has printed this. */
  stopAfter?: string;
  end: RegExp;
  prints?: RegExp;
  means: string;
};

/** Of a runner under attack. */
export const MACHINE_SETTINGS = {
  RUN_SECONDS: '8',
  RUN_CPU_SECONDS: '2',
  RUN_MEMORY_MIB: '256',
  RUN_OUTPUT_MIB: '4',
  RUN_PROCESSES: '64',
};

/** Only a control group counts what it refuses. */
const PROCESSES_NAMED = process.getuid?.() === 0 ? /exit code 0, after it came to the limit of 64 processes/ : /exit code 0/;

const UNTIL_ERROR = (make: string, step: string) => `
kept = []
try:
  ${make}
  while True: ${step}
except BaseException as e: print(len(kept), type(e).__name__, getattr(e, "errno", ""), getattr(e, "strerror", ""))`;

export const MACHINE_ATTACKS: MachineAttack[] = [
  {
    attack: 'memory of one process',
    code: 'kept = []\nwhile True: kept.append(b"x" * (1 << 20))',
    end: /limit of 256 MiB of memory/,
    means: 'ended, memory named',
  },
  {
    attack: 'memory of many processes',
    code: 'for _ in range(20):\n  if os.fork() == 0: kept = b"x" * (40 << 20); time.sleep(60)\ntime.sleep(60)',
    end: /limit of 256 MiB of memory/,
    means: 'ended, memory named',
  },
  {
    attack: 'shared memory without a name',
    code: 'import mmap\nm = mmap.mmap(-1, 2 << 30)\nfor i in range(0, 2 << 30, 4096): m[i] = 1',
    end: /limit of 256 MiB of memory/,
    means: 'ended, memory named',
  },
  {
    attack: 'CPU by many processes',
    code: 'for _ in range(5): os.fork()\nwhile True: pass',
    end: /limit of 2 s of CPU time/,
    means: 'ended, CPU named',
  },
  {
    attack: 'a fork bomb',
    code: 'print("kept")\nwhile True:\n  try: os.fork()\n  except OSError: time.sleep(60)',
    end: /limit of (8 s of running|2 s of CPU) time/,
    prints: /^kept/,
    means: 'ended, output kept',
  },
  {
    attack: 'zombies',
    code: UNTIL_ERROR('pass', 'kept.append(os.fork() or os._exit(0))'),
    end: PROCESSES_NAMED,
    prints: /^[3-6]\d BlockingIOError/,
    means: 'fewer than 64, processes named',
  },
  {
    attack: 'threads',
    code: 'import threading\nn = 0\ntry:\n  while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); n += 1\nexcept RuntimeError: print(n); os._exit(0)',
    end: PROCESSES_NAMED,
    prints: /^[3-6]\d\r\n/,
    means: 'fewer than 64, processes named',
  },
  {
    attack: 'descriptors',
    code: UNTIL_ERROR('pass', 'kept.append(os.dup(0))'),
    end: /exit code 0, after it came to the limit of 256 open files/,
    prints: /^25\d OSError 24/,
    means: 'at most 256, open files named',
  },
  {
    attack: 'disk by many files',
    code: UNTIL_ERROR(
      'data = bytes(32 << 20)',
      'f = open(f"/tmp/{len(kept)}", "wb", 0); f.write(data); f.close(); kept.append(0)',
    ),
    end: /exit code 0|256 MiB of memory/,
    means: 'full, or memory named',
  },
  {
    attack: 'inodes',
    code: UNTIL_ERROR('pass', 'os.close(os.open(f"/dev/shm/{len(kept)}", os.O_CREAT)); kept.append(0)'),
    end: /exit code 0, after it came to the limit of 65536 files/,
    prints: /^6[0-5]\d\d\d OSError 28/,
    means: 'at most 65536, files named',
  },
  {
    attack: 'a sparse file',
    code: 'import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\nos.truncate(os.open("x", os.O_CREAT | os.O_RDWR), 1 << 40)',
    end: /limit of 64 MiB of file size/,
    means: 'ended, file size named',
  },
  {
    attack: 'a huge file',
    code: 'import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\nf = open("x", "wb", 0)\nwhile True: f.write(bytes(1 << 20))',
    end: /limit of 64 MiB of file size/,
    means: 'ended, file size named',
  },
  {
    attack: 'pipes full of data',
    code: `import fcntl
kept = []
try:
  while True:
    r, w = os.pipe(); kept.append((r, w)); os.set_blocking(w, False)
    try: fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 1 << 20)
    except OSError: pass
    try:
      while True: os.write(w, bytes(65536))
    except OSError: pass
except OSError as e: print(len(kept), e.errno)`,
    end: /exit code 0|256 MiB of memory/,
    means: 'at most 128 pipes, or memory named',
  },
  { attack: 'yes', code: 'os.execvp("yes", ["yes"])', end: /limit of 4 MiB of output/, means: 'ended, output named' },
  {
    attack: 'queued TCP data',
    code: `a = socket.socket(); a.bind(("127.0.0.1", 1)); a.listen(200); a.setblocking(True)
kept = []
sent = 0
try:
  for _ in range(100):
    s = socket.create_connection(("127.0.0.1", 1)); t, _ = a.accept(); s.setblocking(False); kept += [s, t]
    try:
      while True: sent += s.send(bytes(65536))
    except OSError: pass
except BaseException as e: print(type(e).__name__)
print(sent >> 20, "MiB")`,
    end: /exit code 0|256 MiB of memory/,
    prints: /(^|\n)(\d|\d\d|1\d\d|2[0-5]\d) MiB/,
    means: 'less than the memory limit',
  },
  {
    attack: 'a daemon that outlives its run',
    code: 'if os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0:\n    import signal\n    for s in (1, 2, 15): signal.signal(s, signal.SIG_IGN)\n    os.execvp("sleep", ["sleep", "4711"])\n  os._exit(0)\nprint("gone")',
    end: /exit code 0/,
    prints: /gone/,
    means: 'ended with it',
  },
  {
    attack: 'a stopped process that holds the terminal',
    code: 'import signal\nif os.fork() == 0: os.kill(os.getpid(), signal.SIGSTOP)\ntime.sleep(0.2)\nprint("gone")',
    end: /exit code 0/,
    prints: /gone/,
    means: 'ended with it',
  },
  {
    attack: 'every signal ignored, and so by its children',
    code: `import signal
for s in range(1, 65):
  try: signal.signal(s, signal.SIG_IGN)
  except (OSError, ValueError): pass
for _ in range(3):
  if os.fork() == 0: os.setsid(); break
print("deaf")
while True: time.sleep(1)`,
    stopAfter: 'deaf',
    end: /^stopped$/,
    means: 'ended by Stop',
  },
  {
    attack: 'a program that stops itself and its group',
    code: 'import signal\nprint("still")\nos.kill(0, signal.SIGSTOP)',
    stopAfter: 'still',
    end: /^stopped$/,
    means: 'ended by Stop',
  },
  {
    attack: 'a kill of all that it can reach',
    // There may be nobody but itself, who is spared (kill(2)).
    code: 'import signal\nprint("before")\ntry: os.kill(-1, signal.SIGKILL)\nexcept ProcessLookupError: pass\ntime.sleep(60)',
    stopAfter: 'before',
    end: /SIGKILL|^stopped$/,
    prints: /^before/,
    means: 'ends itself alone',
  },
  {
    attack: 'a crash, and its core file',
    code: 'import resource\npid = os.fork()\nif pid == 0: os.abort()\nstatus = os.waitpid(pid, 0)[1]\nprint(os.WCOREDUMP(status), os.listdir("."), resource.getrlimit(resource.RLIMIT_CORE))',
    end: /exit code 0/,
    prints: /^False \['client\.py'\] \(1, 1\)/,
    means: 'no core, no handler of the machine',
  },
  {
    attack: 'a folder that is deep beyond any path',
    code: 'for _ in range(2000): os.mkdir("d" * 100); os.chdir("d" * 100)\nprint("made")',
    end: /exit code 0/,
    prints: /made/,
    means: 'removed after the run',
  },
  {
    attack: 'links and fifos in every place that it can write to',
    code: `os.remove("client.py")
for place in (".", "/tmp", "/dev/shm", "/run"):
  os.symlink("/etc/shadow", place + "/client.py")
  os.symlink("/", place + "/root")
  os.symlink("..", place + "/up")
  os.symlink(place + "/loop", place + "/loop")
  os.mkfifo(place + "/fifo")
  os.link(place + "/fifo", place + "/hard")
  os.mkdir(place + "/closed"); open(place + "/closed/file", "w"); os.chmod(place + "/closed", 0)
  socket.socket(socket.AF_UNIX).bind(place + "/socket")
  try: os.chmod(place, 0)
  except OSError: pass
print("made")`,
    end: /exit code 0/,
    prints: /made/,
    means: 'removed after the run',
  },
];

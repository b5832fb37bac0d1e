/** Python that tries to reach what is not the learner's; it prints what it got, and ends by an exception when it got nothing. */
export type Reach = { attack: string; code: string; seen: RegExp; means: string };

const connect = (address: string, port: number | string) =>
  `socket.create_connection((${JSON.stringify(address)}, ${port}), 0.5); print("connected")`;
const REFUSED = /^(ConnectionRefusedError|TimeoutError|OSError: \[Errno (101|113)\])/;
const NOT_THERE = /^(FileNotFoundError|PermissionError|NotADirectoryError)/;
const open = (path: string) => `print(len(open(${JSON.stringify(path)}, "rb").read(100)), "bytes")`;
const write = (path: string) => `open(${JSON.stringify(path)}, "w").write("1"); print("written")`;
const DENIED = /^(PermissionError|FileNotFoundError|OSError: \[Errno (30|1|13)\])/;

/** @param services ports that listen on the machine: the runner's own, and one on all addresses; and a secret in the runner's environment */
export function reaches(services: { runnerPort: number; machineAddress: string; secret: string }): Reach[] {
  const { runnerPort, machineAddress, secret } = services;
  const noFile = (attack: string, path: string): Reach => ({ attack, code: open(path), seen: NOT_THERE, means: 'not there' });
  const noWrite = (attack: string, path: string): Reach => ({ attack, code: write(path), seen: DENIED, means: 'denied' });
  return [
    { attack: 'the runner on the loopback address', code: connect('127.0.0.1', runnerPort), seen: REFUSED, means: 'refused' },
    { attack: 'the runner on the IPv6 loopback', code: connect('::1', runnerPort), seen: REFUSED, means: 'refused' },
    { attack: 'the address of the machine', code: connect(machineAddress, runnerPort), seen: REFUSED, means: 'unreachable' },
    {
      attack: 'cloud metadata by IPv6',
      code: connect('fd00:ec2::254', 80),
      seen: /^(OSError: \[Errno (101|113)\]|TimeoutError|ConnectionRefusedError)/,
      means: 'unreachable',
    },
    {
      attack: 'datagrams to the outside',
      code: 'print((lambda s: [s.settimeout(0.3), s.connect(("192.0.2.1", 53)), s.send(b"x"), s.recv(1)])(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))',
      seen: /^(OSError: \[Errno (101|113)\]|TimeoutError|ConnectionRefusedError)/,
      means: 'unanswered',
    },
    { attack: 'cloud metadata', code: connect('169.254.169.254', 80), seen: REFUSED, means: 'unreachable' },
    { attack: 'an address that is not of the lab', code: connect('192.0.2.1', 80), seen: REFUSED, means: 'unreachable' },
    {
      attack: 'a name of the outside',
      code: 'print(socket.getaddrinfo("example.org", 80))',
      seen: /^gaierror/,
      means: 'no such name',
    },
    {
      attack: 'abstract sockets of the machine',
      code: 'print(len(open("/proc/net/unix").read().splitlines()) - 1, "sockets")',
      seen: /^0 sockets/,
      means: '0 sockets',
    },
    {
      attack: 'an abstract socket of the machine, by its name',
      code: 'socket.socket(socket.AF_UNIX).connect("\\0hello-mptcp-attack"); print("connected")',
      seen: /^ConnectionRefusedError/,
      means: 'refused',
    },
    {
      attack: 'a socket file of the machine',
      code: 'socket.socket(socket.AF_UNIX).connect("/tmp/hello-mptcp-attack"); print("connected")',
      seen: NOT_THERE,
      means: 'not there',
    },
    {
      attack: 'shared memory of the machine',
      code: 'print(os.listdir("/dev/shm"))',
      seen: /^\[\]/,
      means: 'none',
    },
    {
      attack: 'SysV IPC of the machine',
      code: 'print(sum(len(read("/proc/sysvipc/" + kind).splitlines()) - 1 for kind in ("shm", "sem", "msg")))',
      seen: /^(0|-3)$/,
      means: '0 objects',
    },
    {
      attack: 'keyrings by /proc',
      code: 'print([l.split()[-2:] for l in read("/proc/keys").splitlines() if "_ses" in l or "user" in l.split()[7:8]])',
      seen: /^\[\]/,
      means: 'none',
    },
    {
      attack: 'the root of another process, by /proc',
      code: 'print(sorted(os.listdir("/proc/1/root/")) == sorted(os.listdir("/")))',
      seen: /^(True|PermissionError)/,
      means: 'its own, or denied',
    },
    {
      attack: 'descriptors of the sandbox around it',
      code: 'print([t for t in (os.readlink("/proc/1/fd/" + f) for f in os.listdir("/proc/1/fd")) if not t.startswith(("/dev/pts", "/dev/null", "pipe:", "anon_inode:"))])',
      seen: /^(\[\]|PermissionError)/,
      means: 'none, or denied',
    },
    noFile('a socket to virtual machines', '/dev/vsock'),
    noFile('the checkout of the runner', `${process.cwd()}/package.json`),
    {
      attack: 'files with capabilities in the image',
      code: 'print([f for d in ("/usr/bin", "/usr/sbin", "/usr/lib") for r, _, n in os.walk(d) for f in n if has_capability(os.path.join(r, f))])',
      seen: /^\[\]/,
      means: 'none',
    },
    {
      attack: 'processes of others',
      code: 'print(all(int(p) < 20 for p in os.listdir("/proc") if p.isdigit()))',
      seen: /^True/,
      means: 'own ones only',
    },
    {
      attack: 'a process of the machine by its signal',
      code: 'print([p for p in range(20, 5000) if try_kill(p)])',
      seen: /^\[\]/,
      means: 'none',
    },
    {
      attack: 'the environment of the runner',
      code: `print(any(${JSON.stringify(secret)} in read(f"/proc/{p}/environ") for p in os.listdir("/proc") if p.isdigit()))`,
      seen: /^False/,
      means: 'not in any process',
    },
    {
      attack: 'descriptors that the runner inherited',
      code: 'print(sorted(int(f) for f in os.listdir("/proc/self/fd"))[4:])',
      seen: /^\[\]/,
      means: 'none',
    },
    noFile('the passwords of the machine', '/etc/shadow-'),
    {
      attack: 'the passwords of the image',
      code: 'print(any(len(l.split(":")[1]) > 3 for l in open("/etc/shadow")))',
      seen: /^(False|PermissionError)/,
      means: 'no password',
    },
    noFile('files of the lab', '/lab/filter'),
    noFile('another run of the lab', '/lab/work'),
    noFile('the image folder of the machine', '/var/lib/hello-mptcp'),
    noFile('a container engine', '/var/run/docker.sock'),
    noFile('a disk', '/dev/vda'),
    noFile('memory of the machine', '/dev/mem'),
    noFile('kernel messages', '/dev/kmsg'),
    noFile('kernel messages by /proc', '/proc/kmsg'),
    noFile('virtual machines', '/dev/kvm'),
    noFile('network devices', '/dev/net/tun'),
    noFile('control groups', '/sys/fs/cgroup'),
    {
      attack: 'kernel addresses',
      code: 'print({l.split()[0] for l in open("/proc/kallsyms").readlines()[:50]})',
      seen: /^(\{'0+'\}|PermissionError|FileNotFoundError|set\(\))/,
      means: 'zeroes',
    },
    noWrite('a core pattern', '/proc/sys/kernel/core_pattern'),
    noWrite('a setting of the machine', '/proc/sys/kernel/hostname'),
    noWrite('a setting of the lab', '/proc/sys/net/mptcp/enabled'),
    noWrite('forwarding', '/proc/sys/net/ipv4/ip_forward'),
    noWrite('the magic key', '/proc/sysrq-trigger'),
    noWrite('the image', '/etc/passwd'),
    noWrite('a file beside the own ones', '/home/x'),
    noWrite('a device file', '/dev/x'),
    noWrite('a terminal of others', '/dev/pts/x'),
    {
      attack: 'a terminal more',
      code: 'print(os.openpty())',
      seen: /^(OSError|FileNotFoundError|PermissionError)/,
      means: 'none',
    },
    {
      attack: 'a device of its own',
      code: 'os.mknod("/tmp/sda", 0o60600 | 0, os.makedev(8, 0)); print("made")',
      seen: /^PermissionError/,
      means: 'denied',
    },
    {
      attack: 'a setuid copy of a shell',
      code: 'shutil.copy("/bin/sh", "/tmp/sh"); os.chmod("/tmp/sh", 0o6755); print(subprocess.run(["/tmp/sh", "-p", "-c", "id -u"], capture_output=True, text=True).stdout.strip())',
      seen: /^1000/,
      means: 'uid 1000',
    },
    {
      attack: 'setuid programs in the image',
      code: 'print(subprocess.run("find / -xdev -perm /6000 2>/dev/null | wc -l", shell=True, capture_output=True, text=True).stdout.strip())',
      seen: /^0$/,
      means: '0',
    },
    {
      attack: 'capabilities',
      code: 'print(re.findall("Cap(?:Prm|Eff|Bnd|Amb):\\\\t(\\\\w+)", read("/proc/self/status")))',
      seen: /^\['0{16}', '0{16}', '0{16}', '0{16}'\]/,
      means: 'none',
    },
    {
      attack: 'privilege by a new program',
      code: 'print(re.findall("NoNewPrivs:\\\\t(\\\\d)", read("/proc/self/status")))',
      seen: /^\['1'\]/,
      means: 'no_new_privs',
    },
    {
      attack: 'a link of the network',
      code: 'r = subprocess.run("ip link set wifi down; nft list ruleset; ip netns add x", shell=True, capture_output=True, text=True); print(r.stderr.count("not permitted") + r.stderr.count("denied"))',
      seen: /^[23]/,
      means: 'not permitted',
    },
    {
      attack: 'settings of Multipath TCP in the lab',
      code: 'print(subprocess.run(["ip", "mptcp", "limits", "set", "subflows", "0"], capture_output=True, text=True).returncode)',
      seen: /^[12]/,
      means: 'an error',
    },
  ];
}

/** One line an attack: its number and what came of it. */
export function reachProgram(all: Reach[]): string {
  return `import os, re, shutil, socket, subprocess, sys
def read(path):
  try: return open(path, "rb").read().decode("latin1")
  except OSError: return ""
def has_capability(path):
  try: os.getxattr(path, "security.capability", follow_symlinks=False); return True
  except OSError: return False
def try_kill(pid):
  try: os.kill(pid, 0); return True
  except OSError: return False
${all
  .map(
    ({ code }, index) => `sys.stdout.write("${index} ")
sys.stdout.flush()
try: ${code}
except BaseException as e: print(f"{type(e).__name__}: {e}")`,
  )
  .join('\n')}
`;
}

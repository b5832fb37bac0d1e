import { CALLS } from '../../runner/sandbox/seccomp/calls.ts';
import { MACHINES } from '../../runner/sandbox/seccomp/interpret-filter.ts';
import { POLICY } from '../../runner/sandbox/seccomp/policy.ts';

/** A system call by the names of the kernel's headers, as a C expression, and the error that must answer it. */
export type CallAttack = {
  attack: string;
  call: string;
  answer: 'EPERM' | 'ENOSYS' | 'EPROTONOSUPPORT' | 'killed by SIGSYS' | 'done';
  /** The kernel alone would answer otherwise: only the filter stands in the way. */
  filterAlone?: true;
};

const namespaces: [string, string][] = [
  ['user', 'CLONE_NEWUSER'],
  ['mount', 'CLONE_NEWNS'],
  ['network', 'CLONE_NEWNET'],
  ['pid', 'CLONE_NEWPID'],
  ['ipc', 'CLONE_NEWIPC'],
  ['uts', 'CLONE_NEWUTS'],
  ['cgroup', 'CLONE_NEWCGROUP'],
];

/** All attacks that a program on such a processor can make, which need not be this machine's. */
export function callAttacks(architecture: string = process.arch): CallAttack[] {
  return architecture === 'arm64'
    ? [...CALL_ATTACKS, ...deniedCalls(MACHINES.arm64.column)]
    : [...CALL_ATTACKS, ...deniedCalls(MACHINES.x64.column), ...X86_ATTACKS];
}

/** Each call that the policy denies whatever its arguments are, with arguments that are 0. */
function deniedCalls(column: 0 | 1): CallAttack[] {
  return POLICY.flatMap(({ calls, when, answer }): CallAttack[] =>
    when !== undefined || answer === 'ignored'
      ? []
      : calls
          .filter((call) => CALLS[call][column] !== null)
          .map((call) => ({ attack: `the call ${call}`, call: `syscall(${CALLS[call][column]}, 0, 0, 0, 0, 0, 0)`, answer })),
  );
}

const CALL_ATTACKS: CallAttack[] = [
  ...namespaces.map(
    ([name, flag]): CallAttack => ({ attack: `unshare a ${name} namespace`, call: `unshare(${flag})`, answer: 'EPERM' }),
  ),
  { attack: 'unshare a time namespace', call: 'unshare(0x80)', answer: 'EPERM' },
  ...namespaces.map(
    ([name, flag]): CallAttack => ({
      attack: `clone into a ${name} namespace`,
      call: `syscall(SYS_clone, ${flag} | SIGCHLD, 0, 0, 0, 0)`,
      answer: 'EPERM',
    }),
  ),
  {
    attack: 'clone3, whose flags a filter cannot see',
    call: 'syscall(SYS_clone3, (long[8]){ 0 }, 64)',
    answer: 'ENOSYS',
    filterAlone: true,
  },
  { attack: 'clone a process, which is no attack', call: 'fork_and_wait()', answer: 'done' },
  { attack: 'enter a namespace', call: 'setns(open("/proc/self/ns/net", O_RDONLY), CLONE_NEWNET)', answer: 'EPERM' },
  { attack: 'mount a tmpfs', call: 'mount("none", "/tmp", "tmpfs", 0, "")', answer: 'EPERM' },
  { attack: 'unmount /proc', call: 'umount2("/proc", MNT_DETACH)', answer: 'EPERM' },
  { attack: 'mount by the new calls', call: 'syscall(SYS_fsopen, "tmpfs", 0)', answer: 'ENOSYS', filterAlone: true },
  { attack: 'copy a mount', call: 'syscall(SYS_open_tree, AT_FDCWD, "/", 0)', answer: 'ENOSYS', filterAlone: true },
  { attack: 'pivot_root', call: 'syscall(SYS_pivot_root, ".", ".")', answer: 'EPERM' },
  { attack: 'chroot', call: 'chroot("/tmp")', answer: 'EPERM' },
  { attack: 'bpf', call: 'syscall(SYS_bpf, 0, (long[16]){ 2, 4, 4, 1 }, 128)', answer: 'EPERM' },
  { attack: 'io_uring', call: 'syscall(SYS_io_uring_setup, 8, (long[32]){ 0 })', answer: 'ENOSYS', filterAlone: true },
  { attack: 'userfaultfd', call: 'syscall(SYS_userfaultfd, 1)', answer: 'EPERM', filterAlone: true },
  {
    attack: 'perf_event_open',
    call: 'syscall(SYS_perf_event_open, (long[16]){ 1L | 128L << 32 }, 0, -1, -1, 0)',
    answer: 'EPERM',
  },
  { attack: 'ptrace its parent', call: 'syscall(SYS_ptrace, PTRACE_SEIZE, getppid(), 0, 0)', answer: 'EPERM', filterAlone: true },
  { attack: 'be traced', call: 'syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0)', answer: 'EPERM', filterAlone: true },
  {
    attack: 'read the memory of its parent',
    call: 'syscall(SYS_process_vm_readv, getppid(), 0, 0, 0, 0, 0)',
    answer: 'EPERM',
    filterAlone: true,
  },
  {
    attack: 'take a descriptor of its parent',
    call: 'syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, getppid(), 0), 0, 0)',
    answer: 'EPERM',
    filterAlone: true,
  },
  { attack: 'keyring: add a key', call: 'syscall(SYS_add_key, "user", "k", "v", 1, -3)', answer: 'EPERM', filterAlone: true },
  { attack: 'keyring: ask for a key', call: 'syscall(SYS_request_key, "user", "k", 0, -3)', answer: 'EPERM', filterAlone: true },
  { attack: 'keyring: keyctl', call: 'syscall(SYS_keyctl, 0, -3, 1)', answer: 'EPERM', filterAlone: true },
  { attack: 'load a kernel module', call: 'syscall(SYS_init_module, "", 0, "")', answer: 'EPERM' },
  { attack: 'load another kernel', call: 'syscall(SYS_kexec_load, 0, 0, 0, 0)', answer: 'EPERM' },
  { attack: 'kernel log', call: 'syscall(SYS_syslog, 3, buffer, sizeof(buffer))', answer: 'EPERM' },
  { attack: 'quotactl', call: 'syscall(SYS_quotactl, 0, 0, 0, 0)', answer: 'EPERM', filterAlone: true },
  { attack: 'turn off address randomization', call: 'personality(ADDR_NO_RANDOMIZE)', answer: 'EPERM', filterAlone: true },
  { attack: 'read 32-bit Linux, a usual personality', call: 'personality(0xffffffff)', answer: 'done' },
  { attack: 'set the clock', call: 'settimeofday((struct timeval[1]){ { 0 } }, 0)', answer: 'EPERM' },
  { attack: 'set the host name', call: 'sethostname("x", 1)', answer: 'EPERM' },
  { attack: 'open by file handle', call: 'syscall(SYS_open_by_handle_at, AT_FDCWD, buffer, 0)', answer: 'EPERM' },
  { attack: 'packet socket', call: 'socket(AF_PACKET, SOCK_RAW, 0)', answer: 'EPERM' },
  { attack: 'raw socket', call: 'socket(AF_INET, SOCK_RAW, 6)', answer: 'EPERM' },
  { attack: 'raw socket of IPv6', call: 'socket(AF_INET6, SOCK_RAW, 58)', answer: 'EPERM' },
  {
    attack: 'a pair of TIPC sockets, whose module would be loaded',
    call: 'socketpair(AF_TIPC, SOCK_STREAM, 0, (int[2]){ 0 })',
    answer: 'EPERM',
    filterAlone: true,
  },
  {
    attack: 'a pair of Unix sockets, which is no attack',
    call: 'socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){ 0 })',
    answer: 'done',
  },
  { attack: 'vsock', call: 'socket(AF_VSOCK, SOCK_STREAM, 0)', answer: 'EPERM', filterAlone: true },
  { attack: 'kernel crypto socket', call: 'socket(AF_ALG, SOCK_SEQPACKET, 0)', answer: 'EPERM', filterAlone: true },
  { attack: 'netfilter socket', call: 'socket(AF_NETLINK, SOCK_RAW, 12)', answer: 'EPERM', filterAlone: true },
  { attack: 'audit socket', call: 'socket(AF_NETLINK, SOCK_RAW, 9)', answer: 'EPERM', filterAlone: true },
  { attack: 'SCTP, whose module would be loaded', call: 'socket(AF_INET, SOCK_STREAM, 132)', answer: 'EPROTONOSUPPORT' },
  { attack: 'route socket, which ip(8) reads with', call: 'socket(AF_NETLINK, SOCK_RAW, 0)', answer: 'done' },
  { attack: 'sock_diag socket, which ss(8) reads with', call: 'socket(AF_NETLINK, SOCK_RAW, 4)', answer: 'done' },
  { attack: 'Multipath TCP socket', call: 'socket(AF_INET, SOCK_STREAM, 262)', answer: 'done' },
  { attack: 'type into the terminal (TIOCSTI)', call: 'ioctl(0, TIOCSTI, "x")', answer: 'EPERM' },
  { attack: 'the same with upper bits set', call: 'syscall(SYS_ioctl, 0, 0x100000000 | TIOCSTI, "x")', answer: 'EPERM' },
  { attack: 'console (TIOCLINUX)', call: 'ioctl(0, TIOCLINUX, "\\6")', answer: 'EPERM', filterAlone: true },
  { attack: 'line discipline (TIOCSETD)', call: 'ioctl(0, TIOCSETD, (int[1]){ 0 })', answer: 'EPERM', filterAlone: true },
  { attack: 'memory without a file (memfd)', call: 'syscall(SYS_memfd_create, "x", 0)', answer: 'ENOSYS', filterAlone: true },
  { attack: 'SysV shared memory', call: 'shmget(IPC_PRIVATE, 4096, 0600)', answer: 'ENOSYS', filterAlone: true },
  { attack: 'SysV message queue', call: 'msgget(IPC_PRIVATE, 0600)', answer: 'ENOSYS', filterAlone: true },
  { attack: 'POSIX message queue', call: 'mq_open("/x", O_CREAT | O_RDWR, 0600, 0)', answer: 'ENOSYS', filterAlone: true },
  {
    attack: 'asynchronous I/O of the machine',
    call: 'syscall(SYS_io_setup, 1, (long[1]){ 0 })',
    answer: 'ENOSYS',
    filterAlone: true,
  },
  {
    attack: 'a core limit of 0, with which a crash starts a core handler',
    call: 'core_limit_stays(setrlimit(RLIMIT_CORE, (struct rlimit[1]){ { 0, 0 } }))',
    answer: 'done',
    filterAlone: true,
  },
  {
    attack: 'the same by prlimit, with a pointer whose lower half is 0',
    call: 'core_limit_stays(syscall(SYS_prlimit64, 0, RLIMIT_CORE, zeroes_at_4_gib(), 0))',
    answer: 'done',
    filterAlone: true,
  },
  { attack: 'a call that is newer than the filter', call: 'syscall(458, 0, 0, 0, 0)', answer: 'ENOSYS', filterAlone: true },
];

/** Calls by the tables of 32-bit x86 and of x32: neither is this machine's. */
const X86_ATTACKS: CallAttack[] = [
  { attack: 'a call of the x32 table', call: 'syscall(0x40000000 | SYS_getpid)', answer: 'killed by SIGSYS', filterAlone: true },
  { attack: 'a call of the 32-bit table', call: 'call_i386(20)', answer: 'killed by SIGSYS', filterAlone: true },
];

/** One line an attack, on a terminal: its number and how the call ended. Each is made by a process of its own. */
export function callProgram(attacks: CallAttack[]): string {
  return `#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/vm_sockets.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
static char buffer[4096];
static long fork_and_wait(void) { pid_t child = fork(); if (child == 0) _exit(0); return waitpid(child, 0, 0) == child ? 0 : -1; }
static long core_limit_stays(long result) { struct rlimit now; if (result != 0) return -1; getrlimit(RLIMIT_CORE, &now); errno = ERANGE; return now.rlim_cur == 1 ? 0 : -1; }
static void *zeroes_at_4_gib(void) { return mmap((void *)0x100000000, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); }
#ifdef __x86_64__
static long call_i386(long number) { long result; __asm__ volatile ("int $0x80" : "=a"(result) : "a"(number)); if (result >= 0) return result; errno = -result; return -1; }
#endif
static void tell(int number, int status) {
  if (WIFSIGNALED(status)) printf("%d killed by SIG%s\\n", number, sigabbrev_np(WTERMSIG(status)));
  else printf("%d %s\\n", number, WEXITSTATUS(status) == 0 ? "done" : strerrorname_np(WEXITSTATUS(status)));
  fflush(stdout);
}
int main(void) {
  int status; pid_t child;
${attacks
  .map(
    ({ call }, index) =>
      `  if ((child = fork()) == 0) { errno = 0; long result = (long)(${call}); int error = errno; if (result == 0 && getpid() == 1) _exit(0); _exit(result == -1 ? error : 0); }\n  waitpid(child, &status, 0); tell(${index}, status);`,
  )
  .join('\n')}
  return 0;
}
`;
}

/** How each call ended, by its number. What was typed into the terminal stands before it. */
export function callResults(output: string): Map<number, string> {
  return new Map([...output.matchAll(/^x*(\d+) (.+?)\r?$/gm)].map(([, number, result]) => [Number(number), result ?? '']));
}

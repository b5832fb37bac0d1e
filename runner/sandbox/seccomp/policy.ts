import type { Call } from './calls.ts';

/**
 * What a denied call ends with (asm-generic/errno-base.h, errno.h). `ignored` is no error: the kernel does nothing, and the
 * program learns that it did (SECCOMP_RET_ERRNO with 0, seccomp(2)).
 */
export const ERRNO = { ignored: 0, EPERM: 1, ENOSYS: 38, EPROTONOSUPPORT: 93 };

/** About the lower 32 bits of one argument of a call, counted from 0; `half` asks for the upper ones. */
export type Condition =
  | { argument: number; is: 'one-of' | 'none-of'; values: number[] }
  | { argument: number; half?: 'upper'; is: 'any-bit-of'; mask: number };

/** These calls, when all conditions hold, end with this error. */
export type Rule = { calls: Call[]; when?: Condition[]; answer: keyof typeof ERRNO };

/**
 * The newest call that programs may make, futex_requeue of Linux 6.7. What a later kernel adds is answered as an older
 * kernel would: not there. Libraries are made for that.
 */
export const NEWEST_CALL = 456;

/** Flags of clone(2) that make namespaces: mount, cgroup, uts, ipc, user, pid, network. */
const NEW_NAMESPACES = 0x7e02_0000;
/** For unshare(2) the time namespace too; in clone(2) this bit is part of a signal's number. */
const NEW_TIME_NAMESPACE = 0x80;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const AF_PACKET = 17;
/** What tools read the network's state with: ip(8), `ip mptcp`, ss(8). Never netfilter. */
const NETLINK = { route: 0, sockDiag: 4, generic: 16 };
/** Beside 0, the default of the type. Others would have the kernel load modules: SCTP, DCCP, L2TP, SMC. */
const INTERNET = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, mptcp: 262 };

/** Terminals (ioctl_tty(2)): input that a program types for the reader of its terminal, the console, line disciplines. */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const TIOCSETD = 0x5423;

/** getrlimit(2), and the argument of prlimit(2) that sets it; a pointer, of which either half may be 0. */
const RLIMIT_CORE = 4;
const IS_CORE = { is: 'one-of' as const, values: [RLIMIT_CORE] };
const NEW_LIMIT = { argument: 2, is: 'any-bit-of' as const, mask: 0xffff_ffff };

/** personality(2): Linux, 32-bit Linux, each with the version of 2.6, and the question which it is. */
const USUAL_PERSONALITIES = [0x0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff];

/** What programs and shells in the sandbox may not ask of the kernel, beside what takes a capability that they lack. */
const EVERYWHERE: Rule[] = [
  // Its flags are in memory, where a filter cannot look: libraries fall back to clone.
  { calls: ['clone3'], answer: 'ENOSYS' },
  { calls: ['clone'], when: [{ argument: 0, is: 'any-bit-of', mask: NEW_NAMESPACES }], answer: 'EPERM' },
  {
    calls: ['unshare'],
    when: [{ argument: 0, is: 'any-bit-of', mask: NEW_NAMESPACES + NEW_TIME_NAMESPACE }],
    answer: 'EPERM',
  },
  { calls: ['setns', 'mount', 'umount2', 'pivot_root', 'chroot', 'sethostname', 'setdomainname'], answer: 'EPERM' },
  { calls: ['open_tree', 'move_mount', 'fsopen', 'fsconfig', 'fsmount', 'fspick', 'mount_setattr'], answer: 'ENOSYS' },

  // Other processes, and what no program of a lesson needs of the kernel.
  { calls: ['ptrace', 'process_vm_readv', 'process_vm_writev', 'process_madvise', 'kcmp', 'pidfd_getfd'], answer: 'EPERM' },
  { calls: ['bpf', 'perf_event_open', 'userfaultfd', 'keyctl', 'add_key', 'request_key'], answer: 'EPERM' },
  { calls: ['io_uring_setup', 'io_uring_enter', 'io_uring_register'], answer: 'ENOSYS' },
  { calls: ['open_by_handle_at', 'name_to_handle_at', 'fanotify_init', 'lookup_dcookie', 'vhangup'], answer: 'EPERM' },
  {
    calls: ['mbind', 'set_mempolicy', 'get_mempolicy', 'set_mempolicy_home_node', 'move_pages', 'migrate_pages'],
    answer: 'EPERM',
  },

  // The machine as a whole.
  {
    calls: ['kexec_load', 'kexec_file_load', 'init_module', 'finit_module', 'delete_module', 'reboot', 'syslog'],
    answer: 'EPERM',
  },
  { calls: ['create_module', 'query_module', 'get_kernel_syms', '_sysctl', 'uselib', 'nfsservctl'], answer: 'ENOSYS' },
  { calls: ['quotactl', 'quotactl_fd', 'acct', 'swapon', 'swapoff', 'iopl', 'ioperm', 'ustat', 'sysfs'], answer: 'EPERM' },
  { calls: ['settimeofday', 'clock_settime', 'clock_adjtime'], answer: 'EPERM' },
  { calls: ['modify_ldt'], answer: 'ENOSYS' },
  { calls: ['personality'], when: [{ argument: 0, is: 'none-of', values: USUAL_PERSONALITIES }], answer: 'EPERM' },

  // Memory and handles that no limit of a process counts: all machine's asynchronous requests are one number.
  { calls: ['memfd_create', 'memfd_secret', 'io_setup'], answer: 'ENOSYS' },
  { calls: ['shmget', 'semget', 'msgget', 'mq_open'], answer: 'ENOSYS' },

  // With 1 byte, as enter-lab sets it, a crash starts no core handler of the machine. With 0 it would: 0 counts for files only
  // (core(5), "Piping core dumps to a program"). Shells and servers that set 0 for safety shall not fail.
  { calls: ['setrlimit'], when: [{ argument: 0, ...IS_CORE }], answer: 'ignored' },
  { calls: ['prlimit64'], when: [{ argument: 1, ...IS_CORE }, NEW_LIMIT], answer: 'ignored' },
  {
    calls: ['prlimit64'],
    when: [
      { argument: 1, ...IS_CORE },
      { ...NEW_LIMIT, half: 'upper' as const },
    ],
    answer: 'ignored',
  },

  // Only these can be made in pairs; for the others the kernel would load a module before it says so.
  { calls: ['socketpair'], when: [{ argument: 0, is: 'none-of', values: [AF_UNIX] }], answer: 'EPERM' },
  {
    calls: ['socket'],
    when: [
      { argument: 0, is: 'one-of', values: [AF_NETLINK] },
      { argument: 2, is: 'none-of', values: Object.values(NETLINK) },
    ],
    answer: 'EPERM',
  },
  { calls: ['ioctl'], when: [{ argument: 1, is: 'one-of', values: [TIOCSTI, TIOCLINUX, TIOCSETD] }], answer: 'EPERM' },
  {
    calls: ['socket'],
    when: [
      { argument: 0, is: 'one-of', values: [AF_INET, AF_INET6] },
      { argument: 2, is: 'none-of', values: [0, ...Object.values(INTERNET)] },
    ],
    answer: 'EPROTONOSUPPORT',
  },
];

/** Of a program: packet, vsock and alg sockets are refused among all the others. */
export const POLICY: Rule[] = [...EVERYWHERE, socketsOnlyOf([AF_UNIX, AF_INET, AF_INET6, AF_NETLINK])];

/** Of a shell, which may also see its host's packets: tcpdump(8). */
export const SHELL_POLICY: Rule[] = [...EVERYWHERE, socketsOnlyOf([AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET])];

function socketsOnlyOf(families: number[]): Rule {
  return { calls: ['socket'], when: [{ argument: 0, is: 'none-of', values: families }], answer: 'EPERM' };
}

/**
 * What a container may ask the kernel for: an allow-list. Every call of the tables stands in exactly one list below (a test
 * says so), so a new row there is a decision here.
 */

export const ERRNO = { EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97 } as const;

/** What becomes of a call: allowed, or refused with an errno. */
export type Verdict = 'allow' | { readonly errno: number };

/** A verdict that depends on the low 32 bits of one argument: all that the kernel looks at where these are used. */
export interface ArgumentCheck {
  readonly argument: number;
  /** Bits that are looked at; absent: all 32. */
  readonly mask?: number;
  readonly oneOf: readonly number[];
  readonly matched: Rule;
  readonly otherwise: Rule;
}

export type Rule = Verdict | ArgumentCheck;

/** Rule of each call by name. A call that no rule names is newer than the profile: ENOSYS, so that libc falls back. */
export type SeccompProfile = ReadonlyMap<string, Rule>;

const REFUSED: Verdict = { errno: ERRNO.EPERM };
const NO_FAMILY: Verdict = { errno: ERRNO.EAFNOSUPPORT };

const words = (text: string): string[] => text.trim().split(/\s+/);

export const ALLOWED = words(`
  _llseek _newselect accept accept4 access adjtimex alarm arch_prctl bind brk cachestat capget capset chdir chmod
  chown chown32 clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
  clock_nanosleep clock_nanosleep_time64 clone clone3 close close_range connect copy_file_range creat dup dup2 dup3
  epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat exit
  exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2
  fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr file_getattr file_setattr flistxattr flock fork
  fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex futex_requeue
  futex_time64 futex_wait futex_waitv futex_wake futimesat get_mempolicy get_robust_list get_thread_area getcpu getcwd
  getdents getdents64 getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getitimer getpeername
  getpgid getpgrp getpid getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32 getrlimit getrusage
  getsid getsockname getsockopt gettid gettimeofday getuid getuid32 getxattr getxattrat inotify_add_watch inotify_init
  inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup
  io_submit ioprio_get ioprio_set ipc kill landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown
  lchown32 lgetxattr link linkat listen listmount listxattr listxattrat llistxattr lremovexattr lseek lsetxattr
  lsm_get_self_attr lsm_list_modules lsm_set_self_attr lstat lstat64 madvise map_shadow_stack mbind membarrier
  memfd_create memfd_secret migrate_pages mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2
  modify_ldt move_pages mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend
  mq_timedsend_time64 mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall munmap
  name_to_handle_at nanosleep newfstatat nice oldfstat oldlstat oldolduname oldstat olduname open openat openat2 pause
  pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl pread64
  preadv preadv2 prlimit64 process_mrelease process_vm_readv process_vm_writev pselect6 pselect6_time64 ptrace
  pwrite64 pwritev pwritev2 read readahead readdir readlink readlinkat readv recvfrom recvmmsg recvmmsg_time64 recvmsg
  remap_file_pages removexattr removexattrat rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction
  rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64
  rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
  sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam
  sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop semtimedop_time64 sendfile sendfile64
  sendmmsg sendmsg sendto set_mempolicy set_mempolicy_home_node set_robust_list set_thread_area set_tid_address
  setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid setpriority setregid
  setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid setsockopt setuid
  setuid32 setxattr setxattrat sgetmask shmat shmctl shmdt shmget shutdown sigaction sigaltstack signal signalfd
  signalfd4 sigpending sigprocmask sigreturn sigsuspend socketpair splice ssetmask stat stat64 statfs statfs64
  statmount statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete
  timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime
  timerfd_gettime64 timerfd_settime timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink
  unlinkat uretprobe utime utimensat utimensat_time64 utimes vfork vmsplice wait4 waitid waitpid write writev
`);

/** Allowed in a container that runs a whole system: its capabilities bound what they can do. */
export const NAMESPACES_AND_MOUNTS = words(`
  chroot fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree open_tree_attr pivot_root setns umount
  umount2 unshare
`);

/** Allowed with a capability only. reboot(2) of a pid namespace ends its init and nothing else. */
export const BY_CAPABILITY = {
  sys_admin: words('fanotify_init sethostname setdomainname'),
  sys_boot: words('reboot'),
  sys_module: words('init_module finit_module delete_module'),
  sys_ptrace: words('kcmp pidfd_getfd process_madvise'),
  sys_rawio: words('ioperm iopl'),
  sys_time: words('clock_settime clock_settime64 settimeofday stime'),
  sys_tty_config: words('vhangup'),
} as const;

/** Of the whole host, or not namespaced, or a large attack surface. */
export const REFUSED_ALWAYS = words(`
  kexec_load kexec_file_load swapon swapoff acct quotactl quotactl_fd nfsservctl lookup_dcookie uselib ustat sysfs
  add_key keyctl request_key bpf perf_event_open io_uring_setup io_uring_enter io_uring_register userfaultfd
  open_by_handle_at syslog vm86 vm86old
`);

/** Names that Linux keeps and no longer implements: ENOSYS, as without a filter. */
export const UNIMPLEMENTED = words(`
  _sysctl afs_syscall bdflush break create_module epoll_ctl_old epoll_wait_old ftime get_kernel_syms getpmsg gtty idle
  lock mpx prof profil putpmsg query_module security stty tuxcall ulimit vserver
`);

const AF_NETLINK = 16;
const AF_ALG = 38;
const AF_VSOCK = 40;
const NETLINK_AUDIT = 9;
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const SYS_SOCKET = 1;
/** PER_LINUX and PER_LINUX32, each also with UNAME26; the last one asks for the current value. */
const PERSONALITIES = [0, 8, 0x20000, 0x20008, 0xffffffff];

export const BY_ARGUMENT = {
  /** Neither AF_ALG nor AF_VSOCK is namespaced, nor is auditing. */
  socket: {
    argument: 0,
    oneOf: [AF_ALG, AF_VSOCK],
    matched: NO_FAMILY,
    otherwise: {
      argument: 0,
      oneOf: [AF_NETLINK],
      matched: { argument: 2, oneOf: [NETLINK_AUDIT], matched: NO_FAMILY, otherwise: 'allow' },
      otherwise: 'allow',
    },
  },
  /** These type into a terminal whose other side may be the host's. */
  ioctl: { argument: 1, oneOf: [TIOCSTI, TIOCLINUX], matched: REFUSED, otherwise: 'allow' },
  personality: { argument: 0, oneOf: PERSONALITIES, matched: 'allow', otherwise: REFUSED },
  /** i386: its arguments lie in memory, where no filter sees the address family. socket(2) itself is there since Linux 4.3. */
  socketcall: { argument: 0, oneOf: [SYS_SOCKET], matched: REFUSED, otherwise: 'allow' },
} as const satisfies Record<string, ArgumentCheck>;

export interface ProfileOptions {
  /** Capabilities of the bounding set, lower case without `cap_`. */
  readonly capabilities: ReadonlySet<string>;
  /**
   * The container is of the 32-bit architecture, whose C library may know socketcall(2) alone: it may make sockets so, at the price
   * that their family is not checked.
   */
  readonly allowSocketcall: boolean;
}

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, `<linux/sched.h>`. NEWTIME is for unshare(2) and clone3(2) alone. */
const NEW_NAMESPACES = 0x7e020000;

/** The clone(2) of an application: threads and processes, no namespaces. */
const CLONE_WITHOUT_NAMESPACES: ArgumentCheck = {
  argument: 0,
  mask: NEW_NAMESPACES,
  oneOf: [0],
  matched: 'allow',
  otherwise: REFUSED,
};

/**
 * The profile of a container that runs an application: besides what that of a system refuses, everything that mounts, and every
 * namespace (most holes of the kernel that a container can reach lie behind one of its own). The flags of clone3(2) lie in memory,
 * where no filter sees them: ENOSYS sends libc to clone(2).
 */
export function makeAppProfile(options: ProfileOptions): SeccompProfile {
  const profile = new Map(makeOsProfile(options));
  for (const name of NAMESPACES_AND_MOUNTS) profile.set(name, REFUSED);
  profile.set('chroot', options.capabilities.has('sys_chroot') ? 'allow' : REFUSED);
  profile.set('clone', CLONE_WITHOUT_NAMESPACES);
  profile.set('clone3', { errno: ERRNO.ENOSYS });
  return profile;
}

/** The profile of a container that runs a whole operating system. */
export function makeOsProfile(options: ProfileOptions): SeccompProfile {
  const profile = new Map<string, Rule>(Object.entries(BY_ARGUMENT));
  if (options.allowSocketcall) profile.set('socketcall', 'allow');
  const setAll = (names: readonly string[], rule: Rule): void => {
    for (const name of names) profile.set(name, rule);
  };
  setAll([...ALLOWED, ...NAMESPACES_AND_MOUNTS], 'allow');
  for (const [capability, names] of Object.entries(BY_CAPABILITY)) {
    setAll(names, options.capabilities.has(capability) ? 'allow' : REFUSED);
  }
  setAll(REFUSED_ALWAYS, REFUSED);
  setAll(UNIMPLEMENTED, { errno: ERRNO.ENOSYS });
  return profile;
}

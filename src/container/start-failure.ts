/** What a failed start says to people. Pure. */
import type { ContainerSpec } from '../config/index.js';
import { CtrError } from '../errors.js';
import { errnoText } from '../system/reason.js';

/** What went wrong at which operation of the plan. */
export interface StartFailure {
  /** `mount proc on '/proc'` */
  readonly step: string;
  /** The system call: `mount`. */
  readonly call: string;
  readonly errno: number;
  /** `EPERM` */
  readonly errnoName: string;
  /** What the call was about: a path, a link, … */
  readonly object: string;
  readonly message: string;
}

/** The helper's report; what is missing in it, or is none, is empty. */
export function parseStartFailure(text: string): StartFailure {
  let value: Record<string, unknown> = {};
  try {
    value = Object(JSON.parse(text));
  } catch {
    // Then nothing more is known than that it failed.
  }
  const field = (name: string) => (typeof value[name] === 'string' ? value[name] : '');
  return {
    step: field('step'),
    call: field('call'),
    errno: typeof value.errno === 'number' ? value.errno : 0,
    errnoName: field('errnoName'),
    object: field('object'),
    message: field('message'),
  };
}

/** The helper's word for mount_setattr(2) with MOUNT_ATTR_IDMAP. */
export const ID_MAPPING = 'mount_setattr(IDMAP)';

/**
 * `cannot start 'web': mount proc on '/proc': mount: EPERM (operation not permitted)`, with a hint where one helps.
 *
 * @param spec absent: of a run, which has no definition
 */
export function explainStartFailure(spec: ContainerSpec | undefined, failure: StartFailure, fstype?: string): CtrError {
  const { step, call, errnoName } = failure;
  const of = fstype === undefined ? 'this file system' : `file system '${fstype}'`;
  const text =
    call === ID_MAPPING && errnoName === 'EINVAL'
      ? `${of} has no id-mapped mounts`
      : (errnoText(errnoName) ?? lowerFirst(failure.message));
  const reason = errnoName === '' ? text || 'the helper failed' : `${errnoName} (${text})`;
  const what = spec === undefined ? 'cannot run' : `cannot start '${spec.name}'`;
  const message = [what, step, call, reason].filter(Boolean).join(': ');
  const hint = hintOf(failure, spec);
  return new CtrError('CTR_START_FAILED', message, { data: { ...failure }, ...(hint === undefined ? {} : { hint }) });
}

/** What the reader can do about it. @param spec absent: no container is started */
export function hintOf(failure: StartFailure, spec?: ContainerSpec): string | undefined {
  return HINTS.find(({ applies }) => applies(failure, spec))?.hint;
}

/** strerror(3) begins with a capital letter, which messages of ctr do not. */
function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

interface Hint {
  readonly applies: (failure: StartFailure, spec: ContainerSpec | undefined) => boolean;
  readonly hint: string;
}

/** The first that applies is shown. */
const HINTS: readonly Hint[] = [
  {
    applies: ({ object }) => object === 'newuidmap' || object === 'newgidmap',
    hint: 'apt-get install uidmap',
  },
  {
    applies: ({ step, message }) => /by '.*new[ug]idmap'/.test(step) && message.includes('set-uid'),
    hint: 'chmod u+s on it as root, or: apt-get install --reinstall uidmap',
  },
  {
    applies: ({ step }) => /by '.*new[ug]idmap'/.test(step),
    hint: '/etc/subuid and /etc/subgid say which ids are yours',
  },
  {
    applies: ({ object }) => object === 'max_user_namespaces',
    hint: 'as root: sysctl user.max_user_namespaces=10000',
  },
  {
    applies: ({ object }) => object === 'unprivileged_userns_clone',
    hint: 'as root: sysctl kernel.unprivileged_userns_clone=1',
  },
  {
    applies: ({ object }) => object === 'apparmor_restrict_unprivileged_userns',
    hint: "as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile with 'userns' for ctr",
  },
  {
    applies: ({ object, errnoName }) => /memory\.(memsw|swap)\.[a-z_]+$/.test(object) && errnoName === 'ENOENT',
    hint: 'this kernel counts no swap: boot it with swapaccount=1, or take the limit of swap out',
  },
  {
    applies: ({ call, errnoName }) => call.startsWith('clone') && errnoName === 'ENOSPC',
    hint: 'a limit on namespaces is reached: sysctl user.max_user_namespaces and its neighbours',
  },
  {
    applies: ({ call, errnoName }) => call.startsWith('clone') && errnoName === 'EAGAIN',
    hint: 'a limit on processes is reached: sysctl kernel.pid_max, or pids.max of the cgroup ctr runs in',
  },
  {
    applies: ({ call, errnoName }) => call.startsWith('clone') && errnoName === 'EPERM',
    hint: 'ctr check shows which namespaces this host allows',
  },
  {
    applies: ({ call, errnoName }) => call === ID_MAPPING && errnoName === 'EINVAL',
    hint: 'ctr define --ownership chown gives the files of the root to its ids on the host instead',
  },
  {
    applies: ({ call, errnoName }) => call.startsWith('exec') && errnoName === 'ENOENT',
    hint: 'init, or the dynamic linker that it names, is missing in the root file system',
  },
  {
    applies: ({ call, errnoName }) => call.startsWith('exec') && errnoName === 'ENOEXEC',
    hint: 'init is no program for this machine, or a script without #!',
  },
  {
    applies: ({ call, errnoName }, spec) =>
      call.startsWith('exec') && errnoName === 'EACCES' && spec?.idmap !== undefined,
    hint: 'root inside must be able to reach init: check the owners in the root against the id map',
  },
  {
    applies: ({ step, errnoName }) => /^connect .* to the bridge /.test(step) && errnoName === 'ENODEV',
    hint: 'the host has no such bridge: ip link add NAME type bridge makes one',
  },
  {
    applies: ({ step, message }) =>
      step.startsWith('connect the network by ') && /\/dev\/net\/tun|tun socket/.test(message),
    hint: 'as root: chmod 666 /dev/net/tun, as most systems have it',
  },
  {
    applies: ({ step, message }) => step.startsWith('connect the network by ') && message.includes('bind any port'),
    hint: 'the port is taken, or too low for who is not root (sysctl net.ipv4.ip_unprivileged_port_start)',
  },
  {
    applies: ({ call, errnoName }) => call === 'fork' && errnoName === 'EAGAIN',
    hint: 'the limit of processes may be too small: the small init is one of them',
  },
  {
    applies: ({ errnoName }) => errnoName === 'ENOMEM',
    hint: 'the memory limit may be too small for a start',
  },
];

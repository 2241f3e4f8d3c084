/** From the options of a run to its model. Pure. */
import { posix } from 'node:path';
import { ACCOUNT, ACCOUNT_RULE } from '../config/account.js';
import type { ContainerSpec, FilesystemSpec, IdMapSpec, InterfaceSpec, PortSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';

export interface RunBind {
  /** Absolute path on the host. */
  readonly source: string;
  /** Absolute path inside. */
  readonly target: string;
  readonly readonly: boolean;
}

/** What the root of a run is made of. */
export type RunRoot =
  /** The host's tree; `tops` stand for its root where a target is missing there. */
  | { readonly kind: 'host'; readonly privateDirs: readonly string[]; readonly filesystems: readonly FilesystemSpec[] }
  /** A directory with a root file system, whose ids on disk are those inside. */
  | { readonly kind: 'directory'; readonly source: string }
  /** The root of a definition. */
  | { readonly kind: 'definition'; readonly root: FilesystemSpec };

export interface RunRequest {
  readonly name: string;
  readonly idmap: IdMapSpec;
  /** How ids on disk become those inside: of the root, and of what is bound writable. */
  readonly accessMode: { readonly root: 'mapped' | 'passthrough'; readonly bind: 'owner' | 'passthrough' };
  readonly root: RunRoot;
  readonly binds: readonly RunBind[];
  /** `none`, `host`, `user` or a network. */
  readonly net: string;
  readonly ports: readonly PortSpec[];
  readonly memoryBytes: number | undefined;
  readonly pids: number | undefined;
  /** Processors, with a fraction; undefined: all. */
  readonly cpus: number | undefined;
  /** `USER` or `USER:GROUP`. */
  readonly user: string | undefined;
  /** It has a terminal of its own. */
  readonly terminal: boolean;
}

export const DEFAULT_RUN_MEMORY_BYTES = 1024 ** 3;
export const DEFAULT_RUN_PIDS = 1024;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Docker's, without mknod, net_raw and audit_write. */
export const APP_CAPABILITIES = [
  'chown',
  'dac_override',
  'fowner',
  'fsetid',
  'kill',
  'setgid',
  'setuid',
  'setpcap',
  'net_bind_service',
  'sys_chroot',
  'setfcap',
] as const;

/** Directories of a run on the host's tree that are its own, with their modes: what lies in the host's is somebody's. */
export const PRIVATE_DIRS: Readonly<Record<string, number>> = {
  '/tmp': 0o1777,
  '/var/tmp': 0o1777,
  '/home': 0o755,
  '/root': 0o700,
  '/run': 0o755,
};

/** Microseconds that `cpus` is a share of. */
const CPU_PERIOD_US = 100_000;

/**
 * The model of a run: everything of its own, the capabilities, the filter and the masks of an application.
 *
 * @throws CtrError CTR_USAGE on a target that no bind may have
 */
export function makeRunSpec(request: RunRequest): ContainerSpec {
  const { name, net } = request;
  const [user, group] = splitUser(request.user);
  return {
    format: 'oci',
    name,
    ...limitRun(request),
    init: {
      path: '',
      args: [],
      reaper: true,
      env: listVariables(user),
      ...(user === undefined ? {} : { user }),
      ...(group === undefined ? {} : { group }),
    },
    idmap: request.idmap,
    ...(net === 'host' ? { namespaces: { net: { kind: 'host' } } } : {}),
    features: {
      privnet: net === 'none',
      capabilities: {
        policy: 'deny',
        states: APP_CAPABILITIES.map((capability) => ({ name: capability, state: 'on' })),
      },
    },
    // What lies in another comes after it.
    filesystems: [...listRoot(request), ...listBinds(request)],
    ...(request.root.kind === 'host' ? {} : { rootMode: 'overlay' }),
    kernelMounts: { cgroup: 'none' },
    interfaces: connectRun(net),
    ...(request.ports.length === 0 ? {} : { ports: request.ports }),
    consoles: request.terminal ? [{ type: 'pty' }] : [],
    lifecycle: { onPoweroff: 'destroy', onReboot: 'destroy', onCrash: 'destroy' },
    process: { rlimits: [{ name: 'core', soft: 0, hard: 0 }] },
    security: { seccomp: 'app', masks: true, nesting: false, noNewPrivs: true },
  };
}

/** What of a model limits. */
export function limitRun({
  memoryBytes,
  pids,
  cpus,
}: Pick<RunRequest, 'memoryBytes' | 'pids' | 'cpus'>): Pick<ContainerSpec, 'memory' | 'cpu' | 'pids'> {
  return {
    memory: memoryBytes === undefined ? {} : { totalBytes: memoryBytes },
    cpu:
      cpus === undefined
        ? { count: 1 }
        : { count: 1, periodUs: CPU_PERIOD_US, quotaUs: Math.round(cpus * CPU_PERIOD_US) },
    ...(pids === undefined ? {} : { pids: { max: pids } }),
  };
}

function listRoot({ root, memoryBytes, accessMode }: RunRequest): FilesystemSpec[] {
  switch (root.kind) {
    case 'directory':
      return [{ type: 'mount', source: root.source, target: '/', readonly: false, accessMode: accessMode.root }];
    case 'definition':
      return [root.root];
    case 'host': {
      // What is written there counts as memory: an error of a full disk is easier to understand than the end of the command.
      const size = memoryBytes === undefined ? {} : { sizeBytes: Math.max(memoryBytes >> 1, 4096) };
      const own = root.privateDirs.map((target): FilesystemSpec => {
        return { type: 'ram', target, readonly: false, mode: PRIVATE_DIRS[target] ?? 0o755, ...size };
      });
      return [...root.filesystems, ...own];
    }
  }
}

/**
 * What is bound: what lies in another comes after it.
 *
 * @throws CtrError CTR_USAGE on a target that no bind may have
 */
export function listBinds({ binds, accessMode }: Pick<RunRequest, 'binds' | 'accessMode'>): FilesystemSpec[] {
  for (const { target } of binds) checkTarget(target);
  return binds
    .toSorted((a, b) => (a.target < b.target ? -1 : 1))
    .map(({ source, target, readonly }) => ({
      type: 'mount',
      source,
      target,
      readonly,
      recursive: true,
      // Root inside must not read what only root of the host may; what it may write belongs to the owner of the directory.
      accessMode: readonly ? 'passthrough' : accessMode.bind,
      flags: ['nosuid', 'nodev'],
    }));
}

function checkTarget(target: string): void {
  const fail = (reason: string) => new CtrError('CTR_USAGE', `cannot bind on '${target}': ${reason}`);
  if (!target.startsWith('/')) throw fail('it is no absolute path');
  if (posix.normalize(target) === '/') throw fail('it is the root');
  if (target.split('/').includes('..')) throw fail("it has '..' in it");
  if (/^\/+(?:proc|sys|dev)(?:\/|$)/.test(posix.normalize(target)))
    throw fail("it lies in one of the kernel's directories");
}

function splitUser(user: string | undefined): [string | undefined, string | undefined] {
  if (user === undefined) return [undefined, undefined];
  const [name = '', ...groups] = user.split(':');
  if (name === '' || groups.length > 1 || groups[0] === '')
    throw new CtrError('CTR_USAGE', `cannot run as '${user}': a user is written as in 'USER' or 'USER:GROUP'`);
  for (const account of [name, ...groups]) {
    if (!ACCOUNT.test(account))
      throw new CtrError('CTR_USAGE', `cannot run as '${user}': '${account}' is not ${ACCOUNT_RULE}`);
  }
  const isRoot = (name === 'root' || name === '0') && groups.length === 0;
  return isRoot ? [undefined, undefined] : [name, groups[0]];
}

function listVariables(user: string | undefined): { name: string; value: string }[] {
  const root = { HOME: '/root', USER: 'root', LOGNAME: 'root' };
  const variables = { PATH, LANG: 'C.UTF-8', container: 'ctr', ...(user === undefined ? root : {}) };
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}

/** The link to a network, if it is one. */
export function connectRun(net: string): InterfaceSpec[] {
  if (net === 'none' || net === 'host') return [];
  const nothing = { ips: [], routes: [], hostIps: [], hostRoutes: [] };
  return [net === 'user' ? { type: 'user', ...nothing } : { type: 'network', source: net, ...nothing }];
}

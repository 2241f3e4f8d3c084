import type { KernelMountsSpec } from '../config/spec.js';
import { MS, OPTION, type Op } from '../exec/plan.js';

export interface DevnodesRequest {
  /** The container's root, as the host sees it. */
  readonly root: { readonly uid: number; readonly gid: number };
  /** The container's group 5 (tty) as the host sees it; undefined when it is not mapped. */
  readonly ttyGid: number | undefined;
  /** The host's nodes are bound: who is root of a user namespace alone makes none. */
  readonly bindNodes?: boolean | undefined;
  readonly kernelMounts?: KernelMountsSpec | undefined;
  /** Nodes of the configuration, which are made behind those that each container has; one of the same path replaces it. */
  readonly nodes?: readonly Op[];
}

const S_IFCHR = 0o020000;
const DEFAULT_SIZE_BYTES = 65_536;

/** Character devices of each container, with major and minor number. `devices.txt` */
const NODES = [
  ['null', 1, 3],
  ['zero', 1, 5],
  ['full', 1, 7],
  ['random', 1, 8],
  ['urandom', 1, 9],
  ['tty', 5, 0],
] as const;

const LINKS = [
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
  ['fd', '/proc/self/fd'],
  ['ptmx', 'pts/ptmx'],
] as const;

/**
 * A /dev of the container's own: its nodes and links, terminals, shared memory, and one pty for each console, from 0:
 * console N is /dev/tty(N+1), and console 0 is /dev/console too. Where the root's own /dev stays, only terminals and nodes of the
 * configuration are put into it.
 */
export function planDevnodes(consoles: number, request: DevnodesRequest): Op[] {
  const { root, ttyGid, kernelMounts, nodes = [] } = request;
  return [
    ...(kernelMounts?.dev === 'none' ? [] : planOwnDev(request)),
    ...nodes,
    mount('devpts', '/dev/pts', MS.NOSUID | MS.NOEXEC, formatDevptsOptions(ttyGid), 0),
    ...(kernelMounts?.dev === 'none' ? [] : [planSharedMemory(request)]),
    ...Array.from({ length: consoles }, (_, index): Op => {
      const paths = index === 0 ? '/dev/console /dev/tty1' : `/dev/tty${index + 1}`;
      return { op: 'console', devpts: '/dev/pts', paths, uid: root.uid };
    }),
  ];
}

function planOwnDev({ root, bindNodes, kernelMounts, nodes = [] }: DevnodesRequest): Op[] {
  const size = kernelMounts?.devSizeBytes ?? DEFAULT_SIZE_BYTES;
  const replaced = new Set(nodes.map((node) => ('path' in node ? node.path : 'target' in node ? node.target : '')));
  return [
    mount('tmpfs', '/dev', MS.NOSUID, `mode=755,size=${size},${ownerOptions(root)}`, OPTION.NO_SYMLINKS),
    ...NODES.filter(([name]) => !replaced.has(`/dev/${name}`)).map(
      ([name, major, minor]): Op =>
        bindNodes
          ? bindNode(`/dev/${name}`, `/dev/${name}`)
          : { op: 'node', path: `/dev/${name}`, mode: S_IFCHR | 0o666, major, minor, ...root },
    ),
    ...LINKS.filter(([name]) => !replaced.has(`/dev/${name}`)).map(
      ([name, target]): Op => ({ op: 'symlink', path: `/dev/${name}`, target }),
    ),
  ];
}

/** A node of the host, shown inside. What is on its file system keeps its owner and mode. */
export function bindNode(source: string, target: string): Op {
  return { op: 'bind', source, target, flags: MS.NOSUID | MS.NOEXEC, options: 0 };
}

/** libvirt mounts none; without it shm_open(3) fails. */
function planSharedMemory({ root }: DevnodesRequest): Op {
  return mount('tmpfs', '/dev/shm', MS.NOSUID | MS.NODEV, `mode=1777,${ownerOptions(root)}`, 0);
}

function ownerOptions({ uid, gid }: DevnodesRequest['root']): string {
  return `uid=${uid},gid=${gid}`;
}

function mount(fstype: string, target: string, flags: number, data: string, options: number): Op {
  return { op: 'mount', fstype, source: fstype, target, flags, data, options };
}

/** The mount fails when it names a group that is not mapped, so then slaves get the group of who opens them. */
function formatDevptsOptions(ttyGid: number | undefined): string {
  const group = ttyGid === undefined ? '' : `,gid=${ttyGid}`;
  return `newinstance,ptmxmode=0666,mode=0620${group}`;
}

import { MS, OPTION, type Op } from '../exec/plan.js';

export interface DevnodeOwners {
  /** The container's root, as the host sees it. */
  readonly root: { readonly uid: number; readonly gid: number };
  /** The container's group 5 (tty) as the host sees it; undefined when it is not mapped. */
  readonly ttyGid: number | undefined;
}

const S_IFCHR = 0o020000;

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
 * console N is /dev/tty(N+1), and console 0 is /dev/console too.
 */
export function planDevnodes(consoles: number, { root, ttyGid }: DevnodeOwners): Op[] {
  const ids = `uid=${root.uid},gid=${root.gid}`;
  return [
    mount('tmpfs', '/dev', MS.NOSUID, `mode=755,size=65536,${ids}`, OPTION.NO_SYMLINKS),
    ...NODES.map(
      ([name, major, minor]): Op => ({
        op: 'node',
        path: `/dev/${name}`,
        mode: S_IFCHR | 0o666,
        major,
        minor,
        ...root,
      }),
    ),
    ...LINKS.map(([name, target]): Op => ({ op: 'symlink', path: `/dev/${name}`, target })),
    mount('devpts', '/dev/pts', MS.NOSUID | MS.NOEXEC, formatDevptsOptions(ttyGid), 0),
    // libvirt mounts none; without it shm_open(3) fails.
    mount('tmpfs', '/dev/shm', MS.NOSUID | MS.NODEV, `mode=1777,${ids}`, 0),
    ...Array.from({ length: consoles }, (_, index): Op => {
      const paths = index === 0 ? '/dev/console /dev/tty1' : `/dev/tty${index + 1}`;
      return { op: 'console', devpts: '/dev/pts', paths, uid: root.uid };
    }),
  ];
}

function mount(fstype: string, target: string, flags: number, data: string, options: number): Op {
  return { op: 'mount', fstype, source: fstype, target, flags, data, options };
}

/** The mount fails when it names a group that is not mapped, so then slaves get the group of who opens them. */
function formatDevptsOptions(ttyGid: number | undefined): string {
  const group = ttyGid === undefined ? '' : `,gid=${ttyGid}`;
  return `newinstance,ptmxmode=0666,mode=0620${group}`;
}

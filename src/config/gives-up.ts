import type { ContainerSpec } from './spec.js';

/**
 * What this definition gives up against what `ctr` makes by itself, one line each; empty for nothing.
 * A definition gets what it says, and `define` says what that means.
 */
export function givesUp(spec: ContainerSpec): string[] {
  return REMARKS.filter(({ applies }) => applies(spec)).map(({ line }) => line);
}

/** Whether the container's root is the host's: no filesystem with target '/', or one whose source is the host's '/'. */
function hasHostRoot(spec: ContainerSpec): boolean {
  const root = spec.filesystems.find(({ target }) => target === '/');
  return root === undefined || (root.type === 'mount' && root.source === '/');
}

/** Whether it has the host's network, by saying so or by saying nothing. */
function hasHostNetwork({ namespaces, features, interfaces }: ContainerSpec): boolean {
  const kind = namespaces?.net?.kind;
  return kind === undefined ? !features.privnet && interfaces.length === 0 : kind === 'host';
}

const allowsAllDevices = ({ devices }: ContainerSpec) =>
  devices?.rules?.some(({ allow, major, access }) => allow && major === undefined && access.includes('w')) === true;

const REMARKS: readonly { readonly applies: (spec: ContainerSpec) => boolean; readonly line: string }[] = [
  {
    applies: ({ idmap, idRange }) => idmap === undefined && idRange === undefined,
    line: 'no idmap: root inside is as powerful as root outside',
  },
  {
    applies: ({ idmap }) => [...(idmap?.uid ?? []), ...(idmap?.gid ?? [])].some(({ outside }) => outside === 0),
    line: "idmap has id 0 of the host: who has it inside reaches the files of the host's root",
  },
  { applies: hasHostRoot, line: "host root: sees the host's whole tree, with the unix sockets below /run" },
  {
    applies: hasHostNetwork,
    line: "no network of its own: shares the host's links, addresses and abstract sockets",
  },
  {
    applies: ({ namespaces }) => namespaces?.pid?.kind === 'host',
    line: "no processes of its own: sees the host's, and may signal those of its ids",
  },
  {
    applies: ({ hooks }) => hooks?.some(({ when }) => when !== 'start') === true,
    line: 'hooks: programs that the definition names run as root of the host',
  },
  { applies: allowsAllDevices, line: 'all devices: writes to the disks of the host when it can make their nodes' },
  {
    applies: (spec) => spec.security.seccomp === 'none',
    line: 'no seccomp filter: every system call of the kernel is in reach',
  },
  {
    applies: ({ security }) => !security.masks && security.maskedPaths === undefined,
    line: 'no masks: sensitive files of /proc and /sys are in sight',
  },
  {
    applies: (spec) => spec.security.nesting,
    line: 'nesting: no masks below /proc, and the container may mount a fresh procfs',
  },
];

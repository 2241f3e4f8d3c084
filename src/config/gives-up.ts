/** What a definition gives up against what `ctr` makes by itself, in words. Pure. */
import { quote } from './display-text.js';
import type { ContainerSpec, DeviceRuleSpec, FilesystemSpec } from './spec.js';

/**
 * One line each; empty for nothing. A definition gets what it says, and `define` says what that means.
 */
export function givesUp(spec: ContainerSpec): string[] {
  return REMARKS.flatMap((remark) => remark(spec));
}

type Remark = (spec: ContainerSpec) => readonly string[];

/** A line where something holds. */
function when(applies: (spec: ContainerSpec) => boolean, line: string): Remark {
  return (spec) => (applies(spec) ? [line] : []);
}

const hasIds = ({ idmap, idRange }: ContainerSpec): boolean => idmap !== undefined || idRange !== undefined;

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

const shares = (spec: ContainerSpec, kind: 'pid' | 'ipc' | 'uts' | 'cgroup'): boolean =>
  spec.namespaces?.[kind]?.kind === 'host';

/** What is said of rules is said by the last of those for every device. */
function allowsAll(rules: readonly DeviceRuleSpec[] = []): boolean {
  const opens = ({ allow, major, access }: DeviceRuleSpec) => allow && major === undefined && /[rw]/.test(access);
  const closes = ({ allow, kind, major, access }: DeviceRuleSpec) =>
    !allow && kind === 'all' && major === undefined && access.includes('w');
  return rules.findLastIndex(opens) > rules.findLastIndex(closes);
}

/** More devices than these are named by the first of them. */
const MOST_DEVICES = 4;

const describeNodes: Remark = ({ devices }) => {
  const paths = (devices?.nodes ?? [])
    // ctr's own /dev has these, whoever else names them, and a loop device shows a file and no device.
    .filter(({ path, loop }) => loop !== true && !/^\/dev\/(?:null|zero|full|random|urandom|tty|ptmx)$/.test(path))
    .map(({ path }) => quote(path));
  if (paths.length <= MOST_DEVICES) return paths.map((path) => `device ${path}: direct access to the host's device`);
  const named = paths.slice(0, MOST_DEVICES - 1);
  const others = paths.length - named.length;
  return [`devices ${named.join(', ')} and ${others} more: direct access to the host's devices`];
};

/** A file of these says what no mask hides. */
const OF_THE_HOST = /^(?:debugfs|tracefs|securityfs|configfs|pstore|efivarfs|bpf|binfmt_misc|fusectl|devtmpfs)$/;

/** Formats that list what they hide and guard say it in full. */
const describeProc: Remark = (spec) => {
  const { maskedPaths = [], readonlyPaths = [] } = spec.security;
  if (spec.kernelMounts?.proc !== 'writable') return [];
  const lacks = [
    ...(maskedPaths.some((path) => path.startsWith('/proc/')) ? [] : ['no masks']),
    ...([...readonlyPaths, ...maskedPaths].includes('/proc/sys')
      ? []
      : [`sysctls${hasIds(spec) ? '' : ' of the host'} are in reach`]),
  ];
  return lacks.length === 0 ? [] : [`/proc writable: ${lacks.join(', ')}`];
};

const describeSys: Remark = (spec) => {
  const whose = hasIds(spec) ? '' : ' of the host';
  switch (spec.kernelMounts?.sys) {
    case 'writable':
      return [`/sys writable: settings of devices and modules${whose} are in reach`];
    case 'mixed':
      return hasHostNetwork(spec) ? [`/sys partly writable: settings of the host's links are in reach`] : [];
    default:
      return [];
  }
};

const describeMounts: Remark = (spec) => [
  ...(hasIds(spec) ? [] : describeFlags(spec.filesystems)),
  ...spec.filesystems.flatMap((filesystem) => (filesystem.target === '/' ? [] : describeMount(filesystem))),
];

/** Set-user-ID programs and nodes of the host act for root of the host. Targets that lack the same share a line. */
function describeFlags(filesystems: readonly FilesystemSpec[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { type, target, flags } of filesystems) {
    if (type !== 'mount' || target === '/' || flags === undefined) continue;
    const missing = (['nosuid', 'nodev'] as const).filter((flag) => !flags.includes(flag)).join(', ');
    if (missing !== '') targets.set(missing, [...(targets.get(missing) ?? []), quote(target)]);
  }
  return [...targets].map(([missing, names]) => `${names.join(', ')} without ${missing}`);
}

function describeMount(filesystem: FilesystemSpec): string[] {
  const { target, propagation } = filesystem;
  const name = quote(target);
  const lines: string[] = [];
  if (filesystem.type === 'special') {
    const { fstype } = filesystem;
    if (OF_THE_HOST.test(fstype)) lines.push(`${name} is ${aOrAn(fstype)}: it shows the host's, without masks`);
    else if ((fstype === 'proc' && target !== '/proc') || (fstype === 'sysfs' && target !== '/sys'))
      lines.push(`${name} is ${aOrAn(fstype)}: masks and guards are on /proc and /sys alone`);
  }
  if (propagation?.endsWith('shared'))
    lines.push(`${name} is shared: what is mounted below it inside is mounted on the host`);
  else if (propagation?.endsWith('slave'))
    lines.push(`${name} follows the host: what is mounted below it there is seen inside`);
  return lines;
}

function aOrAn(fstype: string): string {
  return `${/^[aeiou]/.test(fstype) ? 'an' : 'a'} ${fstype}`;
}

/** In what namespace is said by the point; only `start` is inside (spec-process.ts). */
const describeHooks: Remark = ({ hooks = [] }) =>
  hooks.some(({ when }) => when !== 'start') ? ['hooks: run on the host as root, as their format means'] : [];

const REMARKS: readonly Remark[] = [
  when((spec) => !hasIds(spec), 'no idmap: root inside is as powerful as root outside'),
  when(
    ({ idmap }) => [...(idmap?.uid ?? []), ...(idmap?.gid ?? [])].some(({ outside }) => outside === 0),
    "idmap has id 0 of the host: who has it inside reaches the files of the host's root",
  ),
  when(hasHostRoot, "host root: sees the host's whole tree, with the unix sockets below /run"),
  when(hasHostNetwork, "no network of its own: shares the host's links, addresses and abstract sockets"),
  when((spec) => shares(spec, 'pid'), "no processes of its own: sees the host's, and may signal those of its ids"),
  when(
    (spec) => shares(spec, 'ipc'),
    "no ipc of its own: shares the host's message queues, semaphores and shared memory",
  ),
  when((spec) => shares(spec, 'uts'), "no host name of its own: may change the host's where it has the right"),
  when((spec) => shares(spec, 'cgroup'), 'no cgroup namespace: sees where in the host its group is'),
  when(({ devices }) => allowsAll(devices?.rules), 'all devices: every device of the host may be opened'),
  describeNodes,
  when(({ kernelMounts }) => kernelMounts?.dev === 'none', '/dev is that of its root: with what nodes are in it'),
  describeProc,
  describeSys,
  when(
    (spec) => spec.kernelMounts?.cgroup === 'writable' && !hasIds(spec),
    'cgroups writable: root inside can lift its own limits',
  ),
  describeMounts,
  describeHooks,
  when(({ security }) => security.seccomp === 'none', 'no seccomp filter: every system call of the kernel is in reach'),
  when(
    ({ security, kernelMounts }) =>
      !security.masks &&
      (security.maskedPaths ?? []).length === 0 &&
      (kernelMounts?.proc !== 'none' || kernelMounts.sys !== 'none') &&
      kernelMounts?.proc !== 'writable',
    'no masks: sensitive files of /proc and /sys are in sight',
  ),
  when(({ security }) => security.nesting, 'nesting: no masks below /proc, and the container may mount a fresh procfs'),
];

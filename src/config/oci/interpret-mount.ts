import { posix } from 'node:path';
import { quote } from '../display-text.js';
import type { Say } from '../json/shape-objects.js';
import { findMountFault } from '../mount-paths.js';
import type { FilesystemSpec, KernelMountsSpec, MountPart } from '../spec.js';
import { type MountOptions, readMountOptions } from './mount-options.js';

/** An entry in `mounts` whose values are right. */
export interface OciMount {
  readonly destination: string;
  readonly type?: string;
  readonly source?: string;
  readonly options?: readonly string[];
}

/**
 * What an entry becomes. `kernel`: it is what ctr mounts by itself, and how. `devpts` is a part of ctr's /dev, and a file system where there
 * is none. Sources of binds are as written: maybe relative.
 */
export interface Mounted {
  readonly kernel?: KernelMountsSpec | 'devpts';
  readonly filesystem: FilesystemSpec;
}

/** Options that say of ctr's own mounts what they are anyway. */
const AS_IT_IS =
  /^(mode=0?(755|620|1777|555)|ptmxmode=0?666|newinstance|gid=5|nr_inodes=.*|size=.*|hidepid=.*|subset=.*)$/;

/** @returns undefined after an error */
export function interpretMount(mount: OciMount, say: Say): Mounted | undefined {
  const options = readMountOptions(mount.options ?? []);
  const target = readTarget(mount.destination, say);
  for (const index of options.unsupported) say.error(['options', index], 'is not supported');
  for (const index of options.withoutEffect) say.warning(['options', index], 'has no effect');
  if (target === undefined || options.unsupported.length > 0) return undefined;

  const isBind =
    options.bind || mount.type === 'bind' || ((mount.type ?? 'none') === 'none' && mount.source !== undefined);
  const type = isBind ? 'bind' : (mount.type ?? 'none');
  if (type === 'none' || !/^[A-Za-z0-9._-]+$/.test(type)) {
    if (type === 'none') say.error([], "needs 'type', or the 'source' of a bind");
    else say.error(['type'], 'must be a name of a file system');
    return undefined;
  }
  if (options.idmap && !isBind) say.error(['options'], "'idmap' is for binds: it is not supported here");
  if (options.copyUp && type !== 'tmpfs') say.warning(['options'], "'tmpcopyup' has no effect: it is for a tmpfs");
  if (isBind) return checkPaths(interpretBind(mount, target, options, say), say);

  const kernel = kernelMountOf(type, target, options);
  const filesystem = type === 'tmpfs' ? makeRam(target, options) : makeSpecial(type, mount, target, options);
  if (kernel === undefined) return checkPaths({ filesystem }, say);
  for (const { option, index } of options.data)
    if (!AS_IT_IS.test(option)) say.warning(['options', index], `has no effect: ctr mounts ${target} itself`);
  return { kernel, filesystem };
}

function checkPaths(mounted: Mounted | undefined, say: Say): Mounted | undefined {
  const fault = mounted === undefined ? undefined : findMountFault(mounted.filesystem);
  if (fault !== undefined) say.error([fault.part === 'source' ? 'source' : 'destination'], fault.reason);
  return mounted;
}

function readTarget(destination: string, say: Say): string | undefined {
  if (destination.split('/').includes('..')) {
    say.error(['destination'], "must not contain '..'");
    return undefined;
  }
  if (!destination.startsWith('/')) say.warning(['destination'], `is taken as '/${quote(destination).slice(1)}`);
  const target = posix.resolve('/', destination);
  if (target !== '/') return target;
  say.error(['destination'], "must not be '/': the root is not mounted over");
  return undefined;
}

function partOf(target: string, { readonly, flags, propagation }: MountOptions): MountPart {
  return { target, readonly, flags, ...(propagation === undefined ? {} : { propagation }) };
}

function interpretBind(mount: OciMount, target: string, options: MountOptions, say: Say): Mounted | undefined {
  for (const { index } of options.data) say.warning(['options', index], 'has no effect on a bind');
  if (mount.source === undefined || mount.source === '') {
    say.error([], "needs 'source'");
    return undefined;
  }
  const filesystem: FilesystemSpec = {
    type: 'mount',
    source: mount.source,
    ...partOf(target, options),
    accessMode: options.idmap ? 'mapped' : 'passthrough',
    ...(options.recursive ? { recursive: true } : {}),
  };
  return { filesystem };
}

/** ctr mounts these itself, with its own guards: procfs by its masks, /dev with its nodes, cgroups as the container may see them. */
function kernelMountOf(type: string, target: string, { readonly, data }: MountOptions): Mounted['kernel'] {
  switch (`${type} ${target}`) {
    case 'proc /proc':
      return readonly ? undefined : readProcOptions(data.map(({ option }) => option));
    case 'sysfs /sys':
      return { sys: readonly ? 'readonly' : 'writable' };
    case 'cgroup /sys/fs/cgroup':
    case 'cgroup2 /sys/fs/cgroup':
      return { cgroup: readonly ? 'readonly' : 'writable' };
    case 'devpts /dev/pts':
      return 'devpts';
    case 'tmpfs /dev': {
      if (readonly) return undefined;
      const size = sizeOf(data.map(({ option }) => option));
      return { dev: 'own', ...(size === undefined ? {} : { devSizeBytes: size }) };
    }
    default:
      return undefined;
  }
}

/** `hidepid` and `subset` of proc(5); undefined where there are others. */
function readProcOptions(data: readonly string[]): KernelMountsSpec | undefined {
  const words = data.map((option) => PROC_OPTIONS.get(option));
  return words.includes(undefined) ? undefined : Object.assign({ proc: 'writable' }, ...words);
}

const PROC_OPTIONS: ReadonlyMap<string, KernelMountsSpec> = new Map([
  ['hidepid=0', {}],
  ['hidepid=off', {}],
  ['hidepid=1', { hidePid: 'noaccess' }],
  ['hidepid=noaccess', { hidePid: 'noaccess' }],
  ['hidepid=2', { hidePid: 'invisible' }],
  ['hidepid=invisible', { hidePid: 'invisible' }],
  ['hidepid=4', { hidePid: 'ptraceable' }],
  ['hidepid=ptraceable', { hidePid: 'ptraceable' }],
  ['subset=pid', { procSubset: 'pid' }],
]);

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** `size=64m` as tmpfs(5) has it; undefined where that is no number of bytes above 0. */
function sizeOf(data: readonly string[]): number | undefined {
  const match = /^size=(\d{1,15})([kmgt]?)$/i.exec(data.findLast((option) => option.startsWith('size=')) ?? '');
  const size = Number(match?.[1]) * (UNITS[match?.[2]?.toLowerCase() ?? ''] ?? 1);
  return size > 0 && Number.isSafeInteger(size) ? size : undefined;
}

function modeOf(data: readonly string[]): number | undefined {
  const digits = /^mode=([0-7]{1,5})$/.exec(data.findLast((option) => option.startsWith('mode=')) ?? '')?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8) & 0o7777;
}

function makeRam(target: string, options: MountOptions): FilesystemSpec {
  const all = options.data.map(({ option }) => option);
  const [sizeBytes, mode] = [sizeOf(all), modeOf(all)];
  const rest = all.filter(
    (option) =>
      !(sizeBytes !== undefined && option.startsWith('size=')) && !(mode !== undefined && option.startsWith('mode=')),
  );
  return {
    type: 'ram',
    ...partOf(target, options),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(mode === undefined ? {} : { mode }),
    ...(options.copyUp ? { copyUp: true } : {}),
    ...(rest.length === 0 ? {} : { data: rest.join(',') }),
  };
}

const WITHOUT_DEVICE = /^(tmpfs|proc|sysfs|devpts|mqueue|cgroup2?|overlay|fuse.*|nfs4?|cifs|9p|virtiofs)$/;

function makeSpecial(fstype: string, mount: OciMount, target: string, options: MountOptions): FilesystemSpec {
  const { source = fstype } = mount;
  const data = options.data.map(({ option }) => option).join(',');
  const rest = { ...partOf(target, options), source, fstype, ...(data === '' ? {} : { data }) };
  const isDevice = source.startsWith('/dev/') && !WITHOUT_DEVICE.test(fstype);
  return isDevice ? { type: 'block', ...rest } : { type: 'special', ...rest };
}

import { quote } from '../display-text.js';
import type { FilesystemSpec, KernelMountsSpec, MountPart } from '../spec.js';
import { formatMountOptions, type MountOptions, parseMountOptions } from './mount-options.js';
import type { Parsed, ValueType } from './rows.js';
import { normalizePath, parseMemorySize, right, splitBlanks } from './values.js';

/** A line of fstab(5), as getmntent(3) reads it. */
export interface MountEntry {
  readonly source: string;
  /** As written. */
  readonly target: string;
  readonly fstype: string;
  readonly options: MountOptions;
}

export const mountEntry: ValueType<MountEntry> = {
  label: "a line of fstab(5): 'SOURCE TARGET TYPE OPTIONS'",
  parse: (text) => {
    const [source, target, fstype, written = 'defaults'] = splitBlanks(text).map((field) => decodeField(field));
    if (source === undefined || target === undefined || fstype === undefined) return { ok: false };
    if (normalizePath(target) === undefined) return fault("the target must not contain '..'");
    const { options, fault: wrong } = parseMountOptions(written);
    if (options === undefined) return fault(wrong ?? '');
    if (options.bind && normalizePath(source) === undefined) return fault("the source must not contain '..'");
    if (options.bind && !options.relative && !source.startsWith('/')) {
      return fault(`the source of a bind must be an absolute path, not ${quote(source)}`, "or the option 'relative'");
    }
    return right({ source, target, fstype, options });
  },
};

function fault(reason: string, hint?: string): Parsed<never> {
  return { ok: false, reason, ...(hint === undefined ? {} : { hint }) };
}

const ESCAPES: Readonly<Record<string, string>> = { '040': ' ', '011': '\t', '012': '\n', '134': '\\' };

function decodeField(field: string): string {
  return field.replace(/\\(040|011|012|134|\\)/g, (_, code: string) => ESCAPES[code] ?? '\\');
}

function encodeField(field: string): string {
  return field.replace(/[ \t\n\\]/g, (character) => {
    const octal = Object.entries(ESCAPES).find(([, plain]) => plain === character)?.[0] ?? '';
    return `\\${octal}`;
  });
}

/** What a line becomes: a mount, what ctr mounts by itself, nothing because ctr does it anyway, or something for a start to refuse. */
export type MountFate =
  | { readonly filesystem: FilesystemSpec }
  | { readonly kernel: KernelMountsSpec }
  | { readonly own: string }
  | { readonly refused: string };

/** @param rootfs path of the root on the host: a target below it means one inside, as LXC takes it */
export function placeMountEntry({ source, target: written, fstype, options }: MountEntry, rootfs: string): MountFate {
  const target = placeTarget(written, rootfs);
  if (options.refused !== undefined) return { refused: `${options.refused} on ${quote(target)}` };
  if (target === '/') return { refused: 'a mount on the root' };
  const kernel = options.bind ? undefined : placeKernelMount(target, fstype, options);
  if (kernel !== undefined) return kernel;
  const part: MountPart = {
    target,
    readonly: options.access === 'ro',
    flags: options.flags,
    ...(options.propagation === undefined ? {} : { propagation: options.propagation }),
    ...(options.optional ? { optional: true } : {}),
    ...(options.create === undefined ? {} : { create: options.create }),
  };
  if (options.idmap !== undefined && (options.idmap !== 'container' || !options.bind || options.relative)) {
    return { refused: `the id map ${quote(options.idmap)} of the mount on ${quote(target)}` };
  }
  return { filesystem: placeFilesystem(part, source, fstype, options) };
}

function placeTarget(written: string, rootfs: string): string {
  const target = normalizePath(written) ?? '/';
  const isBelow = written.startsWith('/') && rootfs !== '/' && target.startsWith(`${rootfs}/`);
  return isBelow ? target.slice(rootfs.length) : target;
}

/** Mounts that ctr makes by itself, or not at all, in place of a plain one. */
function placeKernelMount(target: string, fstype: string, options: MountOptions): MountFate | undefined {
  const { access } = options;
  switch (`${fstype} ${target}`) {
    case 'proc /proc':
      if (access === 'ro') return { refused: 'a read-only /proc' };
      return { kernel: { proc: access === 'named' ? 'writable' : 'guarded' } };
    case 'sysfs /sys':
      return { kernel: { sys: access === 'ro' ? 'readonly' : access === 'named' ? 'writable' : 'mixed' } };
    case 'cgroup /sys/fs/cgroup':
    case 'cgroup2 /sys/fs/cgroup':
      return { kernel: { cgroup: access === 'ro' ? 'readonly' : 'writable' } };
    case 'tmpfs /dev': {
      const size = parseMemorySize(options.data.find((word) => word.startsWith('size='))?.slice(5) ?? '');
      return size === undefined ? { own: '/dev' } : { kernel: { devSizeBytes: size } };
    }
    case 'devpts /dev/pts':
      return { own: '/dev/pts' };
    default:
      return undefined;
  }
}

function placeFilesystem(part: MountPart, source: string, fstype: string, options: MountOptions): FilesystemSpec {
  const recursive = options.recursive ? { recursive: true } : {};
  const data = options.data.length === 0 ? {} : { data: options.data.join(',') };
  if (options.bind && options.relative)
    return { ...part, type: 'bind', source: normalizePath(source) ?? '/', ...recursive };
  if (options.bind) {
    const accessMode = options.idmap === undefined ? 'passthrough' : 'mapped';
    return { ...part, type: 'mount', source: normalizePath(source) ?? '/', accessMode, ...recursive };
  }
  if (fstype === 'tmpfs') return { ...part, type: 'ram', ...readTmpfsData(options.data) };
  if (source.startsWith('/dev/')) {
    return { ...part, type: 'block', source, ...(fstype === 'auto' ? {} : { fstype }), ...data };
  }
  return { ...part, type: 'special', fstype, source, ...data };
}

function readTmpfsData(options: readonly string[]): { sizeBytes?: number; mode?: number; data?: string } {
  let sizeBytes: number | undefined;
  let mode: number | undefined;
  const rest: string[] = [];
  for (const option of options) {
    const size = option.startsWith('size=') ? parseMemorySize(option.slice(5)) : undefined;
    if (size !== undefined && size > 0) sizeBytes = size;
    else if (/^mode=[0-7]{1,5}$/.test(option)) mode = Number.parseInt(option.slice(5), 8);
    else rest.push(option);
  }
  return {
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(mode === undefined ? {} : { mode }),
    ...(rest.length === 0 ? {} : { data: rest.join(',') }),
  };
}

/** Mounts whose flags the model leaves to ctr. */
const OWN_FLAGS = ['nosuid', 'nodev'] as const;

/** A mount as a line of fstab; undefined for one that LXC has no word for. */
export function formatMountEntry(filesystem: FilesystemSpec): string | undefined {
  const line = (source: string, fstype: string, ...options: readonly string[]) => {
    const fields = [source, filesystem.target.slice(1), fstype, options.length === 0 ? 'defaults' : options.join(',')];
    return `${fields.map((field) => encodeField(field)).join(' ')} 0 0`;
  };
  const options = formatOptions(filesystem);
  switch (filesystem.type) {
    case 'mount': {
      const { accessMode } = filesystem;
      if (accessMode !== 'passthrough' && accessMode !== 'mapped') return undefined;
      const idmap = accessMode === 'mapped' ? ['idmap=container'] : [];
      return line(filesystem.source, 'none', filesystem.recursive === true ? 'rbind' : 'bind', ...options, ...idmap);
    }
    case 'bind': {
      const source = filesystem.source === '/' ? '.' : filesystem.source.slice(1);
      return line(source, 'none', filesystem.recursive === true ? 'rbind' : 'bind', 'relative', ...options);
    }
    case 'ram':
      return line('tmpfs', 'tmpfs', ...options, ...formatTmpfsData(filesystem));
    case 'block':
      return line(filesystem.source, filesystem.fstype ?? 'auto', ...options, ...dataOf(filesystem));
    case 'special':
      return line(filesystem.source, filesystem.fstype, ...options, ...dataOf(filesystem));
    default:
      return undefined;
  }
}

function formatOptions(filesystem: FilesystemSpec): string[] {
  const isOwn = filesystem.type === 'mount' || filesystem.type === 'ram';
  return formatMountOptions({ ...filesystem, flags: filesystem.flags ?? (isOwn ? OWN_FLAGS : []) });
}

function dataOf({ data }: { readonly data?: string }): string[] {
  return data === undefined ? [] : [data];
}

function formatTmpfsData({ sizeBytes, mode, data }: { sizeBytes?: number; mode?: number; data?: string }): string[] {
  return [
    ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`]),
    ...(mode === undefined ? [] : [`mode=0${mode.toString(8)}`]),
    ...(data === undefined ? [] : [data]),
  ];
}

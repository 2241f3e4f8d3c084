import { quote } from '../display-text.js';
import type { MountFlag, MountPart, MountPropagation } from '../spec.js';

/** Options of a mount, as in the fourth field of fstab(5), and LXC's own ones. */
export interface MountOptions {
  readonly bind: boolean;
  readonly recursive: boolean;
  /** `named`: the text says `rw`, and not only by default. */
  readonly access: 'ro' | 'rw' | 'named';
  readonly flags: readonly MountFlag[];
  readonly propagation?: MountPropagation;
  readonly optional: boolean;
  readonly create?: 'dir' | 'file';
  /** The source is inside the container. */
  readonly relative: boolean;
  /** `container`, or the path of a user namespace. */
  readonly idmap?: string;
  /** What the file system itself reads, as written. */
  readonly data: readonly string[];
  /** The first that cannot be given. */
  readonly refused?: string;
}

const FLAGS: readonly MountFlag[] = [
  'nosuid',
  'nodev',
  'noexec',
  'noatime',
  'nodiratime',
  'relatime',
  'strictatime',
  'sync',
  'dirsync',
  'nosymfollow',
];

/** Options that take a flag back. */
const CLEARS: Readonly<Record<string, readonly MountFlag[]>> = {
  defaults: [],
  suid: ['nosuid'],
  dev: ['nodev'],
  exec: ['noexec'],
  atime: ['noatime'],
  diratime: ['nodiratime'],
  norelatime: ['relatime'],
  nostrictatime: ['strictatime'],
  async: ['sync'],
  // Kernels without mandatory locking have nothing to take back.
  nomand: [],
};

const PROPAGATIONS: readonly MountPropagation[] = [
  'private',
  'rprivate',
  'slave',
  'rslave',
  'shared',
  'rshared',
  'unbindable',
];

const REFUSED: ReadonlySet<string> = new Set(['remount', 'lazytime', 'mand', 'runbindable']);

/** Options between commas. `fault` says what is wrong with one. */
export function parseMountOptions(text: string): { readonly options?: MountOptions; readonly fault?: string } {
  const flags = new Set<MountFlag>();
  const data: string[] = [];
  const found: { -readonly [K in keyof MountOptions]?: MountOptions[K] } = {};
  for (const option of text.split(',')) {
    const flag = FLAGS.find((known) => known === option);
    const propagation = PROPAGATIONS.find((known) => known === option);
    if (option === '') continue;
    if (flag !== undefined) flags.add(flag);
    else if (Object.hasOwn(CLEARS, option)) for (const cleared of CLEARS[option] ?? []) flags.delete(cleared);
    else if (propagation !== undefined) found.propagation = propagation;
    else if (option === 'ro') found.access = 'ro';
    else if (option === 'rw') found.access = 'named';
    else if (option === 'bind' || option === 'rbind') {
      found.bind = true;
      found.recursive = option === 'rbind';
    } else if (option === 'optional') found.optional = true;
    else if (option === 'relative') found.relative = true;
    else if (option === 'create=dir' || option === 'create=file')
      found.create = option === 'create=dir' ? 'dir' : 'file';
    else if (option.startsWith('create='))
      return { fault: `'create' must be dir or file, not ${quote(option.slice(7))}` };
    else if (option.startsWith('idmap=')) found.idmap = option.slice(6);
    else if (REFUSED.has(option)) found.refused ??= `the mount option ${quote(option)}`;
    else data.push(option);
  }
  return {
    options: {
      bind: false,
      recursive: false,
      access: 'rw',
      optional: false,
      relative: false,
      ...found,
      flags: FLAGS.filter((flag) => flags.has(flag)),
      data,
    },
  };
}

/** The options that say this; data apart. */
export function formatMountOptions(part: Omit<MountPart, 'target'>): string[] {
  return [
    ...(part.readonly ? ['ro'] : []),
    ...(part.flags ?? []),
    ...(part.propagation === undefined ? [] : [part.propagation]),
    ...(part.optional === true ? ['optional'] : []),
    ...(part.create === undefined ? [] : [`create=${part.create}`]),
  ];
}

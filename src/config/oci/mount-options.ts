import type { MountFlag, MountPropagation } from '../spec.js';

/** Options of an entry in `mounts`, as mount(8) and the specification name them. */

interface Option {
  readonly flag?: MountFlag;
  /** The flag is taken away. */
  readonly off?: boolean;
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

/** What takes a flag away. */
const OPPOSITES: Readonly<Record<string, MountFlag>> = {
  suid: 'nosuid',
  dev: 'nodev',
  exec: 'noexec',
  atime: 'noatime',
  diratime: 'nodiratime',
  norelatime: 'relatime',
  nostrictatime: 'strictatime',
  async: 'sync',
  symfollow: 'nosymfollow',
};

const OPTIONS: ReadonlyMap<string, Option> = new Map([
  ...FLAGS.map((flag): [string, Option] => [flag, { flag }]),
  ...Object.entries(OPPOSITES).map(([name, flag]): [string, Option] => [name, { flag, off: true }]),
]);

/** They may stand with an 'r' before: on all that is mounted below, too. */
const RECURSIVE = new Set(
  'suid nosuid dev nodev exec noexec atime noatime diratime nodiratime relatime norelatime strictatime nostrictatime symfollow nosymfollow'.split(
    ' ',
  ),
);

const PROPAGATIONS = new Set<string>(['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared', 'unbindable']);

/** They are as ctr does it anyway, or matter to nobody. */
const IDLE = new Set(['defaults', 'silent', 'loud', 'nomand', 'noiversion', 'nolazytime']);
const WITHOUT_EFFECT = new Set(['mand', 'iversion', 'lazytime', 'acl', 'noacl']);
const UNSUPPORTED = new Set(['remount', 'runbindable']);

export interface MountOptions {
  readonly bind: boolean;
  readonly recursive: boolean;
  readonly readonly: boolean;
  /** In the order of `MountFlag`. */
  readonly flags: readonly MountFlag[];
  readonly propagation?: MountPropagation;
  readonly copyUp: boolean;
  /** An id-mapped mount. */
  readonly idmap: boolean;
  /** All others: for the file system itself. */
  readonly data: readonly { readonly option: string; readonly index: number }[];
  readonly withoutEffect: readonly number[];
  readonly unsupported: readonly number[];
}

/** Sorts options by what they are for; a later one wins. Never throws. */
export function readMountOptions(options: readonly string[]): MountOptions {
  const flags = new Set<MountFlag>();
  const data: { option: string; index: number }[] = [];
  const withoutEffect: number[] = [];
  const unsupported: number[] = [];
  const found = { bind: false, recursive: false, readonly: false, copyUp: false, idmap: false };
  let propagation: string | undefined;
  options.forEach((option, index) => {
    const known =
      OPTIONS.get(option) ??
      (RECURSIVE.has(option.slice(1)) && option[0] === 'r' ? OPTIONS.get(option.slice(1)) : undefined);
    if (known?.flag !== undefined) flags[known.off === true ? 'delete' : 'add'](known.flag);
    else if (option === 'bind' || option === 'rbind') {
      found.bind = true;
      found.recursive = option === 'rbind';
    } else if (option === 'ro' || option === 'rro') found.readonly = true;
    else if (option === 'rw' || option === 'rrw') found.readonly = false;
    else if (option === 'tmpcopyup') found.copyUp = true;
    else if (option === 'idmap' || option === 'ridmap') found.idmap = true;
    else if (PROPAGATIONS.has(option)) propagation = option;
    else if (UNSUPPORTED.has(option)) unsupported.push(index);
    else if (WITHOUT_EFFECT.has(option)) withoutEffect.push(index);
    else if (!IDLE.has(option)) data.push({ option, index });
  });
  return {
    ...found,
    flags: FLAGS.filter((flag) => flags.has(flag)),
    ...(propagation === undefined ? {} : { propagation: propagation as MountPropagation }),
    data,
    withoutEffect,
    unsupported,
  };
}

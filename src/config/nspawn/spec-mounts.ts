/** Settings about the root and its mounts, as the model says them and back. */
import { isDeepStrictEqual } from 'node:util';
import type { ContainerSpec, FilesystemSpec, RootMode } from '../spec.js';
import { rankMount } from './file-rows.js';
import { comparePaths, componentsOf } from './parse-paths.js';
import type { CustomMount, Settings } from './settings.js';
import { rootAccessOf } from './spec-users.js';

/** What nspawn mounts in every root besides the kernel's file systems; on a root that has no place for it, it goes without. */
const OWN_MOUNTS: readonly CustomMount[] = [
  {
    type: 'ram',
    target: '/run',
    readonly: false,
    flags: ['nosuid', 'nodev', 'strictatime'],
    mode: 0o755,
    data: 'size=20%,nr_inodes=800k',
    optional: true,
  },
  {
    type: 'ram',
    target: '/tmp',
    readonly: false,
    flags: ['nosuid', 'nodev', 'strictatime'],
    mode: 0o1777,
    data: 'size=10%,nr_inodes=400k',
    optional: true,
  },
];

/** The root, then all other mounts by target, a directory before what is in it. What the settings mount replaces nspawn's own. */
export function filesystemsOf(settings: Settings, rootfs: string): FilesystemSpec[] {
  const targets = new Set(settings.mounts.map(({ target }) => componentsOf(target).join('/')));
  const own = OWN_MOUNTS.filter(({ target }) => !targets.has(componentsOf(target).join('/')));
  const sorted = [...own, ...settings.mounts]
    .map((mount) => ({ mount, components: componentsOf(mount.target), rank: rankMount(mount) }))
    .sort((a, b) => comparePaths(a.components, b.components) || a.rank - b.rank);
  return [
    {
      type: 'mount',
      source: rootfs,
      target: '/',
      readonly: settings.readOnly === true,
      accessMode: rootAccessOf(settings),
    },
    ...sorted.map(({ mount }) => mount),
  ];
}

/** A volatile root forgets all that an ephemeral one does. */
export function rootModeOf({ volatile, ephemeral }: Settings): RootMode | undefined {
  if (volatile !== undefined && volatile !== 'no') return volatile;
  return ephemeral === true ? 'ephemeral' : undefined;
}

/** Sets what `filesystemsOf` and `rootModeOf` make of it again, as far as there are words for it. */
export function setMounts(settings: Settings, { filesystems, rootMode }: ContainerSpec): void {
  const root = filesystems.find(({ target }) => target === '/');
  settings.readOnly = root?.readonly;
  if (rootMode === 'ephemeral') settings.ephemeral = true;
  else settings.volatile = rootMode;
  for (const mount of filesystems) {
    const isOwn = OWN_MOUNTS.some((own) => isDeepStrictEqual(own, mount));
    if (mount !== root && !isOwn && isCustom(mount)) settings.mounts.push(mount);
  }
}

function isCustom(mount: FilesystemSpec): mount is CustomMount {
  // An overlay of one directory has no word
  if (mount.type === 'overlay') return mount.lowers.length > 0;
  return ['mount', 'bind', 'ram', 'inaccessible'].includes(mount.type);
}

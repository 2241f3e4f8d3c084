/** The cgroup hierarchies that ctr may use, and the group of each that it works below. docs/adr/0012 */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { findDelegatedGroup } from './delegated-cgroup.js';
import { findCgroupMounts } from './host-cgroups.js';
import type { CgroupLayout } from './host-facts.js';
import type { Mount } from './mountinfo.js';

/** Magic numbers of statfs(2). */
const MAGIC: Readonly<Record<string, number>> = { cgroup: 0x27e0eb, cgroup2: 0x63677270 };

/** Where systemd shows containers and virtual machines, systemd.special(7); its limits are those of all of them together. */
const UNIT = { slice: 'machine.slice', name: 'ctr.scope' } as const;

/** Of root: the hierarchies of this host. */
export function readCgroupLayout(mounts: readonly Mount[]): CgroupLayout {
  const { v1, v2 } = findCgroupMounts(mounts.filter(isInSight));
  if (v2 === undefined) return { v1 };
  const common = { mountpoint: v2, freezes: hasCgroupFreeze() };
  if (!isSystemdBooted()) return { v1, v2: { ...common, base: '', controllers: readControllers(v2) } };
  const base = `${UNIT.slice}/${UNIT.name}`;
  const group = join(v2, base);
  // A unit that has yet to be made gets whatever there is at the top.
  return { v1, v2: { ...common, base, controllers: readControllers(existsSync(group) ? group : v2), unit: UNIT } };
}

/** Of an ordinary user: what of them he may change, which is nothing of v1. */
export function readUserLayout(mounts: readonly Mount[]): CgroupLayout {
  const { v2 } = findCgroupMounts(mounts.filter(isInSight));
  const delegated = v2 === undefined ? undefined : findDelegatedGroup(v2);
  return delegated === undefined ? { v1: {} } : { v1: {}, v2: delegated };
}

/** The mount table lists what another mount has covered as well. */
function isInSight({ fstype, mountpoint }: Mount): boolean {
  const magic = MAGIC[fstype];
  if (magic === undefined) return false;
  try {
    return statfsSync(mountpoint).type === magic;
  } catch {
    return false;
  }
}

/**
 * The controllers that groups below this one can have. A group with processes of its own hands down only those that it does already,
 * cgroups(7); the top of the whole tree is none such, and nor is it a group with a type: that of a container's view is.
 */
function readControllers(group: string): string[] {
  const words = (file: string) => readFileSync(join(group, file), 'utf8').split(/\s+/).filter(Boolean);
  const hasProcesses = existsSync(join(group, 'cgroup.type')) && words('cgroup.procs').length > 0;
  return words(hasProcesses ? 'cgroup.subtree_control' : 'cgroup.controllers');
}

/** sd_booted(3). */
function isSystemdBooted(): boolean {
  return existsSync('/run/systemd/system');
}

/** Linux 5.2. */
function hasCgroupFreeze(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number.parseFloat);
  return major > 5 || (major === 5 && minor >= 2);
}

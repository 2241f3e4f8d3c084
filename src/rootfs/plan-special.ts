import type { FilesystemSpec, KernelMountsSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { Op } from '../exec/plan.js';
import { flagsOf, optionsOf } from './plan-mount-flags.js';
import { type InsideIds, ownerOptions, translateIds } from './plan-tmpfs-data.js';

type Special = Extract<FilesystemSpec, { type: 'special' }>;

/** Of those that the kernel mounts for a user namespace, the ones that are the same when they are mounted from outside of it. */
const FOR_USER_NAMESPACES = new Set(['devpts', 'mqueue', 'proc', 'ramfs', 'sysfs', 'tmpfs']);

/** What ctr mounts where by itself, and which part of the spec says otherwise. */
const OWN: Readonly<Record<string, { readonly part: keyof KernelMountsSpec; readonly fstypes: readonly string[] }>> = {
  '/proc': { part: 'proc', fstypes: ['proc'] },
  '/sys': { part: 'sys', fstypes: ['sysfs'] },
  '/sys/fs/cgroup': { part: 'cgroup', fstypes: ['cgroup', 'cgroup2'] },
  '/dev': { part: 'dev', fstypes: ['tmpfs', 'devtmpfs'] },
  '/dev/pts': { part: 'dev', fstypes: ['devpts'] },
};

/** Whether it asks for what is there anyway. */
export function isOwnMount({ target, fstype }: Special, mounts: KernelMountsSpec): boolean {
  const own = OWN[target];
  return own?.fstypes.includes(fstype) === true && (target === '/dev/pts' || mounts[own.part] !== 'none');
}

/** Whether it puts a kernel file system in the place that ctr was asked to leave alone. */
export function fillsOwnPlace({ target, fstype }: Special, mounts: KernelMountsSpec): boolean {
  const own = OWN[target];
  return own?.fstypes.includes(fstype) === true && mounts[own.part] === 'none';
}

/**
 * Any file system of the kernel.
 *
 * @throws CtrError CTR_UNSUPPORTED for one that would show the host where the kernel itself would not mount it
 */
export function planSpecial(filesystem: Special, ids: InsideIds): Op {
  const { target, fstype, source, data = '' } = filesystem;
  const fail = (reason: string) => new CtrError('CTR_UNSUPPORTED', `cannot plan filesystem '${target}': ${reason}`);
  if (fstype === 'cgroup' || fstype === 'cgroup2')
    throw fail('a fresh mount would show the cgroups of the host; ctr mounts those of the container on /sys/fs/cgroup');
  if (ids.root !== undefined && !FOR_USER_NAMESPACES.has(fstype))
    throw fail(`the kernel mounts no '${fstype}' for a container with a user namespace`);
  const owner = fstype === 'tmpfs' ? ownerOptions(ids) : [];
  const hasIds = fstype === 'tmpfs' || fstype === 'devpts' || fstype === 'ramfs';
  return {
    op: 'mount',
    fstype,
    source,
    target,
    flags: flagsOf(filesystem, fstype === 'devpts' ? ['nosuid', 'noexec'] : ['nosuid', 'nodev', 'noexec']),
    data: hasIds ? [...owner, ...translateIds(data, target, ids)].join(',') : data,
    options: optionsOf(filesystem),
  };
}

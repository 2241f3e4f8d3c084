import type { CgroupFileSpec, ContainerSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { CgroupLayout } from '../system/host-facts.js';
import type { Write } from './plan-limits.js';

/** A write that the configuration spells out itself, and where it goes. */
export interface ExtraWrite {
  readonly write: Write;
  /** Of a v1 hierarchy; undefined: the v2 tree. */
  readonly mountpoint?: string;
  /** Undefined: a file of the group itself. */
  readonly controller?: string;
}

/** What these files do is what a start and an end do: who joins, who is stopped, what is handed down. */
const KEPT_BACK = new Set([
  'cgroup.procs',
  'cgroup.threads',
  'cgroup.type',
  'cgroup.kill',
  'cgroup.freeze',
  'cgroup.subtree_control',
  'freezer.state',
]);

/**
 * Where each write goes: to the file that is asked for, or to its twin where only the other version has the controller.
 *
 * @throws CtrError CTR_UNSUPPORTED, naming the controller that is missing or the file that is none
 */
export function listExtraWrites(
  { name, cgroupFiles = [] }: Pick<ContainerSpec, 'name' | 'cgroupFiles'>,
  layout: CgroupLayout,
): ExtraWrite[] {
  return cgroupFiles.map((entry) => {
    const { version, file, value, twin } = entry;
    const asked = locate(entry, layout);
    const found =
      'reason' in asked && asked.controller !== undefined && twin !== undefined
        ? locate({ version: version === 1 ? 2 : 1, file: twin, value }, layout)
        : asked;
    if (!('reason' in found)) return found;
    // The file that is asked for is what the reader knows, whatever was tried in its stead.
    const { reason, controller } = 'reason' in asked ? asked : found;
    throw new CtrError('CTR_UNSUPPORTED', `cannot write '${file}' for '${name}': ${reason}`, {
      ...(controller === undefined ? {} : { data: { controller } }),
    });
  });
}

/** Why a file cannot be written; `controller`: it is missing. */
interface Refused {
  readonly reason: string;
  readonly controller?: string;
}

function locate({ version, file, value }: CgroupFileSpec, { v1, v2 }: CgroupLayout): ExtraWrite | Refused {
  const prefix = /^([a-z_0-9]+)\.[A-Za-z0-9_.-]+$/.exec(file)?.[1];
  if (prefix === undefined) return { reason: 'it is no file of a cgroup' };
  if (KEPT_BACK.has(file)) return { reason: 'it belongs to ctr' };
  const write: Write = [file, value];
  if (version === 1) {
    const mountpoint = v1[prefix];
    if (mountpoint !== undefined) return { write, mountpoint };
    return { reason: `this host has no cgroup v1 controller '${prefix}'`, controller: prefix };
  }
  if (v2 === undefined) return { reason: 'this host has no cgroup v2', controller: prefix };
  if (prefix === 'cgroup') return { write };
  if (v2.controllers.includes(prefix)) return { write, controller: prefix };
  return { reason: `this host has no cgroup v2 controller '${prefix}'`, controller: prefix };
}

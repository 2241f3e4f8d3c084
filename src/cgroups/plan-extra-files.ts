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

/** @throws CtrError CTR_UNSUPPORTED, naming the controller that is missing or the file that is none */
export function listExtraWrites(
  { name, cgroupFiles = [] }: Pick<ContainerSpec, 'name' | 'cgroupFiles'>,
  layout: CgroupLayout,
): ExtraWrite[] {
  return cgroupFiles.map((entry) => locate(name, entry, layout));
}

function locate(name: string, { version, file, value }: CgroupFileSpec, { v1, v2 }: CgroupLayout): ExtraWrite {
  const refuse = (reason: string, controller?: string) =>
    new CtrError('CTR_UNSUPPORTED', `cannot write '${file}' for '${name}': ${reason}`, {
      ...(controller === undefined ? {} : { data: { controller } }),
    });
  const prefix = /^([a-z_0-9]+)\.[A-Za-z0-9_.-]+$/.exec(file)?.[1];
  if (prefix === undefined) throw refuse('it is no file of a cgroup');
  if (KEPT_BACK.has(file)) throw refuse('it belongs to ctr');
  const write: Write = [file, value];
  if (version === 1) {
    const mountpoint = v1[prefix];
    if (mountpoint === undefined) throw refuse(`this host has no cgroup v1 controller '${prefix}'`, prefix);
    return { write, mountpoint };
  }
  if (v2 === undefined) throw refuse('this host has no cgroup v2', prefix);
  if (prefix === 'cgroup') return { write };
  if (!v2.controllers.includes(prefix)) throw refuse(`this host has no cgroup v2 controller '${prefix}'`, prefix);
  return { write, controller: prefix };
}

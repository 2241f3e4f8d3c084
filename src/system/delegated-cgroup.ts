/** The part of the cgroup v2 tree that an ordinary user may change: what systemd delegates to his manager, say. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { CgroupLayout } from './host-facts.js';
import { parseProcessCgroups } from './parse-proc.js';

/**
 * The topmost group at or above our own that we may change, since a process moves only below a group that its mover may write to
 * (cgroups(7)). Our own has processes, so it hands no controller down: without a group above it there is a place and no limits.
 * native/key.c finds it by the same rule.
 */
export function findDelegatedGroup(mountpoint: string): CgroupLayout['v2'] {
  const own = parseProcessCgroups(readFileSync('/proc/self/cgroup', 'utf8')).find(
    ({ controllers }) => controllers.length === 0,
  )?.path;
  if (own === undefined || own.includes('..')) return undefined;
  let base: string | undefined;
  for (let group = own; group !== '/' && isOurs(join(mountpoint, group)); group = posix.dirname(group)) base = group;
  if (base === undefined) return undefined;
  const controllers = base === own ? '' : readFileSync(join(mountpoint, base, 'cgroup.controllers'), 'utf8');
  return {
    mountpoint,
    base: base.slice(1),
    controllers: controllers.split(/\s+/).filter(Boolean),
    freezes: existsSync(join(mountpoint, base, 'cgroup.freeze')),
    takesPrograms: false,
  };
}

function isOurs(group: string): boolean {
  try {
    for (const file of ['', 'cgroup.procs', 'cgroup.subtree_control']) accessSync(join(group, file), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

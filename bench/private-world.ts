/** The host is seen by nobody here: a mount namespace of this run, in which /run and the like are empty. */
import { readFileSync, readlinkSync } from 'node:fs';
import { type Place, run } from './place.js';

/** @throws Error unless the process is in a mount namespace of its own, so that nothing is ever mounted on the host */
export function makePrivateWorld(place: Place): void {
  if (readlinkSync('/proc/self/ns/mnt') === readlinkSync(`/proc/${process.ppid}/ns/mnt`))
    throw new Error('not in a mount namespace of its own: start it by npm run bench');
  for (const path of ['/run', place.volatile])
    run(place, ['mount', '-t', 'tmpfs', '-o', 'mode=755', 'ctr-bench', path]);
  hideUnifiedHierarchy(place);
}

/** crun refuses a machine where version 1 hierarchies are mounted and the version 2 tree owns a controller, too. */
function hideUnifiedHierarchy(place: Place): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const unified = mounts.find(([, , type]) => type === 'cgroup2')?.[1];
  if (unified !== undefined && mounts.some(([, , type]) => type === 'cgroup')) run(place, ['umount', unified]);
}

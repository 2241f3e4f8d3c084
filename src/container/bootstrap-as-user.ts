/** What a bootstrap of an ordinary user does without, and what it says about that. */
import { hasController } from '../cgroups/plan-groups.js';
import { CtrError } from '../errors.js';
import type { Template } from '../rootfs/template.js';
import { listNames } from '../state/store.js';
import type { OrdinaryUser } from '../system/host-facts.js';
import { currentUser, readOrdinaryUser } from '../system/ordinary-user.js';
import type { Paths } from '../system/paths.js';
import { readMounts } from '../system/procfs.js';
import { readUserLayout } from '../system/read-cgroup-layout.js';
import { reasonOf } from '../system/reason.js';
import type { Settings } from '../system/settings-rows.js';
import { proposeSubids } from '../system/subid.js';
import { countUserRanges } from './choose-user-ids.js';

interface AskedLimits {
  readonly memoryBytes?: number | undefined;
  readonly pids?: number | undefined;
}

const CONTROLLERS = { memoryBytes: 'memory', pids: 'pids' } as const;
type Limit = keyof typeof CONTROLLERS;

/** Limits that nothing here can enforce, as no cgroup with their controller is delegated to this user. */
function unenforced(): Limit[] {
  if (currentUser() === undefined) return [];
  const layout = readUserLayout(readMounts());
  return (['memoryBytes', 'pids'] as const).filter((limit) => !hasController(layout, CONTROLLERS[limit]));
}

/**
 * Those of a template are optional: without them there is a note instead.
 *
 * @throws CtrError CTR_UNSUPPORTED on one that is asked for
 */
export function checkLimits(name: string, asked: AskedLimits): string[] {
  const missing = unenforced();
  for (const limit of missing) {
    if (asked[limit] === undefined) continue;
    const controller = CONTROLLERS[limit];
    throw new CtrError(
      'CTR_UNSUPPORTED',
      `cannot limit '${name}': no cgroup with the controller '${controller}' is delegated to you`,
      { hint: 'systemd-run --user --scope ctr … runs it where one is', data: { controller } },
    );
  }
  if (missing.length === 0) return [];
  const words = missing.map((limit) => (limit === 'pids' ? 'processes' : 'memory')).join(' and ');
  return [`'${name}' has no limit of ${words}: no cgroup with controllers is delegated to you`];
}

/** What is asked for, else the host's settings, else the template's; undefined for none. */
export function chooseLimits(asked: AskedLimits, settings: Settings, template: Template, isUser: boolean): AskedLimits {
  const left = isUser ? unenforced() : [];
  const memoryBytes = asked.memoryBytes ?? settings.bootstrapMemoryBytes ?? template.memoryBytes;
  const pids = asked.pids ?? settings.bootstrapPids ?? template.pids;
  return {
    ...(left.includes('memoryBytes') ? {} : { memoryBytes }),
    ...(left.includes('pids') ? {} : { pids }),
  };
}

/** The same for whoever it is, and whatever his files say: a start tells of that. */
export function noteUser(paths: Paths, name: string): string[] {
  try {
    const user = readOrdinaryUser();
    return user === undefined ? [] : noteIds(paths, name, user);
  } catch (error) {
    return [reasonOf(error)];
  }
}

/** Said with the first container. */
export function noteIds(paths: Paths, name: string, user: OrdinaryUser): string[] {
  if (listNames(paths.stateDir).some((other) => other !== name)) return [];
  const owner = currentUser();
  if (user.subordinate.uid.length === 0 && owner !== undefined) {
    return [
      `you have no subordinate ids: root inside is you outside, and there is no other user inside: log-ins, su and package managers fail; with a line in /etc/subuid and /etc/subgid there are: ${proposeSubids(owner)}`,
    ];
  }
  if (countUserRanges(user) > 1) return [];
  return [
    'you have one range of subordinate ids: all your containers share it, and what gets out of one is the owner of the others',
  ];
}

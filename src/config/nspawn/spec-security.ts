/** Settings about rights, as the model says them and back. */

import { CAPABILITY_NAMES, listBoundingSet } from '../capability-names.js';
import type { CapabilitiesSpec, ContainerSpec, SecuritySpec } from '../spec.js';
import { KEPT_BY_DEFAULT } from './capability-names.js';
import { type Settings, wantsPrivateNetwork } from './settings.js';
import { listsOfProfile, makeProfile } from './syscall-filter.js';

/** What is kept without a setting: own links are there to be set up. */
function keptByDefault(hasOwnNetwork: boolean): ReadonlySet<string> {
  return hasOwnNetwork ? new Set([...KEPT_BY_DEFAULT, 'net_admin']) : KEPT_BY_DEFAULT;
}

/** The bounding set: the default one, with what is added, without what is dropped. */
export function listCapabilities(settings: Settings): ReadonlySet<string> {
  const { capability, dropCapability } = settings;
  if (dropCapability.all) return new Set();
  const kept = capability.all
    ? CAPABILITY_NAMES
    : [...keptByDefault(wantsPrivateNetwork(settings)), ...capability.names];
  return new Set(kept.filter((name) => !dropCapability.names.has(name)));
}

/** With all capabilities those of newer kernels are kept, too. */
export function capabilitiesOf(settings: Settings): CapabilitiesSpec {
  const kept = listCapabilities(settings);
  const all = settings.capability.all && !settings.dropCapability.all;
  const states = CAPABILITY_NAMES.filter((name) => kept.has(name) !== all);
  const ambient = CAPABILITY_NAMES.filter((name) => settings.ambientCapability.names.has(name));
  return {
    policy: all ? 'allow' : 'deny',
    states: states.map((name) => ({ name, state: all ? 'off' : 'on' })),
    ...(ambient.length === 0 ? {} : { ambient }),
  };
}

export function securityOf(settings: Settings): SecuritySpec {
  const { syscallAllow, syscallDeny, noNewPrivileges } = settings;
  const lists = { allow: [...syscallAllow], deny: [...syscallDeny] };
  const isChanged = lists.allow.length + lists.deny.length > 0;
  return {
    seccomp: isChanged ? makeProfile(lists, listCapabilities(settings)) : 'os',
    masks: true,
    nesting: false,
    ...(noNewPrivileges === true ? { noNewPrivs: true } : {}),
    // `identity` and `0` say it in so many words.
    ...(settings.privateUsers?.kind === 'range' && settings.privateUsers.base === 0 ? { hostRoot: true } : {}),
  };
}

/** Sets what `capabilitiesOf` and `securityOf` make of it again, as far as there are words for it. The start and the network are set before. */
export function setSecurity(settings: Settings, { features, security }: ContainerSpec): void {
  setCapabilities(settings, features.capabilities);
  if (security.noNewPrivs === true) settings.noNewPrivileges = true;
  if (typeof security.seccomp === 'string') return;
  const lists = listsOfProfile(security.seccomp, listCapabilities(settings));
  for (const name of lists?.allow ?? []) settings.syscallAllow.add(name);
  for (const name of lists?.deny ?? []) settings.syscallDeny.add(name);
}

function setCapabilities(settings: Settings, capabilities: CapabilitiesSpec): void {
  const { policy, ambient = [] } = capabilities;
  const { capability, dropCapability, ambientCapability } = settings;
  const before = keptByDefault(wantsPrivateNetwork(settings));
  const bounding = listBoundingSet(capabilities);
  capability.all = policy === 'allow';
  for (const name of CAPABILITY_NAMES) {
    const isKept = bounding.has(name);
    if (isKept && !before.has(name) && !capability.all) capability.names.add(name);
    if (!isKept && (before.has(name) || capability.all)) dropCapability.names.add(name);
  }
  // nspawn does not start with ambient ones that are not kept, nor with any for an init system
  const kept = settings.startMode === 'boot' ? new Set() : listCapabilities(settings);
  for (const name of ambient) if (kept.has(name)) ambientCapability.names.add(name);
}

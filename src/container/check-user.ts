/** What `check` says of an ordinary user: which containers this host lets him have. */
import { accessSync, constants } from 'node:fs';
import { hasController } from '../cgroups/plan-groups.js';
import { CtrError } from '../errors.js';
import { probeInFirstStage } from '../exec/first-stage.js';
import { type ProbeReport, parseProbeReport, probeByHelper, type Tried } from '../exec/probe.js';
import type { OrdinaryUser } from '../system/host-facts.js';
import { currentUser, readOrdinaryUser } from '../system/ordinary-user.js';
import { readMounts } from '../system/procfs.js';
import { readUserLayout } from '../system/read-cgroup-layout.js';
import { proposeSubids, type SubidOwner } from '../system/subid.js';
import { findUserNetwork } from '../system/user-network-program.js';
import type { CheckItem } from './check.js';
import { countUserRanges } from './choose-user-ids.js';
import { hintOf, parseStartFailure } from './start-failure.js';

/** For root, one line. */
export function userItems(): CheckItem[] {
  const owner = currentUser();
  if (owner === undefined) return [{ group: 'host', name: 'user', status: 'ok', detail: 'root' }];
  const detail = `${owner.name ?? owner.uid}, not root: containers in a user namespace of yours`;
  return [{ group: 'host', name: 'user', status: 'ok', detail }, idItem(owner), delegationItem(), networkItem()];
}

/** Of root, what the kernel lets it do; of anybody else, what it lets root of a first stage of his do. */
export async function probe(helper: string): Promise<{ report: ProbeReport; items: readonly CheckItem[] }> {
  const owner = currentUser();
  if (owner === undefined) return { report: await probeByHelper(helper), items: [] };
  const { ok, text } = await probeInFirstStage(helper, userOf(owner));
  const found = ok ? parseProbeReport(text) : undefined;
  if (found !== undefined) return { report: { ...found, features: withoutRoots(found.features) }, items: [] };
  const failure = parseStartFailure(text);
  const hint = hintOf(failure);
  const detail = [failure.step, failure.call, failure.errnoName || failure.message].filter(Boolean).join(': ');
  const item: CheckItem = { group: 'namespaces', name: 'user', status: 'missing', detail };
  return {
    report: { version: 0, namespaces: {}, features: {} },
    items: [hint === undefined ? item : { ...item, hint }],
  };
}

/** Of broken files `idItem` tells. */
function userOf({ uid, gid }: SubidOwner): OrdinaryUser {
  try {
    return readOrdinaryUser() ?? { uid, gid, subordinate: { uid: [], gid: [] } };
  } catch {
    return { uid, gid, subordinate: { uid: [], gid: [] } };
  }
}

/** What would work in a namespace of one's own, and reaches nothing of the host. */
function withoutRoots(features: Readonly<Record<string, Tried>>): Record<string, Tried> {
  const roots = ['idmappedMounts', 'cloneIntoCgroup', 'bridge', 'veth'];
  return Object.fromEntries(Object.entries(features).filter(([name]) => !roots.includes(name)));
}

function idItem(owner: SubidOwner): CheckItem {
  const item = { group: 'host', name: 'your ids' } as const;
  let user: OrdinaryUser | undefined;
  try {
    user = readOrdinaryUser();
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
    return {
      ...item,
      status: 'missing',
      detail: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
  const count = user === undefined ? 0 : countUserRanges(user);
  if (count === 0) {
    return {
      ...item,
      status: 'absent',
      detail: 'no subordinate ids: root is the only user inside',
      hint: `in /etc/subuid and /etc/subgid, and the package uidmap: ${proposeSubids(owner)}`,
    };
  }
  const shared = count === 1 ? ', which your containers share' : '';
  return { ...item, status: 'ok', detail: `${count} ${count === 1 ? 'range' : 'ranges'} of 65536${shared}` };
}

function delegationItem(): CheckItem {
  const layout = readUserLayout(readMounts());
  const item = { group: 'cgroups', name: 'delegated' } as const;
  const limits = ['memory', 'pids', 'cpu'].filter((controller) => hasController(layout, controller));
  if (limits.length > 0) return { ...item, status: 'ok', detail: `limits of ${limits.join(', ')} hold` };
  return {
    ...item,
    status: 'absent',
    detail: layout.v2 === undefined ? 'no cgroup is yours: no limits' : 'a cgroup without controllers: no limits',
    hint: 'systemd-run --user --scope ctr … runs it where limits hold',
  };
}

function networkItem(): CheckItem {
  const item = { group: 'host', name: 'network' } as const;
  const program = findUserNetwork();
  const device = lacksTun();
  if (program !== undefined && device === undefined)
    return { ...item, status: 'ok', detail: `by ${program.path}: <interface type='user'/>; bridges are root's` };
  return {
    ...item,
    status: 'absent',
    detail: `${device ?? 'neither pasta nor slirp4netns'}: containers have their own loopback link, or the host's network`,
    hint: device === undefined ? 'apt-get install passt' : 'as root: modprobe tun; chmod 666 /dev/net/tun',
  };
}

/** Both programs need it. */
function lacksTun(): string | undefined {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return '/dev/net/tun is not yours to open';
  }
}

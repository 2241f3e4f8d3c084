/** check: what this host offers, each thing tried and not read from a list. */
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { findHelper } from '../exec/helper.js';
import type { ProbeReport, Tried } from '../exec/probe.js';
import { findHostBusybox } from '../rootfs/find-busybox.js';
import { findCgroupMounts } from '../system/host-cgroups.js';
import { findLxcfs } from '../system/lxcfs.js';
import type { Paths } from '../system/paths.js';
import { readMounts } from '../system/procfs.js';
import { readHostFacts } from '../system/read-host-facts.js';
import { readSubids } from '../system/subid.js';
import { listEnforced } from './check-enforced.js';
import { networkItems } from './check-networks.js';
import { probe, userItems } from './check-user.js';
import { type CtrOptions, openPaths } from './context.js';
import { mayStartLxcfs } from './ensure-views.js';

/** Of `net check`, where the group is a network. */
export type NetworkCheckItem = Omit<CheckItem, 'group'> & { readonly group: string };

export interface CheckItem {
  readonly group: 'kernel' | 'namespaces' | 'cgroups' | 'enforced' | 'host';
  readonly name: string;
  /** `missing` where containers cannot do without it. */
  readonly status: 'ok' | 'missing' | 'absent';
  /** What was found, or why it is not there. */
  readonly detail: string;
  readonly hint?: string;
}

/** Without these no container starts; without the others something is not available. */
const REQUIRED = new Set(['user', 'pid', 'mnt', 'mount', 'uts', 'ipc', 'net', 'pidfd', 'idmappedMounts', 'openat2']);

const HINTS: Readonly<Record<string, string>> = {
  user: 'sysctl user.max_user_namespaces and kernel.unprivileged_userns_clone, and an AppArmor policy, can forbid it',
  net: 'sysctl user.max_net_namespaces can forbid it',
  idmappedMounts: 'roots made by ctr need them: Linux 5.12 and a file system that supports them',
  bridge: 'modprobe bridge',
  overlay: 'modprobe overlay',
};

/** @throws CtrError CTR_HELPER */
export async function check(options: CtrOptions = {}): Promise<CheckItem[]> {
  const paths = openPaths(options);
  const { report, items } = await probe(await findHelper(options.helper));
  return [
    { group: 'kernel', name: 'release', status: 'ok', detail: release() },
    ...triedItems('kernel', report.features),
    ...namespaceItems(report),
    ...items,
    ...cgroupItems(),
    ...listEnforced(readHostFacts(paths, 'check')),
    ...userItems(),
    directoryItem('state directory', paths.stateDir),
    directoryItem('run directory', paths.runDir),
    subidItem(),
    await busyboxItem(),
    lxcfsItem(paths),
    ...networkItems(),
  ];
}

function namespaceItems({ namespaces }: ProbeReport): CheckItem[] {
  return triedItems('namespaces', namespaces);
}

function triedItems(group: CheckItem['group'], tried: Readonly<Record<string, Tried>>): CheckItem[] {
  return Object.entries(tried).map(([name, result]) => {
    if (result === true) return { group, name, status: 'ok', detail: 'works' };
    const detail = typeof result === 'string' ? result : 'does not work';
    const hint = HINTS[name];
    return {
      group,
      name,
      status: REQUIRED.has(name) ? 'missing' : 'absent',
      detail,
      ...(hint === undefined ? {} : { hint }),
    };
  });
}

function cgroupItems(): CheckItem[] {
  const { v1, v2 } = findCgroupMounts(readMounts());
  const controllers = Object.keys(v1).sort();
  const layout = v2 === undefined ? (controllers.length > 0 ? 'v1' : 'none') : controllers.length > 0 ? 'hybrid' : 'v2';
  const item = (name: string, found: boolean, detail: string): CheckItem => ({
    group: 'cgroups',
    name,
    status: found ? 'ok' : 'absent',
    detail,
  });
  return [
    item('layout', layout !== 'none', layout === 'none' ? 'no cgroup file system is mounted' : layout),
    item('v1 controllers', controllers.length > 0, controllers.join(' ') || 'none'),
    item('v2', v2 !== undefined, v2 ?? 'not mounted'),
  ];
}

function directoryItem(name: string, path: string): CheckItem {
  return { group: 'host', name, status: 'ok', detail: `${path}${existsSync(path) ? '' : ' (made when needed)'}` };
}

function subidItem(): CheckItem {
  const count = readSubids().length;
  const detail =
    count === 0 ? 'nobody has subordinate ids' : `${count} ranges in /etc/subuid and /etc/subgid are left alone`;
  return { group: 'host', name: 'id ranges', status: 'ok', detail };
}

/** By it, containers with limits see those in /proc/meminfo and others. */
function lxcfsItem(paths: Paths): CheckItem {
  const found = findLxcfs();
  const item = (status: CheckItem['status'], detail: string, hint?: string): CheckItem => ({
    group: 'host',
    name: 'lxcfs',
    status,
    detail,
    ...(hint === undefined ? {} : { hint }),
  });
  switch (found.kind) {
    case 'runs':
      return item('ok', `runs at ${found.mountpoint}`);
    case 'installed':
      return mayStartLxcfs(paths)
        ? item('ok', 'is started when a container with limits is to see them in /proc')
        : item(
            'absent',
            "does not run: containers see the host's memory and processors",
            'start it; by itself ctr does so as root, with the usual directories or with start-lxcfs = 1 in its settings',
          );
    case 'dead':
      return item(
        'absent',
        `has died at ${found.mountpoint}: what reads /proc/meminfo by it gets ENOTCONN`,
        'the next start of a container starts another one; those that run have to be started anew',
      );
    default:
      return item(
        'absent',
        "is not installed: containers see the host's memory and processors",
        'apt-get install lxcfs',
      );
  }
}

async function busyboxItem(): Promise<CheckItem> {
  const path = await findHostBusybox();
  if (path !== undefined) return { group: 'host', name: 'busybox', status: 'ok', detail: path };
  return {
    group: 'host',
    name: 'busybox',
    status: 'absent',
    detail: 'no static one; bootstrap fetches the package busybox-static',
    hint: 'apt-get install busybox-static',
  };
}

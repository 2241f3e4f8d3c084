import type { ContainerSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { OPTION, type Op } from '../exec/plan.js';
import type { CgroupLayout, HostFacts } from '../system/host-facts.js';
import { compileDeviceRules } from './device-program.js';
import { type DeviceRule, formatDeviceRule, isForV1 } from './device-rules.js';
import { groupName } from './group-name.js';
import { listExtraWrites } from './plan-extra-files.js';
import { type ControllerUse, type LimitsSpec, listControllerUses, type Write } from './plan-limits.js';

/** The container's group in one hierarchy. */
export interface Group {
  readonly version: 1 | 2;
  readonly mountpoint: string;
  readonly path: string;
}

export interface CgroupPlan {
  readonly ops: readonly Op[];
  /** The groups init joins, for its view of them. */
  readonly groups: readonly Group[];
}

/** A group while what belongs to it is gathered. */
interface Draft {
  readonly group: Group;
  /** Groups of the partition, from the top, which are others' as well. */
  readonly partition: readonly string[];
  /** v2: controllers to hand down from each group above, the lowest being the parent of the container's. */
  readonly enabled: { readonly from: readonly string[]; readonly controllers: string[] };
  readonly isCpuset: boolean;
  readonly writes: Write[];
  /** v1: rules for devices whose numbers are known at the start. */
  readonly lateRules: DeviceRule[];
  program?: Uint8Array;
}

export interface CgroupRequest {
  readonly spec: LimitsSpec & Pick<ContainerSpec, 'partition' | 'cgroupFiles'>;
  readonly devices: readonly DeviceRule[];
  /** They are the configuration's own, not ctr's: what it says must hold. */
  readonly hasDeviceRules?: boolean;
  readonly hasUserNamespace: boolean;
}

/**
 * The container's groups with their limits: one in each v1 hierarchy that is needed, and always one in the v2 tree where there is
 * one, for what only it can do: join at clone, kill, events, and for freezing.
 *
 * @throws CtrError CTR_UNSUPPORTED when this host lacks the controller of a limit that is asked for, or on a partition; CTR_BAD_CONFIG
 *   for a value out of range
 */
export function planCgroups(
  request: CgroupRequest,
  host: Pick<HostFacts, 'cgroups' | 'cgroupPrefix' | 'user' | 'cpus' | 'memoryNodes' | 'views'>,
): CgroupPlan {
  const partition = splitPartition(request.spec, host);
  const place: Place = { host, name: request.spec.name, partition };
  const drafts = new Map<string, Draft>();
  const openV1 = (mountpoint: string): Draft => openDraft(drafts, draftV1(mountpoint, place));
  const v2 = draftV2(place);

  const hasCpuset = hasController(host.cgroups, 'cpuset');
  for (const use of listControllerUses(request.spec, { ...host, hasCpuset })) {
    // Root without a user namespace could mount the hierarchy, and write to the groups of others if it were in none of its own.
    if (use.byV2 === 'freezes' && host.cgroups.v2?.freezes && request.hasUserNamespace) continue;
    if (use.byV2 === 'counts' && host.cgroups.v2 !== undefined) continue;
    const mountpoint = host.cgroups.v1[use.controller];
    if (mountpoint !== undefined) openV1(mountpoint).writes.push(...use.v1);
    else if (!useV2(v2, use, host.cgroups)) refuseMissing(use, host.user !== undefined);
  }
  const devices = host.cgroups.v1.devices;
  if (devices !== undefined && isForV1(request.devices)) {
    const draft = openV1(devices);
    draft.writes.push(...writeDeviceRules(request.devices));
    draft.lateRules.push(...request.devices.filter(({ device }) => device !== undefined));
  } else if (v2 !== undefined && host.cgroups.v2?.takesPrograms !== false)
    v2.program = compileDeviceRules(request.devices);
  else if (devices !== undefined) refuseRulesOfV1(request.spec.name);
  else if (!request.hasUserNamespace || request.hasDeviceRules) refuseWithoutDevices(request.spec.name);

  for (const { write, mountpoint, controller } of listExtraWrites(request.spec, host.cgroups)) {
    const draft = mountpoint === undefined ? v2 : openV1(mountpoint);
    draft?.writes.push(write);
    if (mountpoint === undefined && controller !== undefined) v2?.enabled.controllers.push(controller);
  }
  // The limits of a partition are of controllers that nothing else here may ask for.
  if (partition.length > 0) for (const mountpoint of listControllerMounts(host.cgroups)) openV1(mountpoint);
  // First: init is cloned into it, and everything behind it is made meanwhile.
  const all = [...(v2 === undefined ? [] : [v2]), ...drafts.values()];
  return { ops: [...planUnit(host.cgroups), ...all.flatMap(planDraft)], groups: all.map(({ group }) => group) };
}

function planUnit({ v2 }: CgroupLayout): Op[] {
  if (v2?.unit === undefined) return [];
  return [{ op: 'cgroup-unit', mountpoint: v2.mountpoint, slice: v2.unit.slice, unit: v2.unit.name }];
}

/** Whether a controller is there, in either version. */
export function hasController({ v1, v2 }: CgroupLayout, controller: string): boolean {
  return v1[controller] !== undefined || v2?.controllers.includes(controller) === true;
}

function openDraft(drafts: Map<string, Draft>, fresh: Draft): Draft {
  // Controllers mounted together share one hierarchy, so one group.
  const draft = drafts.get(fresh.group.mountpoint) ?? fresh;
  drafts.set(fresh.group.mountpoint, draft);
  return draft;
}

/** Where the groups of a container are, in each hierarchy. */
interface Place {
  readonly host: Pick<HostFacts, 'cgroups' | 'cgroupPrefix'>;
  readonly name: string;
  /** Names of its groups, from the top; empty: none. */
  readonly partition: readonly string[];
}

/** @param top directory that the partition begins in */
function pathsBelow(top: string, { host, name, partition }: Place): { partition: string[]; path: string } {
  const paths = partition.map((_, index) => [top, ...partition.slice(0, index + 1)].join('/'));
  return { partition: paths, path: `${paths.at(-1) ?? top}/${groupName(host.cgroupPrefix, name)}` };
}

function draftV1(mountpoint: string, place: Place): Draft {
  const { path, ...above } = pathsBelow(mountpoint, place);
  return {
    group: { version: 1, mountpoint, path },
    ...above,
    enabled: { from: [], controllers: [] },
    isCpuset: place.host.cgroups.v1.cpuset === mountpoint,
    writes: [],
    lateRules: [],
  };
}

function draftV2(place: Place): Draft | undefined {
  const { v2 } = place.host.cgroups;
  if (v2 === undefined) return undefined;
  const { mountpoint, base } = v2;
  // A partition is a path from the top: systemd's own slices are there as well.
  const top = base === '' || place.partition.length > 0 ? mountpoint : `${mountpoint}/${base}`;
  const { path, ...above } = pathsBelow(top, place);
  return {
    group: { version: 2, mountpoint, path },
    ...above,
    enabled: { from: [top, ...above.partition], controllers: [] },
    isCpuset: false,
    writes: [],
    lateRules: [],
  };
}

/** Hierarchies of v1 that limit something, each once. */
function listControllerMounts({ v1 }: CgroupLayout): string[] {
  const mounts = Object.entries(v1).filter(([controller]) => !controller.startsWith('name='));
  return [...new Set(mounts.map(([, mountpoint]) => mountpoint))];
}

/** Whether the v2 tree serves this use, or does without. */
function useV2(v2: Draft | undefined, use: ControllerUse, { v2: layout }: CgroupLayout): boolean {
  const controller = use.v2Controller;
  if (controller === undefined || v2 === undefined || !layout?.controllers.includes(controller))
    return use.purpose === undefined;
  v2.enabled.controllers.push(controller);
  v2.writes.push(...(use.v2 ?? []));
  return true;
}

function refuseMissing({ controller, purpose }: ControllerUse, isOrdinaryUser: boolean): never {
  if (isOrdinaryUser) {
    throw new CtrError(
      'CTR_UNSUPPORTED',
      `cannot ${purpose}: no cgroup with the controller '${controller}' is delegated to you`,
      { hint: 'systemd-run --user --scope ctr … runs it where one is; or take the limit out', data: { controller } },
    );
  }
  throw new CtrError('CTR_UNSUPPORTED', `cannot ${purpose}: this host has no cgroup controller '${controller}'`, {
    hint: 'mount it, or take the limit out of the configuration',
    data: { controller },
  });
}

/** Deeper or longer ones are no paths of people. */
const MOST_PARTS = 8;
const LONGEST_PART = 64;

/**
 * The groups that the container's is below, by their names. libvirt's default means no more than a place, and ctr has its own.
 *
 * @throws CtrError CTR_UNSUPPORTED for a path that leads elsewhere, and for an ordinary user, whose groups are where they were given
 */
function splitPartition(
  { name, partition = '/' }: CgroupRequest['spec'],
  { user }: Pick<HostFacts, 'user'>,
): readonly string[] {
  const parts = partition.split('/').filter((part) => part !== '');
  if (parts.length === 0 || (parts.length === 1 && parts[0] === 'machine')) return [];
  const refuse = (reason: string, hint: string) =>
    new CtrError('CTR_UNSUPPORTED', `cannot place '${name}' in partition '${partition}': ${reason}`, { hint });
  if (user !== undefined)
    throw refuse('an ordinary user has only the cgroups that are delegated to him', 'leave it out');
  const isOdd = parts.some((part) => /^\.|[^\w.@:\\-]/.test(part) || part.length > LONGEST_PART);
  if (isOdd || parts.length > MOST_PARTS)
    throw refuse('it is no path of cgroups', `at most ${MOST_PARTS} names like 'machine.slice' or 'prod'`);
  return parts;
}

/** With a user namespace root inside can make no node that works; without one, nothing keeps it from the host's disks. */
function refuseWithoutDevices(name: string): never {
  throw new CtrError(
    'CTR_UNSUPPORTED',
    `cannot limit the devices of '${name}': this host has no cgroup controller 'devices'`,
    {
      hint: 'mount cgroup v2, or give the container a user namespace of its own (idmap)',
      data: { controller: 'devices' },
    },
  );
}

function refuseRulesOfV1(name: string): never {
  throw new CtrError(
    'CTR_UNSUPPORTED',
    `cannot limit the devices of '${name}': cgroup v1 knows no exception from an exception, as these rules have`,
    { hint: 'mount cgroup v2, or name each device that is allowed' },
  );
}

function writeDeviceRules(rules: readonly DeviceRule[]): Write[] {
  return [
    ['devices.deny', 'a'],
    ...rules
      .filter(({ device }) => device === undefined)
      .map((rule): Write => [rule.allow ? 'devices.allow' : 'devices.deny', formatDeviceRule(rule)]),
  ];
}

function planDraft({ group, partition, enabled, isCpuset, writes, lateRules, program }: Draft): Op[] {
  const handDown = [...new Set(enabled.controllers)].map((controller) => `+${controller}`).join(' ');
  // An empty cpuset takes no process, and that of a new group is empty.
  const cpuset = (path: string): Op[] => (isCpuset ? [{ op: 'cgroup-cpuset', path }] : []);
  const handDownFrom = (path: string): Op[] =>
    handDown === '' ? [] : [{ op: 'cgroup-write', path: `${path}/cgroup.subtree_control`, value: handDown }];
  return [
    ...partition.flatMap((path) => [partitionDir(path), ...cpuset(path)]),
    ...enabled.from.flatMap(handDownFrom),
    { op: 'cgroup-dir', path: group.path, options: 0 },
    ...cpuset(group.path),
    ...writes.map((write) => planWrite(group.path, write)),
    ...lateRules.map(({ device = 0, access }): Op => ({ op: 'cgroup-device', path: group.path, device, access })),
    ...(program === undefined ? [] : [{ op: 'cgroup-devices', path: group.path, program } as const]),
    { op: 'cgroup-join', path: group.path, version: group.version },
  ];
}

function partitionDir(path: string): Op {
  return { op: 'cgroup-dir', path, options: OPTION.SHARED | OPTION.PARTITION };
}

function planWrite(group: string, [file, value, device]: Write): Op {
  const path = `${group}/${file}`;
  if (device === undefined) return { op: 'cgroup-write', path, value };
  return { op: 'cgroup-blkio', path, device, value };
}

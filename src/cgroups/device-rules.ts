import type { DeviceRuleSpec, DevicesSpec } from '../config/spec.js';

/** What a container may do with devices; '*' is any number. In order: a later rule wins. */
export interface DeviceRule {
  readonly allow: boolean;
  /** `a`: all devices, with any number. */
  readonly type: 'a' | 'c' | 'b';
  readonly major: number | '*';
  readonly minor: number | '*';
  /** Of `r`, `w`, `m` (mknod). */
  readonly access: string;
  /** Place of a `device` operation whose numbers it means, in the stead of these. */
  readonly device?: number;
}

/** A device that a node is for: by its numbers, or by the place of its `device` operation. */
export interface DeviceUse {
  readonly type: 'c' | 'b';
  readonly numbers: { readonly major: number; readonly minor: number } | { readonly device: number };
  readonly access: string;
}

const ALL = 'rwm';

const allow = (type: 'c' | 'b', major: number | '*', minor: number | '*', access = ALL): DeviceRule => ({
  allow: true,
  type,
  major,
  minor,
  access,
});

/** null, zero, full, random, urandom, tty, ptmx, and the slaves of devpts. libvirt has FUSE too; here it takes a request. */
const ALLOWED: readonly DeviceRule[] = [
  allow('c', 1, 3),
  allow('c', 1, 5),
  allow('c', 1, 7),
  allow('c', 1, 8),
  allow('c', 1, 9),
  allow('c', 5, 0),
  allow('c', 5, 2),
  allow('c', 136, '*'),
];

/** Nodes may be made, not opened. */
const MKNOD_OF_ANY: readonly DeviceRule[] = [allow('c', '*', '*', 'm'), allow('b', '*', '*', 'm')];

/**
 * The rules of a container; what none of them names is refused.
 *
 * @param mknod the configuration switches the capability on, as libvirt has it
 * @param uses devices of nodes, which the default rules let it use; rules of the configuration stand alone
 */
export function listDeviceRules(
  mknod: boolean,
  rules?: DevicesSpec['rules'],
  uses: readonly DeviceUse[] = [],
): readonly DeviceRule[] {
  if (rules !== undefined) return rules.flatMap(readRule);
  return [...ALLOWED, ...uses.flatMap(readUse), ...(mknod ? MKNOD_OF_ANY : [])];
}

function readUse({ type, numbers, access }: DeviceUse): DeviceRule[] {
  if (access === '') return [];
  if ('device' in numbers) return [{ ...allow(type, '*', '*', access), device: numbers.device }];
  return [allow(type, numbers.major, numbers.minor, access)];
}

function readRule({ allow: allows, kind, access, ...numbers }: DeviceRuleSpec): DeviceRule[] {
  const { major, minor }: { major: number | '*'; minor: number | '*' } = { major: '*', minor: '*', ...numbers };
  if (access === '') return [];
  const rest = { allow: allows, major, minor, access } as const;
  if (kind !== 'all') return [{ ...rest, type: kind === 'block' ? 'b' : 'c' }];
  const isAll = major === '*' && minor === '*' && [...ALL].every((letter) => access.includes(letter));
  return isAll ? [{ ...rest, type: 'a' }] : (['c', 'b'] as const).map((type) => ({ ...rest, type }));
}

/**
 * Whether cgroup v1 means the same by these rules. It has one default, which a rule for all devices sets, and exceptions from it;
 * a rule back to the default undoes an exception of exactly the same numbers, and does nothing about a wider one
 * (Documentation/admin-guide/cgroup-v1/devices.rst).
 */
export function isForV1(rules: readonly DeviceRule[]): boolean {
  const start = rules.findLastIndex(({ type }) => type === 'a');
  const isOpen = rules[start]?.allow ?? false;
  const exceptions: DeviceRule[] = [];
  for (const rule of rules.slice(start + 1)) {
    if (rule.allow !== isOpen) exceptions.push(rule);
    else if (exceptions.some((exception) => overlaps(exception, rule) && !isSame(exception, rule))) return false;
  }
  return true;
}

function overlaps(one: DeviceRule, other: DeviceRule): boolean {
  const meet = (a: number | '*', b: number | '*') => a === '*' || b === '*' || a === b;
  return one.type === other.type && meet(one.major, other.major) && meet(one.minor, other.minor);
}

function isSame(one: DeviceRule, other: DeviceRule): boolean {
  return one.type === other.type && one.major === other.major && one.minor === other.minor;
}

/** A line of `devices.allow` or `devices.deny`. */
export function formatDeviceRule({ type, major, minor, access }: DeviceRule): string {
  return type === 'a' ? 'a' : `${type} ${major}:${minor} ${access}`;
}

import type { CapabilitiesSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { OpOf } from '../exec/plan.js';
import { CAPABILITIES, type Capability, isCapability } from './capabilities.js';

/** What libvirt's default policy takes away. Its sixth, sys_boot, goes only where reboot(2) is not namespaced. */
const DROPPED_BY_DEFAULT: readonly Capability[] = ['sys_module', 'sys_time', 'mknod', 'audit_control', 'mac_admin'];

/**
 * The container's capabilities by libvirt's policies: `default` is all but five, `allow` all, `deny` none, each changed by the
 * states listed. Capabilities the kernel does not have yet are left out.
 *
 * @param lastCapability highest capability number of the kernel
 * @param ownPids false where the container is in the host's pid namespace
 * @throws CtrError CTR_BAD_CONFIG on an unknown name, CTR_UNSUPPORTED on one switched on that the kernel lacks
 */
export function listCapabilities(
  spec: CapabilitiesSpec,
  lastCapability: number,
  ownPids = true,
): ReadonlySet<Capability> {
  const known = CAPABILITIES.slice(0, lastCapability + 1);
  const kept = new Set<Capability>(spec.policy === 'deny' ? [] : known);
  if (spec.policy === 'default') for (const name of DROPPED_BY_DEFAULT) kept.delete(name);
  // reboot(2) of a process in the host's pid namespace is one of the host.
  if (!ownPids && spec.policy !== 'deny') kept.delete('sys_boot');
  for (const { name, state } of spec.states) {
    if (state === 'on') kept.add(checkCapability(name, lastCapability));
    else if (isCapability(name)) kept.delete(name);
    else throw new CtrError('CTR_BAD_CONFIG', `cannot set capability '${name}': no such capability`);
  }
  return kept;
}

/**
 * The exact sets of init. Unless the configuration says otherwise the effective and the permitted set are the bounding set, and the
 * inheritable and the ambient one are empty: a program that changes its user must not keep what its file was not given.
 *
 * @param bounding as `listCapabilities` gives it
 * @throws CtrError CTR_BAD_CONFIG for sets that capabilities(7) does not allow beside each other, or with an unknown name;
 *   CTR_UNSUPPORTED for one that the kernel lacks
 */
export function planCapabilities(
  bounding: ReadonlySet<Capability>,
  spec: CapabilitiesSpec,
  lastCapability: number,
): OpOf<'capabilities'> {
  const pick = (names: readonly string[]) => names.map((name) => checkCapability(name, lastCapability));
  const ambient = pick(spec.ambient ?? []);
  const permitted = spec.permitted === undefined ? [...bounding] : pick(spec.permitted);
  const effective = spec.effective === undefined ? permitted : pick(spec.effective);
  const inheritable = spec.inheritable === undefined ? ambient : pick(spec.inheritable);
  checkBelow('effective', effective, 'permitted', permitted);
  checkBelow('ambient', ambient, 'permitted', permitted);
  checkBelow('ambient', ambient, 'inheritable', inheritable);
  return {
    op: 'capabilities',
    bounding: maskOf([...bounding]),
    effective: maskOf(effective),
    permitted: maskOf(permitted),
    // Numbers stay small in a plan that has none.
    inheritable: inheritable.length === 0 ? 0 : maskOf(inheritable),
    ambient: ambient.length === 0 ? 0 : maskOf(ambient),
  };
}

function checkBelow(set: string, names: readonly Capability[], above: string, allowed: readonly Capability[]): void {
  const missing = names.find((name) => !allowed.includes(name));
  if (missing === undefined) return;
  throw new CtrError('CTR_BAD_CONFIG', `cannot give capability '${missing}': it is ${set}, but not ${above}`);
}

function checkCapability(name: string, lastCapability: number): Capability {
  if (!isCapability(name)) throw new CtrError('CTR_BAD_CONFIG', `cannot set capability '${name}': no such capability`);
  if (CAPABILITIES.indexOf(name) <= lastCapability) return name;
  throw new CtrError('CTR_UNSUPPORTED', `cannot keep capability '${name}': this kernel does not have it`);
}

function maskOf(names: readonly Capability[]): bigint {
  return names.reduce((mask, name) => mask | (1n << BigInt(CAPABILITIES.indexOf(name))), 0n);
}

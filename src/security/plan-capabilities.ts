import type { CapabilitiesSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { OpOf } from '../exec/plan.js';
import { CAPABILITIES, type Capability, isCapability } from './capabilities.js';

/**
 * What libvirt's default policy takes away. Its sixth, sys_boot, goes only where reboot(2) is not namespaced: all kernels that
 * this runs on have it namespaced.
 */
const DROPPED_BY_DEFAULT: readonly Capability[] = ['sys_module', 'sys_time', 'mknod', 'audit_control', 'mac_admin'];

/**
 * The container's capabilities by libvirt's policies: `default` is all but five, `allow` all, `deny` none, each changed by the
 * states listed. Capabilities the kernel does not have yet are left out.
 *
 * @param lastCapability highest capability number of the kernel
 * @throws CtrError CTR_BAD_CONFIG on an unknown name, CTR_UNSUPPORTED on one switched on that the kernel lacks
 */
export function listCapabilities(spec: CapabilitiesSpec, lastCapability: number): ReadonlySet<Capability> {
  const known = CAPABILITIES.slice(0, lastCapability + 1);
  const kept = new Set<Capability>(spec.policy === 'deny' ? [] : known);
  if (spec.policy === 'default') for (const name of DROPPED_BY_DEFAULT) kept.delete(name);
  for (const { name, state } of spec.states) {
    if (!isCapability(name))
      throw new CtrError('CTR_BAD_CONFIG', `cannot set capability '${name}': no such capability`);
    if (state === 'off') kept.delete(name);
    else if (known.includes(name)) kept.add(name);
    else throw new CtrError('CTR_UNSUPPORTED', `cannot keep capability '${name}': this kernel does not have it`);
  }
  return kept;
}

/**
 * The exact sets of init. The inheritable and the ambient set are empty: a program that changes its user must not keep what
 * its file was not given.
 */
export function planCapabilities(capabilities: ReadonlySet<Capability>): OpOf<'capabilities'> {
  let mask = 0n;
  for (const name of capabilities) mask |= 1n << BigInt(CAPABILITIES.indexOf(name));
  return { op: 'capabilities', bounding: mask, effective: mask, permitted: mask, inheritable: 0, ambient: 0 };
}

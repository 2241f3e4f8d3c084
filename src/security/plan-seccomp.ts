import type { SecuritySpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { OpOf } from '../exec/plan.js';
import type { HostFacts } from '../system/host-facts.js';
import { ABIS, compileSeccomp } from './seccomp-compile.js';
import { compileSeccompProfile } from './seccomp-custom.js';
import { makeAppProfile, makeOsProfile, type ProfileOptions } from './seccomp-profile.js';

/**
 * The seccomp filter of the container, compiled.
 *
 * @throws CtrError CTR_UNSUPPORTED when the kernel has no seccomp or no table knows its architecture; CTR_BAD_CONFIG for a call in a profile that
 *   does not exist
 */
export function planSeccomp(
  spec: SecuritySpec,
  host: Pick<HostFacts, 'seccomp' | 'arch'>,
  options: ProfileOptions,
): OpOf<'seccomp'>[] {
  if (spec.seccomp === 'none') return [];
  const hint = "seccomp='none' in the configuration gives the filter up";
  if (!host.seccomp)
    throw new CtrError('CTR_UNSUPPORTED', 'cannot filter system calls: this kernel has no seccomp', { hint });
  if (typeof spec.seccomp === 'object')
    return [{ op: 'seccomp', program: compileSeccompProfile(spec.seccomp, host.arch) }];
  const abis = ABIS[host.arch];
  if (abis === undefined) {
    throw new CtrError('CTR_UNSUPPORTED', `cannot filter system calls: no table of them for '${host.arch}'`, { hint });
  }
  const makeProfile = spec.seccomp === 'app' ? makeAppProfile : makeOsProfile;
  return [{ op: 'seccomp', program: compileSeccomp(makeProfile(options), abis) }];
}

import type { SecuritySpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { OPTION, type OpOf } from '../exec/plan.js';
import type { HostFacts } from '../system/host-facts.js';
import { ABIS, compileSeccomp } from './seccomp-compile.js';
import { compileSeccompProfile } from './seccomp-custom.js';

import {
  BY_ARGUMENT,
  makeAppProfile,
  makeOsProfile,
  type ProfileOptions,
  type Rule,
  type SeccompProfile,
} from './seccomp-profile.js';

/** What init does between its user namespace and its exec (native/init.c), on whichever architecture and C library. */
const STEPS_OF_INIT = `
  capget capset chdir close dup2 dup3 exit_group fchown fchownat fcntl fstat fstatat64 getcwd ioctl lseek mount newfstatat open
  openat openat2 personality prctl read readv recvfrom recvmsg sendmsg sendto setgroups setresgid setresuid setsid socket statx umask
  unshare
`
  .trim()
  .split(/\s+/);

/** What the checks of arguments in BY_ARGUMENT refuse, init does not do. */
export function allowsStepsOfInit(profile: SeccompProfile): boolean {
  const checks = new Set<Rule | undefined>(Object.values(BY_ARGUMENT));
  return STEPS_OF_INIT.every((name) => profile.get(name) === 'allow' || checks.has(profile.get(name)));
}

/**
 * The seccomp filter of the container, compiled.
 *
 * @throws CtrError CTR_UNSUPPORTED when the kernel has no seccomp or no table knows its architecture; CTR_BAD_CONFIG for a call in a profile that
 *   does not exist
 */
export function planSeccomp(
  spec: SecuritySpec,
  host: Pick<HostFacts, 'seccomp' | 'arch'>,
  options: ProfileOptions & {
    /** init does more than STEPS_OF_INIT before its exec. */
    readonly hasOtherSteps?: boolean;
  },
): OpOf<'seccomp'>[] {
  if (spec.seccomp === 'none') return [];
  const hint = "seccomp='none' in the configuration gives the filter up";
  if (!host.seccomp)
    throw new CtrError('CTR_UNSUPPORTED', 'cannot filter system calls: this kernel has no seccomp', { hint });
  if (typeof spec.seccomp === 'object')
    return [{ op: 'seccomp', program: compileSeccompProfile(spec.seccomp, host.arch), options: 0 }];
  const abis = ABIS[host.arch];
  if (abis === undefined) {
    throw new CtrError('CTR_UNSUPPORTED', `cannot filter system calls: no table of them for '${host.arch}'`, { hint });
  }
  const makeProfile = spec.seccomp === 'app' ? makeAppProfile : makeOsProfile;
  const profile = makeProfile(options);
  const early = !options.hasOtherSteps && allowsStepsOfInit(profile) ? OPTION.EARLY : 0;
  return [{ op: 'seccomp', program: compileSeccomp(profile, abis), options: early }];
}

/** Reads what a plan depends on besides the spec. */
import { existsSync, readFileSync } from 'node:fs';
import { machine, release } from 'node:os';
import { join } from 'node:path';
import { findDelegatedGroup } from './delegated-cgroup.js';
import { findCgroupMounts } from './host-cgroups.js';
import type { CgroupLayout, HostFacts } from './host-facts.js';
import type { Mount } from './mountinfo.js';
import { readOrdinaryUser } from './ordinary-user.js';
import { containerStateDir, type Paths } from './paths.js';
import { readMounts } from './procfs.js';
import { readSettings } from './read-settings.js';
import { findUserNetwork } from './user-network-program.js';

/** The facts for a plan of one container. @throws as `readSettings` */
export function readHostFacts(paths: Paths, name: string): HostFacts {
  const mounts = readMounts();
  const user = readOrdinaryUser();
  return {
    user,
    kernelRelease: release(),
    arch: machine(),
    lastCapability: Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8')),
    cgroups: user === undefined ? readCgroupLayout(mounts) : readUserLayout(mounts),
    cgroupParent: paths.cgroupParent,
    containerStateDir: containerStateDir(paths, name),
    consoleLogLimitBytes: readSettings().consoleLogLimitBytes,
    cpus: readLine('/sys/devices/system/cpu/online'),
    memoryNodes: readLine('/sys/devices/system/node/online'),
    securityfs: mounts.some((mount) => mount.fstype === 'securityfs'),
    machineId: readMachineId(),
    // This file exists exactly when the kernel has seccomp filters, seccomp(2).
    seccomp: existsSync('/proc/sys/kernel/seccomp/actions_avail'),
    securityModules: readSecurityModules(),
    ...(user === undefined ? {} : { userNetwork: findUserNetwork() }),
  };
}

function readLine(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

function readMachineId(): string | undefined {
  try {
    return /^[0-9a-f]{32}$/m.exec(readFileSync('/etc/machine-id', 'utf8'))?.[0];
  } catch {
    return undefined;
  }
}

/** The hierarchies of this host and, for v2, the controllers at its top. */
export function readCgroupLayout(mounts: readonly Mount[]): CgroupLayout {
  const { v1, v2 } = findCgroupMounts(mounts);
  if (v2 === undefined) return { v1 };
  const controllers = readFileSync(join(v2, 'cgroup.controllers'), 'utf8').split(/\s+/).filter(Boolean);
  const [major = 0, minor = 0] = release().split('.').map(Number.parseFloat);
  return { v1, v2: { mountpoint: v2, base: '', controllers, freezes: major > 5 || (major === 5 && minor >= 2) } };
}

/** What of them an ordinary user may change: nothing of v1. */
export function readUserLayout(mounts: readonly Mount[]): CgroupLayout {
  const { v2 } = findCgroupMounts(mounts);
  const delegated = v2 === undefined ? undefined : findDelegatedGroup(v2);
  return delegated === undefined ? { v1: {} } : { v1: {}, v2: delegated };
}

/** Those of the two that are in force: SELinux has its own file system, AppArmor a file of its own in /proc (proc_pid_attr(5)). */
function readSecurityModules(): ('apparmor' | 'selinux')[] {
  const files = { apparmor: '/proc/self/attr/apparmor/exec', selinux: '/sys/fs/selinux/enforce' } as const;
  return (['apparmor', 'selinux'] as const).filter((module) => existsSync(files[module]));
}

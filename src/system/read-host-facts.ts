/** Reads what a plan depends on besides the spec. */
import { existsSync, readFileSync } from 'node:fs';
import { machine, release } from 'node:os';
import type { HostFacts } from './host-facts.js';
import { readOrdinaryUser } from './ordinary-user.js';
import { containerStateDir, type Paths } from './paths.js';
import { readMounts } from './procfs.js';
import { readCgroupLayout, readUserLayout } from './read-cgroup-layout.js';
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
    cgroupPrefix: paths.cgroupPrefix,
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

/** Those of the two that are in force: SELinux has its own file system, AppArmor a file of its own in /proc (proc_pid_attr(5)). */
function readSecurityModules(): ('apparmor' | 'selinux')[] {
  const files = { apparmor: '/proc/self/attr/apparmor/exec', selinux: '/sys/fs/selinux/enforce' } as const;
  return (['apparmor', 'selinux'] as const).filter((module) => existsSync(files[module]));
}

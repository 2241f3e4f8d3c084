/** What a test needs of its host. Each function gives the reason why this host has it not, undefined when it has. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export function lacksRoot(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'needs root: the tests look at what only root sees';
}

export function lacksProgram(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program))) ? undefined : `needs the program '${program}'`;
}

/** Real files of other projects: read in place, beside the checkout, never copied into it. */
export const CORPUS = join(import.meta.dirname, '../../../shared/corpus');

export function lacksCorpus(): string | undefined {
  return existsSync(CORPUS) ? undefined : 'needs ../shared/corpus beside the checkout';
}

/** cgroup controller, v1 or v2. */
export function lacksController(controller: string): string | undefined {
  const v1 = readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .some((line) => line.split(':')[1]?.split(',').includes(controller));
  const v2 = existsSync('/sys/fs/cgroup/cgroup.controllers')
    ? readFileSync('/sys/fs/cgroup/cgroup.controllers', 'utf8').trimEnd().split(' ').includes(controller)
    : false;
  return v1 || v2 ? undefined : `needs the cgroup controller '${controller}'`;
}

/** What rules for devices need: the controller of v1, or programs of the v2 tree. */
export function lacksDeviceRules(): string | undefined {
  const isV2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
  return isV2 ? undefined : lacksController('devices');
}

export function lacksStaticBusybox(): string | undefined {
  const missing = lacksProgram('busybox');
  if (missing !== undefined) return missing;
  // A dynamic program names its loader (PT_INTERP); ldd of a static one fails.
  return spawnSync('sh', ['-c', 'ldd "$(command -v busybox)"'], { stdio: 'ignore' }).status === 0
    ? "needs a static busybox (Debian package 'busybox-static')"
    : undefined;
}

/** What holds a fork bomb of ctr's that fails: kernel.pid_max per pid namespace (Linux 6.14), or a machine that may be taken apart. */
export function lacksContainment(): string | undefined {
  if (lacksTestVm() === undefined) return undefined;
  const [major = 0, minor = 0] = readFileSync('/proc/sys/kernel/osrelease', 'utf8').split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 14) ? undefined : 'needs Linux 6.14 (pid_max of a pid namespace)';
}

/** A loop device that can be made: the driver is there, and root may use it. */
export function lacksLoopDevices(): string | undefined {
  return existsSync('/sys/block/loop0') || existsSync('/dev/loop-control')
    ? lacksProgram('mkfs.ext4')
    : 'needs loop devices (kernel module loop)';
}

/** A file system of the kernel, or one it can load. */
export function lacksFilesystem(fstype: string): string | undefined {
  const known = readFileSync('/proc/filesystems', 'utf8').split('\n');
  return known.some((line) => line.endsWith(`\t${fstype}`))
    ? undefined
    : `needs the file system '${fstype}' in the kernel`;
}

/** The first reason among them. */
export function firstLack(...reasons: readonly (string | undefined)[]): string | undefined {
  return reasons.find((reason) => reason !== undefined);
}

/** sd_booted(3). */
export function lacksSystemd(): string | undefined {
  return existsSync('/run/systemd/system') ? undefined : 'needs systemd as PID 1';
}

/** A machine that may be taken apart. */
export function lacksTestVm(): string | undefined {
  return existsSync('/usr/local/lib/ctr-testvm') ? undefined : 'needs the test VM';
}

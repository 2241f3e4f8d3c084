import { MS, OPTION, type Op } from '../exec/plan.js';

export interface KernelMountsOptions {
  readonly ownNetwork: boolean;
  readonly hasUserNamespace: boolean;
  /** The container may mount a procfs of its own. */
  readonly nesting: boolean;
  /** Whether securityfs is mounted on the host. */
  readonly securityfs: boolean;
}

const LOCKED_DOWN = MS.NOSUID | MS.NODEV | MS.NOEXEC;

/**
 * /proc and /sys. They are mounted from outside the container's user namespace, so a sysfs of the host's network namespace can
 * be mounted too: libvirt, which mounts inside, must bind the host's /sys with all that is mounted below it.
 *
 * The kernel refuses a nested container its procfs while any part of the one here is covered (mount_too_revealing): with
 * `nesting` /proc/sys stays as it is, and the user namespace alone guards what is not namespaced.
 */
export function planKernelMounts(options: KernelMountsOptions): Op[] {
  const sysctlsGuarded = options.nesting && options.hasUserNamespace;
  return [
    mount('proc', '/proc', LOCKED_DOWN),
    ...(sysctlsGuarded ? [] : planSysctls(options.ownNetwork)),
    mount('sysfs', '/sys', LOCKED_DOWN | MS.RDONLY),
    ...(options.securityfs && !options.hasUserNamespace
      ? [mount('securityfs', '/sys/kernel/security', LOCKED_DOWN | MS.RDONLY)]
      : []),
  ];
}

/**
 * /proc/sys read-only, but for /proc/sys/net when the network is the container's.
 *
 * It is the whole of /proc/sys/net: this directory shows each process its own network namespace. Its subdirectories do not:
 * a bind of /proc/sys/net/ipv4, as libvirt's table has it, stays with the namespace of the process that made it: the host's.
 */
function planSysctls(ownNetwork: boolean): Op[] {
  return [{ op: 'read-only', path: '/proc/sys', except: ownNetwork ? '/proc/sys/net' : '', options: 0 }];
}

function mount(fstype: string, target: string, flags: number): Op {
  return { op: 'mount', fstype, source: fstype, target, flags, data: '', options: OPTION.NO_SYMLINKS };
}

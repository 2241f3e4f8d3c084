import type { KernelMountsSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { MS, OPTION, type Op, type OpOf } from '../exec/plan.js';

export interface KernelMountsOptions {
  readonly ownNetwork: boolean;
  readonly hasUserNamespace: boolean;
  /** Who mounts it is root of a user namespace alone. */
  readonly isOrdinaryUser?: boolean | undefined;
  /** The container may mount a procfs of its own. */
  readonly nesting: boolean;
  /** Whether securityfs is mounted on the host. */
  readonly securityfs: boolean;
  readonly kernelMounts?: KernelMountsSpec | undefined;
}

/** As numbers, which kernels before 5.8 take, too; `ptraceable` came with it. */
const HIDE_PID = { noaccess: 1, invisible: 2, ptraceable: 4 } as const;

const LOCKED_DOWN = MS.NOSUID | MS.NODEV | MS.NOEXEC;

/**
 * /proc and /sys. They are mounted from outside the container's user namespace, so a sysfs of the host's network namespace can
 * be mounted too: libvirt, which mounts inside, must bind the host's /sys with all that is mounted below it.
 *
 * The kernel refuses a nested container its procfs while any part of the one here is covered (mount_too_revealing): with
 * `nesting` /proc/sys stays as it is, and the user namespace alone guards what is not namespaced.
 */
export function planKernelMounts(options: KernelMountsOptions): Op[] {
  return [...planProc(options), ...planSys(options)];
}

function planProc({ nesting, hasUserNamespace, ownNetwork, kernelMounts }: KernelMountsOptions): Op[] {
  const { proc = 'guarded', hidePid, procSubset } = kernelMounts ?? {};
  if (proc === 'none') return [];
  const isOpen = proc === 'writable' || (nesting && hasUserNamespace);
  const data = [
    ...(hidePid === undefined ? [] : [`hidepid=${HIDE_PID[hidePid]}`]),
    ...(procSubset === undefined ? [] : [`subset=${procSubset}`]),
  ].join(',');
  const hasSysctls = procSubset === undefined;
  return [{ ...mount('proc', '/proc', LOCKED_DOWN), data }, ...(isOpen || !hasSysctls ? [] : planSysctls(ownNetwork))];
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

const READ_ONLY_BUT_NETWORK: Op = { op: 'read-only', path: '/sys', except: '/sys/devices/virtual/net', options: 0 };

function planSys({ securityfs, hasUserNamespace, kernelMounts, ...options }: KernelMountsOptions): Op[] {
  const { sys = 'readonly' } = kernelMounts ?? {};
  if (sys === 'none') return [];
  if (options.isOrdinaryUser && !options.ownNetwork) return planHostSys(sys);
  return [
    mount('sysfs', '/sys', LOCKED_DOWN | (sys === 'readonly' ? MS.RDONLY : 0)),
    ...(sys === 'mixed' ? [READ_ONLY_BUT_NETWORK] : []),
    ...(securityfs && !hasUserNamespace ? [mount('securityfs', '/sys/kernel/security', LOCKED_DOWN | MS.RDONLY)] : []),
  ];
}

/** A sysfs is mounted by the owner of the network that it shows. The host's own is shown with all that is mounted in it. */
function planHostSys(sys: string): Op[] {
  if (sys !== 'readonly') {
    throw new CtrError('CTR_UNSUPPORTED', "cannot plan '/sys': a writable one of the host's network needs root", {
      hint: 'give the container a network of its own',
    });
  }
  const flags = LOCKED_DOWN | MS.RDONLY | MS.REC;
  return [{ op: 'bind', source: '/sys', target: '/sys', flags, options: OPTION.NO_SYMLINKS }];
}

function mount(fstype: string, target: string, flags: number): OpOf<'mount'> {
  return { op: 'mount', fstype, source: fstype, target, flags, data: '', options: OPTION.NO_SYMLINKS };
}

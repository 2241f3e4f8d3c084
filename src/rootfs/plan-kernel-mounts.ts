import type { KernelMountsSpec } from '../config/spec.js';
import { MS, OPTION, type Op, type OpOf } from '../exec/plan.js';

export interface KernelMountsOptions {
  readonly ownNetwork: boolean;
  readonly hasUserNamespace: boolean;
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
 * /proc/sys read-only, but for /proc/sys/net when the network is the container's. A read-only tree has no writable part left to
 * bind, so that part waits on /sys, where nothing is mounted yet.
 *
 * It is the whole of /proc/sys/net: this directory shows each process its own network namespace. Its subdirectories do not:
 * a bind of /proc/sys/net/ipv4, as libvirt's table has it, stays with the namespace of the process that made it: the host's.
 */
function planSysctls(ownNetwork: boolean): Op[] {
  const readOnly: Op = { op: 'read-only', path: '/proc/sys', options: 0 };
  if (!ownNetwork) return [readOnly];
  return [
    bindInside('/proc/sys/net', '/sys'),
    readOnly,
    bindInside('/sys', '/proc/sys/net'),
    { op: 'detach', path: '/sys', options: 0 },
  ];
}

function planSys({ securityfs, hasUserNamespace, kernelMounts }: KernelMountsOptions): Op[] {
  const { sys = 'readonly' } = kernelMounts ?? {};
  if (sys === 'none') return [];
  return [
    ...(sys === 'mixed'
      ? planMixedSys()
      : [mount('sysfs', '/sys', LOCKED_DOWN | (sys === 'writable' ? 0 : MS.RDONLY))]),
    ...(securityfs && !hasUserNamespace ? [mount('securityfs', '/sys/kernel/security', LOCKED_DOWN | MS.RDONLY)] : []),
  ];
}

/**
 * A writable sysfs waits on /dev, where nothing is mounted yet, to give the devices of the network. It is mounted first: the file
 * system of a network namespace is as its first mount, read-only or not.
 */
function planMixedSys(): Op[] {
  return [
    mount('sysfs', '/dev', LOCKED_DOWN),
    mount('sysfs', '/sys', LOCKED_DOWN | MS.RDONLY),
    bindInside('/dev/devices/virtual/net', '/sys/devices/virtual/net'),
    { op: 'detach', path: '/dev', options: 0 },
  ];
}

function mount(fstype: string, target: string, flags: number): OpOf<'mount'> {
  return { op: 'mount', fstype, source: fstype, target, flags, data: '', options: OPTION.NO_SYMLINKS };
}

function bindInside(source: string, target: string): Op {
  return { op: 'bind', source, target, flags: 0, options: OPTION.INSIDE | OPTION.NO_SYMLINKS };
}

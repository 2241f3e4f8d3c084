import type { KernelMountsSpec, SecuritySpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { OPTION, type Op } from '../exec/plan.js';

/** They tell about the host, or reach its hardware and keys. Each is absent on some kernels. */
export const MASKED_PATHS = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/kmsg',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
] as const;

/** Readable, but a write reaches the host. /proc/sys is part of the mount table. */
export const READ_ONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sysrq-trigger'] as const;

/**
 * Masks and read-only paths: ctr's own, then those of the configuration. Of ctr's none for a container that nests others: the kernel
 * refuses a fresh procfs or sysfs below a user namespace while parts of the one in sight are covered (mount_too_revealing).
 *
 * @throws CtrError CTR_BAD_CONFIG for a path that is not absolute
 */
export function planMasks(name: string, spec: SecuritySpec, { proc, sys }: KernelMountsSpec = {}): Op[] {
  const hasOwn = spec.masks && !spec.nesting;
  // What the configuration wants writable, it wants whole.
  const isGuarded = (path: string) => hasOwn && (path.startsWith('/proc/') ? proc : sys) !== 'writable';
  const readOnly = new Set([...READ_ONLY_PATHS.filter(isGuarded), ...(spec.readonlyPaths ?? [])]);
  const masked = new Set([...MASKED_PATHS.filter(isGuarded), ...(spec.maskedPaths ?? [])]);
  const foreign = [...readOnly, ...masked].find((path) => !path.startsWith('/') || path === '/');
  if (foreign !== undefined) {
    throw new CtrError('CTR_BAD_CONFIG', `cannot mask '${foreign}' of '${name}': it is no absolute path below '/'`);
  }
  return [
    ...[...readOnly].map((path) => ({ op: 'read-only', path, except: '', options: OPTION.OPTIONAL }) as const),
    ...[...masked].map((path) => ({ op: 'mask', path, options: OPTION.OPTIONAL }) as const),
  ];
}

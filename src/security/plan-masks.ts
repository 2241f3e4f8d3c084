import type { SecuritySpec } from '../config/spec.js';
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
 * Masks and read-only paths. None for a container that nests others: the kernel refuses a fresh procfs or sysfs below a user
 * namespace while parts of the one in sight are covered (mount_too_revealing).
 */
export function planMasks(spec: SecuritySpec): Op[] {
  if (!spec.masks || spec.nesting) return [];
  return [
    ...READ_ONLY_PATHS.map((path) => ({ op: 'read-only', path, except: '', options: OPTION.OPTIONAL }) as const),
    ...MASKED_PATHS.map((path) => ({ op: 'mask', path, options: OPTION.OPTIONAL }) as const),
  ];
}

/** Limits in the text of an LXC configuration, whose other lines and comments stay as they are. Pure. */
import { formatCgroupFiles } from '../lxc/cgroup-print.js';
import type { ContainerSpec } from '../spec.js';
import { findLimit, LIMITS } from './table.js';

/** What is said of memory and swap, of quota and period, of devices, is one line or depends on one. */
const TOGETHER = [/^memory(\.swap)?$/, /^cpu(\.quota|\.period)?$/, /^cpu\.(shares|weight)$/, /^blkio\./];

/** Names of v1 for a weight, beside that of the kernel's file. */
const MORE_FILES: Readonly<Record<string, readonly string[]>> = {
  'blkio.weight': ['blkio.weight'],
  'blkio.device-weight': ['blkio.weight_device', 'blkio.device_weight'],
};

/** The text with other lines for these keys, at its end: the last one counts. */
export function withLxcLimits(text: string, spec: ContainerSpec, keys: readonly string[]): string {
  const files = new Set(keys.flatMap(filesOf));
  const kept = text.split('\n').filter((line) => {
    const file = /^\s*lxc\.cgroup2?\.([A-Za-z0-9_.]+?)\s*=/.exec(line)?.[1];
    return file === undefined || !files.has(file);
  });
  const fresh = ([1, 2] as const).flatMap((version) =>
    formatCgroupFiles(spec, version)
      .filter(({ name }) => files.has(name ?? ''))
      .map(({ name, value }) => `lxc.cgroup${version === 1 ? '' : '2'}.${name} = ${value}`),
  );
  const body = kept.join('\n').replace(/\n*$/, '\n');
  return fresh.length === 0 ? body : `${body}${fresh.join('\n')}\n`;
}

function filesOf(key: string): string[] {
  const row = findLimit(key);
  const page = /^hugetlb\.(.+)$/.exec(key)?.[1];
  if (row === undefined) return [];
  const together = TOGETHER.find((pattern) => pattern.test(key));
  const rows = together === undefined ? [row] : LIMITS.filter((other) => together.test(other.key));
  return rows.flatMap(({ key: name, v1, v2 }) =>
    [...v1.split(', '), v2, ...(MORE_FILES[name] ?? [])].map((file) => file.replace('SIZE', page ?? 'SIZE')),
  );
}

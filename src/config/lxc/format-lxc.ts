import type { ContainerSpec } from '../spec.js';
import { formatValue } from './config-lines.js';
import { NET_ROWS } from './net-rows.js';
import type { Printed } from './rows.js';
import { net, TABLE } from './table.js';

const KEYS = new Set(TABLE.map(({ key }) => key));

/**
 * A container in LXC's format with the keys of LXC 3 and later. Ends with a newline. What the format has no word for is left
 * out; a file that was read gives the same container when its print is read.
 */
export function formatLxc(spec: ContainerSpec): string {
  const kept = new Map<string, string[]>();
  for (const { format, key, value } of spec.kept ?? []) {
    if (format !== 'lxc') continue;
    const values = kept.get(key);
    if (values === undefined) kept.set(key, [value]);
    else values.push(value);
  }
  const printed = TABLE.flatMap((row) => {
    if (row === net) return formatNetworks(spec, kept);
    return [...formatLines(row.key, row.print(spec)), ...formatKept(row.key, row.family !== undefined, kept)];
  });
  return printed.map((line) => `${line}\n`).join('');
}

function formatLines(key: string, lines: readonly Printed[]): string[] {
  return lines.flatMap(({ name, value }) => {
    const text = formatValue(value);
    return text === undefined ? [] : [`${key}${name === undefined ? '' : `.${name}`} = ${text}`];
  });
}

function formatKept(key: string, isFamily: boolean, kept: ReadonlyMap<string, readonly string[]>): string[] {
  const keys = isFamily ? [...kept.keys()].filter((name) => name.startsWith(`${key}.`) && !KEYS.has(name)) : [key];
  return keys.flatMap((name) =>
    formatLines(
      name,
      (kept.get(name) ?? []).map((value) => ({ value })),
    ),
  );
}

function formatNetworks(spec: ContainerSpec, kept: ReadonlyMap<string, readonly string[]>): string[] {
  const { interfaces, features, namespaces } = spec;
  if (interfaces.length === 0) {
    const isHost = namespaces?.net === undefined ? !features.privnet : namespaces.net.kind === 'host';
    return isHost ? [`${net.key}.0.type = none`] : [];
  }
  return interfaces.flatMap((link, index) =>
    NET_ROWS.flatMap((row) => {
      const key = `${net.key}.${index}.${row.key}`;
      return [...formatLines(key, row.print(link)), ...formatKept(key, false, kept)];
    }),
  );
}

/** What two models of one container say differently, in words: how `convert` tells what it lost. Pure. */
import { changesOrder } from './compare-order.js';
import { describePlace, describePlaces, describeValue } from './describe-spec-place.js';
import { type Plain, settleSpec } from './settle-spec.js';
import type { ContainerSpec } from './spec.js';

/** What is meant where a part is absent: docs of `spec-*.ts`. Flags that are off, empty lists and empty parts are so anyway. */
const DEFAULTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['kernelMounts.sys', 'readonly'],
  ['kernelMounts.cgroup', 'readonly'],
  ['kernelMounts.dev', 'own'],
  ['process.terminal', true],
  ['lifecycle.killSignal', 'KILL'],
  ['hostFiles.resolvConf', 'off'],
  ['hostFiles.timezone', 'off'],
  ['hostFiles.linkJournal', 'no'],
  ['autostart.enabled', false],
]);

/** What tells one entry of a list from the others; entries of other lists go by their number. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  filesystems: ['target'],
  env: ['name'],
  annotations: ['name'],
  sysctls: ['name'],
  rlimits: ['name'],
  procFiles: ['file'],
  cgroupFiles: ['version', 'file'],
  nodes: ['path'],
  ports: ['protocol', 'address', 'host'],
  hooks: ['when', 'path'],
  ips: ['address'],
  routes: ['address', 'prefix'],
  hostIps: ['address'],
  hostRoutes: ['address', 'prefix'],
  devices: ['path'],
};

/** Lists whose entries are what they are by their place; of other lists of words and numbers only what is in them counts. */
const ORDERED: ReadonlySet<string> = new Set(['args', 'fallbacks', 'lowers']);

/**
 * The differences, one line each, in the order of the model; empty when both mean the same container.
 *
 * @param before what it was
 * @param after what it became: parts of `before` that are not there are lost
 */
export function compareSpecs(before: ContainerSpec, after: ContainerSpec): string[] {
  const lines: string[] = [];
  compare(settleSpec(before), settleSpec(after), [], lines);
  return lines;
}

function compare(before: unknown, after: unknown, path: readonly string[], lines: string[]): void {
  const from = normalize(before, path);
  const to = normalize(after, path);
  if (from === undefined && to === undefined) return;
  if (Array.isArray(from) || Array.isArray(to)) compareLists(asList(from), asList(to), path, lines);
  else if (isPlain(from) || isPlain(to)) compareParts(from, to, path, lines);
  else if (from !== to) lines.push(describeDifference(from, to, path));
}

/** One side may be a word where the other is an object (`seccomp`): then the whole differs. */
function compareParts(from: unknown, to: unknown, path: readonly string[], lines: string[]): void {
  if ((from !== undefined && !isPlain(from)) || (to !== undefined && !isPlain(to)) || isWhole(path)) {
    if (!sameValue(from, to)) lines.push(describeDifference(from, to, path));
    return;
  }
  for (const key of new Set([...Object.keys(from ?? {}), ...Object.keys(to ?? {})])) {
    compare((from as Plain | undefined)?.[key], (to as Plain | undefined)?.[key], [...path, key], lines);
  }
}

function compareLists(
  from: readonly unknown[],
  to: readonly unknown[],
  path: readonly string[],
  lines: string[],
): void {
  const before = keyed(from, path);
  const after = keyed(to, path);
  const list = path.join('.');
  if (list === 'filesystems' && changesOrder(before, after)) lines.push('order of the filesystems changes');
  if (IN_ORDER.has(list) && !isInOrder(before, after)) lines.push(`order of the ${IN_ORDER.get(list)} changes`);
  const lost: [string, unknown][] = [];
  for (const [key, entry] of before) {
    const other = after.get(key);
    if (other === undefined) lost.push([key, entry]);
    else if (isPlain(entry) && isPlain(other)) compareParts(entry, other, [...path, key], lines);
    else if (!sameValue(entry, other)) lines.push(describeDifference(entry, other, [...path, key]));
  }
  lines.push(...describeEntries(lost, path, 'lost'));
  const added = [...after].filter(([key]) => !before.has(key));
  lines.push(...describeEntries(added, path, 'added'));
}

/** What is done one after the other. */
const IN_ORDER: ReadonlyMap<string, string> = new Map([
  ['hooks', 'hooks'],
  ['cgroupFiles', 'cgroup files'],
]);

function isInOrder(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): boolean {
  const kept = [...before.keys()].filter((key) => after.has(key));
  return [...after.keys()].filter((key) => before.has(key)).every((key, index) => key === kept[index]);
}

/** More than these share a line, which names them and no more. */
const MAX_LINES = 2;

function describeEntries(
  entries: readonly (readonly [string, unknown])[],
  path: readonly string[],
  fate: 'lost' | 'added',
): string[] {
  if (entries.length > MAX_LINES)
    return [
      `${describePlaces(
        path,
        entries.map(([key]) => key),
      )} are ${fate}`,
    ];
  return entries.map(([key, entry]) =>
    fate === 'lost'
      ? describeDifference(entry, undefined, [...path, key])
      : describeDifference(undefined, entry, [...path, key]),
  );
}

/** Entries by what tells them apart; the second of one key gets a number. */
function keyed(list: readonly unknown[], path: readonly string[]): Map<string, unknown> {
  const keys = KEYS[path.at(-1) ?? ''];
  const isOrdered = ORDERED.has(path.at(-1) ?? '');
  const entries = new Map<string, unknown>();
  list.forEach((entry, index) => {
    const name = isPlain(entry)
      ? keys?.map((key) => String(entry[key])).join(' ')
      : isOrdered
        ? undefined
        : String(entry);
    let key = name ?? `#${index + 1}`;
    for (let count = 2; entries.has(key); count += 1) key = `${name} (${count})`;
    entries.set(key, entry);
  });
  return entries;
}

/** A value, or undefined when it says no more than its absence would. */
function normalize(value: unknown, path: readonly string[]): unknown {
  if (DEFAULTS.has(path.join('.'))) return value === DEFAULTS.get(path.join('.')) ? undefined : value;
  if (value === false || value === null) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value;
  if (isNamespace(path) && (value as Plain | undefined)?.kind === usualNamespace(path)) return undefined;
  return value;
}

/** Clocks are the host's unless a spec says otherwise. */
function usualNamespace(path: readonly string[]): 'own' | 'host' {
  return path[1] === 'time' ? 'host' : 'own';
}

/** Parts that are one thing: whose namespace, and which one. */
function isWhole(path: readonly string[]): boolean {
  return isNamespace(path) || path.join('.') === 'idRange';
}

function isNamespace(path: readonly string[]): boolean {
  return path.length === 2 && path[0] === 'namespaces';
}

function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeDifference(from: unknown, to: unknown, path: readonly string[]): string {
  const place = describePlace(path);
  const value = (side: unknown) => (side === path.at(-1) ? '' : describeValue(side, path));
  if (from === false) return `${place} becomes yes instead of no`;
  if (to === false) return `${place} becomes no instead of yes`;
  if (to === undefined) return `${place} is lost${inBrackets(value(from))}`;
  if (from === undefined) return `${place} is added${inBrackets(value(to))}`;
  return `${place} becomes ${value(to)} instead of ${value(from)}`;
}

function inBrackets(text: string): string {
  return text === '' ? '' : `: ${text}`;
}

import { quote } from '../display-text.js';
import { nearestName } from '../nearest-name.js';
import { NET_ROWS, netType } from './net-rows.js';
import { HOOK_ROWS, hook } from './process-rows.js';
import type { KeyRow, NetRow, ValueType } from './rows.js';
import { capKeep } from './security-rows.js';
import { createSettings, type Entry, type Settings } from './settings.js';
import { net, TABLE } from './table.js';

/** What all lines together set. */
export interface Draft {
  readonly settings: Settings;
  readonly nets: Map<number, Net>;
  /** The network that keys of LXC 2 belong to. */
  legacyNet: number;
  highestNet: number;
}

export interface Net {
  readonly settings: Settings;
  /** The line of its type, or the first one. */
  readonly entry: Entry;
}

export function createDraft(): Draft {
  return { settings: createSettings(), nets: new Map(), legacyNet: -1, highestNet: -1 };
}

const EXACT = new Map(TABLE.flatMap((row) => [row.key, ...row.legacy].map((name): [string, KeyRow] => [name, row])));
const NET_KEYS = new Map(
  NET_ROWS.flatMap((row) => [row.key, ...row.legacy].map((name): [string, NetRow] => [name, row])),
);

const FAMILIES = [...EXACT].filter(([, row]) => row.family !== undefined).map(([name]) => name);
const LONGEST_FAMILY = Math.max(...FAMILIES.map((name) => name.length));

/** What a misspelt key may have meant: keys, and families with a dot behind. */
const KNOWN = [...EXACT].map(([name, row]) => (row.family === undefined ? name : `${name}.`));

/** Sets what a line says, or reports what is wrong with it. */
export function applyLine(entry: Entry, draft: Draft): void {
  const { key } = entry;
  const exact = EXACT.get(key);
  if (exact !== undefined) {
    applyExact(exact, entry, draft);
    return;
  }
  for (let dot = key.lastIndexOf('.', LONGEST_FAMILY); dot > 0; dot = key.lastIndexOf('.', dot - 1)) {
    const row = EXACT.get(key.slice(0, dot));
    if (row?.family === undefined || dot + 1 === key.length) continue;
    if (row === net) applyNet(entry, key.slice(dot + 1), draft);
    else applyValue(row, key.slice(dot + 1), entry, draft.settings);
    return;
  }
  const hint = KNOWN.includes(key)
    ? `after it comes a name: ${key}NAME`
    : entry.report.isFull()
      ? undefined
      : (hintFor(key, KNOWN) ?? hintForFamily(key));
  entry.report.error(entry.offset, `unknown key ${quote(key)}`, hint);
}

function hintFor(name: string, known: Iterable<string>, prefix = ''): string | undefined {
  const near = nearestName(name, known);
  return near === undefined ? undefined : `did you mean '${prefix}${near}'?`;
}

/** `lxc.prlimt.nofile` is far from `lxc.prlimit.`, but its beginning is not. */
function hintForFamily(key: string): string | undefined {
  const beginning = key.split('.', 2).join('.');
  const near = key.length === beginning.length ? undefined : nearestName(beginning, FAMILIES);
  if (near === undefined) return undefined;
  return `did you mean '${near}${quote(key.slice(beginning.length)).slice(1)}?`;
}

/** A key that stands in the table as it is: of a family it only takes back. */
function applyExact(row: KeyRow, entry: Entry, draft: Draft): void {
  if (row.family === undefined && row !== hook) {
    applyValue(row, '', entry, draft.settings);
    return;
  }
  if (entry.value !== '') {
    const message = row === hook ? 'takes no value: name the hook' : `takes no value: write ${row.key}.${row.family}`;
    entry.report.error(entry.valueOffset, `${quote(entry.key)} ${message}`);
  } else if (row === net) {
    draft.nets.clear();
    draft.legacyNet = -1;
    draft.highestNet = -1;
  } else {
    for (const cleared of row === hook ? HOOK_ROWS : [row]) draft.settings.clear(cleared);
  }
}

function applyValue<T>(row: KeyRow<T> | NetRow<T>, name: string, entry: Entry, settings: Settings): void {
  if (entry.value === '') {
    settings.clear(row, name);
    return;
  }
  const value = parseValue(row.type, entry);
  if (value === undefined) {
    settings.spoil(row);
    return;
  }
  // `none` takes back what was kept before it.
  if (row.key === capKeep.key && Array.isArray(value.value) && value.value.includes('none')) settings.clear(row);
  settings.set(row, name, value.value, entry);
}

/** A value of a type, or undefined after a report of what is wrong with it. */
export function parseValue<T>(
  type: ValueType<T>,
  { key, value, valueOffset, report }: Entry,
): { value: T } | undefined {
  // Nothing comes of this text any more, and hints cost time.
  if (report.isFull()) return undefined;
  const parsed = type.parse(value);
  if (parsed.ok) return parsed;
  const { reason, hint } = parsed;
  const says = reason?.startsWith('must') === true ? ` ${reason}` : `: ${reason}`;
  report.error(
    valueOffset,
    `${quote(key)}${reason === undefined ? ` must be ${type.label}, not ${quote(value)}` : says}`,
    hint,
  );
  return undefined;
}

const MAX_INDEX = 2147483646;

/** `lxc.net.N.KEY`, and of LXC 2 `lxc.network.KEY`, where each `type` begins a network. */
function applyNet(entry: Entry, rest: string, draft: Draft): void {
  const numbered = /^(\d{1,16})(?:\.(.*))?$/.exec(rest);
  const isLegacy = entry.key.startsWith('lxc.network.');
  if (numbered === null && !isLegacy) {
    entry.report.error(entry.offset, `${quote(entry.key)} must be lxc.net.N.KEY, with N a number`);
    return;
  }
  const index = numbered === null ? findLegacyIndex(rest, draft) : Number(numbered[1]);
  if (index > MAX_INDEX) {
    entry.report.error(entry.offset, `the number of a network must be at most ${MAX_INDEX}, not ${numbered?.[1]}`);
    return;
  }
  const name = numbered === null ? rest : numbered[2];
  if (name === undefined) clearNet(entry, index, draft);
  else applyNetValue(entry, name, index, draft);
}

function findLegacyIndex(name: string, draft: Draft): number {
  if (name === netType.key || draft.legacyNet === -1) draft.legacyNet = draft.highestNet + 1;
  return draft.legacyNet;
}

function clearNet(entry: Entry, index: number, draft: Draft): void {
  if (entry.value === '') draft.nets.delete(index);
  else entry.report.error(entry.valueOffset, `${quote(entry.key)} takes no value: write lxc.net.${index}.KEY`);
}

function applyNetValue(entry: Entry, name: string, index: number, draft: Draft): void {
  const row = NET_KEYS.get(name);
  if (row === undefined) {
    const prefix = entry.key.slice(0, entry.key.length - name.length);
    const hint = entry.report.isFull() ? undefined : hintFor(name, NET_KEYS.keys(), prefix);
    entry.report.error(entry.offset, `unknown key ${quote(entry.key)}`, hint);
    return;
  }
  const known = draft.nets.get(index);
  if (row === netType && known !== undefined) {
    const line = known.entry.report === entry.report ? ` (line ${entry.report.lineOf(known.entry.offset)})` : '';
    entry.report.warning(
      entry.offset,
      `the type comes first: what network ${index} was before${line} is forgotten, as in LXC`,
    );
  }
  const current = row === netType || known === undefined ? { settings: createSettings(), entry } : known;
  draft.nets.set(index, current);
  draft.highestNet = Math.max(draft.highestNet, index);
  applyValue(row, '', entry, current.settings);
}

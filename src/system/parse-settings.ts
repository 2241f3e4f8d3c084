/** The text of a settings file to its values, or to all its faults. Pure. */
import { parse } from 'ini';
import { SETTINGS, type SettingRow, type Settings } from './settings-rows.js';

export interface SettingsFault {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly faults: readonly SettingsFault[] };

type SettingName = keyof typeof SETTINGS;

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/**
 * Reads sections in brackets and lines `key = value`; `;` and `#` begin a comment.
 *
 * What a value is, quotes and comments apart, says the library. Where it stands, and what stands there twice or is known to
 * nobody, it does not tell: the lines themselves are looked at for that.
 */
export function parseSettings(text: string): ParsedSettings {
  const values = parse(text) as Record<string, unknown>;
  const settings: { -readonly [name in SettingName]?: number } = {};
  const faults: SettingsFault[] = [];
  const seen = new Set<string>();
  for (const { section, key, line } of listEntries(text)) {
    const fault = (message: string) => faults.push({ line, message });
    const [name, row] = findRow(section, key);
    if (key === undefined) {
      if (section === '' || !hasSection(section)) fault(`there is no section [${section}]${known(sectionNames())}`);
    } else if (section === '') {
      fault(`'${key}' stands before the first section`);
    } else if (row === undefined || name === undefined) {
      if (hasSection(section)) fault(`[${section}] has no key '${key}'${known(keysOf(section))}`);
    } else if (seen.has(name)) {
      fault(`[${section}] ${key} is given twice`);
    } else {
      seen.add(name);
      const value = readValue(row, (values[section] as Record<string, unknown> | undefined)?.[key]);
      if (typeof value === 'number') settings[name] = value;
      else fault(`[${section}] ${key}: ${value}`);
    }
  }
  const { firstId, lastId } = settings;
  if (faults.length === 0 && firstId !== undefined && lastId !== undefined && firstId > lastId) {
    const line = listEntries(text).find(({ key }) => key === 'last')?.line ?? 1;
    faults.push({ line, message: `[ids] last: ${lastId} is less than first` });
  }
  return faults.length === 0 ? { ok: true, settings } : { ok: false, faults };
}

interface Entry {
  readonly section: string;
  /** Undefined: the line begins the section. */
  readonly key: string | undefined;
  readonly line: number;
}

function listEntries(text: string): Entry[] {
  const entries: Entry[] = [];
  let section = '';
  for (const [index, line] of text.split(/\r\n|[\r\n]/).entries()) {
    const words = line.trim();
    if (words === '' || words.startsWith(';') || words.startsWith('#')) continue;
    const heading = /^\[([^\]]*)\]$/.exec(words)?.[1];
    if (heading !== undefined) section = heading;
    const key = heading === undefined ? (words.split('=')[0] ?? '').trim() : undefined;
    entries.push({ section, key, line: index + 1 });
  }
  return entries;
}

const rows = () => Object.entries(SETTINGS) as [SettingName, SettingRow][];
const sectionNames = () => [...new Set(rows().map(([, row]) => row.section))];
const hasSection = (section: string) => sectionNames().includes(section);
const keysOf = (section: string) => rows().flatMap(([, row]) => (row.section === section ? [row.key] : []));
const known = (names: readonly string[]) => `: known are ${names.join(', ')}`;

function findRow(section: string, key: string | undefined): [SettingName, SettingRow] | [undefined, undefined] {
  return rows().find(([, row]) => row.section === section && row.key === key) ?? [undefined, undefined];
}

/** The number, or what is wrong. */
function readValue({ kind, least, most }: SettingRow, value: unknown): number | string {
  const form = kind === 'size' ? "a size, as in '64M'" : 'a whole number';
  const match = (kind === 'size' ? /^(\d{1,16})([KMGT]?)$/ : /^(\d{1,16})()$/).exec(String(value));
  if (typeof value !== 'string' || match === null) return `${describeValue(value)} is not ${form}`;
  const number = Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1);
  if (number < least || number > most) return `'${value}' is not from ${least} to ${most}`;
  return number;
}

function describeValue(value: unknown): string {
  return typeof value === 'string' && value !== '' ? `'${value}'` : 'what is there';
}

/** The text of a `.nspawn` file into the model of its container. systemd.nspawn(5), systemd.syntax(7) */
import { createReport, type Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import type { ReadOptions, ReadResult } from '../format.js';
import { isContainerName, NAME_RULE } from '../name.js';
import { nearestName } from '../nearest-name.js';
import { checkSettings } from './check-settings.js';
import { type Assignment, readAssignments } from './read-assignments.js';
import type { Say, SettingGroup, SettingRow } from './rows.js';
import { SETTING_ROWS } from './setting-rows.js';
import { createSettings, type Settings } from './settings.js';
import { specOfSettings } from './spec-of-settings.js';

export interface ReadNspawnOptions extends ReadOptions {
  /** Whether everything the file says holds; absent: yes. A file found beside an image may only restrict. */
  readonly trusted?: boolean;
  /** Groups that the command line has set: what the file says of them does not count. */
  readonly masked?: ReadonlySet<SettingGroup>;
}

const MAX_BYTES = 1024 * 1024;
/** Nobody reads more hints, and each one costs a search. */
const MAX_HINTS = 100;

const ROWS: ReadonlyMap<string, SettingRow> = new Map(SETTING_ROWS.map((row) => [row.key, row]));

interface Reading {
  readonly settings: Settings;
  readonly report: Report;
  readonly trusted: boolean;
  readonly masked: ReadonlySet<SettingGroup>;
  /** Offset of the last line of a key. */
  readonly places: Map<string, number>;
  /** Offset of the first list of allowed system calls in a file that is not trusted. */
  allowList?: number;
  hints: number;
}

/**
 * Reads a settings file. What nspawn warns about and skips is a warning, what it stops at an error; nothing is thrown. The text has
 * neither a name nor a root: both come from the options, and are an error without.
 */
export function readNspawn(given: string, options: ReadNspawnOptions): ReadResult {
  const text = given.replace(/^\uFEFF/, '');
  const report = createReport(options.file, text);
  if (text.length > MAX_BYTES || Buffer.byteLength(text) > MAX_BYTES) {
    report.error(0, `the file is longer than ${MAX_BYTES / 1024} KiB`);
    return { diagnostics: report.diagnostics() };
  }
  const { trusted = true, masked = new Set() } = options;
  const reading: Reading = { settings: createSettings(), report, trusted, masked, places: new Map(), hints: 0 };
  for (const assignment of readAssignments(text, report)) readAssignment(assignment, reading);
  dropAllowLists(reading);
  checkSettings(reading, report);
  const place = findPlace(options, report);
  const diagnostics = report.diagnostics();
  if (place === undefined || report.hasErrors()) return { diagnostics };
  return { definition: { spec: specOfSettings(reading.settings, place) }, diagnostics };
}

function readAssignment(assignment: Assignment, reading: Reading): void {
  const { section, key, keyOffset, value } = assignment;
  const row = ROWS.get(key);
  if (row?.section !== section) {
    // X- is for others' settings, systemd.syntax(7)
    if (!key.startsWith('X-')) reportUnknown(assignment, row, reading);
    return;
  }
  if (reading.masked.has(row.group)) return;
  if (!reading.trusted && row.privileged === true) {
    reading.report.warning(keyOffset, `${quote(key)} is ignored: the file is not trusted`);
    return;
  }
  if (!reading.trusted && row.privileged === 'allow-lists' && !value.startsWith('~')) reading.allowList ??= keyOffset;
  reading.places.set(key, keyOffset);
  row.read(value, reading.settings, createSay(assignment, row, reading));
}

function createSay({ key, value, offsetAt }: Assignment, row: SettingRow, reading: Reading): Say {
  const { report } = reading;
  return {
    bad: (reason, index = 0) => {
      const fault = reason ?? `must be ${row.value}, not ${quote(value)}`;
      report.warning(offsetAt(index), `'${key}' ${fault}: ignored`);
    },
    warn: (message, index = 0, hint) =>
      report.warning(offsetAt(index), `'${key}': ${message}`, findHint(hint, reading)),
    fail: (message, index = 0) => report.error(offsetAt(index), `'${key}': ${message}`),
  };
}

function findHint(hint: (() => string | undefined) | undefined, reading: Reading): string | undefined {
  reading.hints += 1;
  return reading.hints > MAX_HINTS ? undefined : hint?.();
}

function reportUnknown({ section, key, keyOffset }: Assignment, row: SettingRow | undefined, reading: Reading): void {
  const hint = () => (row === undefined ? suggestKey(section, key) : `'${key}' belongs in [${row.section}]`);
  reading.report.warning(keyOffset, `unknown key ${quote(key)} in [${section}]: ignored`, findHint(hint, reading));
}

/** The nearest key, of this section where it has one. */
function suggestKey(section: string, key: string): string | undefined {
  const here = SETTING_ROWS.filter((row) => row.section === section).map((row) => row.key);
  const near = nearestName(key, here) ?? nearestName(key, ROWS.keys());
  if (near === undefined) return undefined;
  return here.includes(near) ? `did you mean '${near}'?` : `did you mean '${near}' in [${ROWS.get(near)?.section}]?`;
}

/** A file that is not trusted may deny system calls, unless it allows some, too. */
function dropAllowLists({ allowList, settings, report }: Reading): void {
  if (allowList === undefined) return;
  settings.syscallAllow.clear();
  settings.syscallDeny.clear();
  report.warning(allowList, "'SystemCallFilter' is ignored: it allows calls, and the file is not trusted");
}

function findPlace(
  { name, rootfs }: ReadOptions,
  report: Report,
): { readonly name: string; readonly rootfs: string } | undefined {
  if (name === undefined) report.error(0, 'a settings file names no container: give a name');
  else if (!isContainerName(name)) report.error(0, `${quote(name)} cannot be a name of a container: ${NAME_RULE}`);
  if (rootfs === undefined)
    report.error(0, 'a settings file names no root: give the directory of the root file system');
  return name === undefined || rootfs === undefined ? undefined : { name, rootfs };
}

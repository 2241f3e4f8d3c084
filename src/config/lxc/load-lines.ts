import { createReport, type Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import type { ReadOptions, Sources } from '../format.js';
import { readConfigLines } from './config-lines.js';
import type { Entry } from './settings.js';
import { include } from './table.js';

/** Bounds of what one text may draw in: a file that includes two that include two … has no end else. */
const MAX_DEPTH = 16;
const MAX_FILES = 256;
const MAX_CHARACTERS = 4 * 1024 * 1024;

interface Loading {
  readonly entries: Entry[];
  /** Of each file, in the order of reading. */
  readonly reports: Report[];
  readonly sources: Sources | undefined;
  characters: number;
}

/** All lines, those of included files in their place, and the report of each file. */
export function loadLines(text: string, { file, sources }: ReadOptions): Pick<Loading, 'entries' | 'reports'> {
  const loading: Loading = { entries: [], reports: [], sources, characters: 0 };
  loadText(text, file, [], loading);
  return loading;
}

function loadText(text: string, file: string, parents: readonly string[], loading: Loading): void {
  const report = createReport(file, text);
  loading.reports.push(report);
  loading.characters += text.length;
  for (const line of readConfigLines(text, report)) {
    const entry = { ...line, report };
    if (line.key !== include.key) loading.entries.push(entry);
    else if (line.value !== '') loadIncluded(entry, [...parents, file], loading);
  }
}

function loadIncluded(entry: Entry, parents: readonly string[], loading: Loading): void {
  const { report, valueOffset, value } = entry;
  if (loading.sources === undefined) {
    report.error(valueOffset, `cannot include ${quote(value)}: this text has no files beside it`);
    return;
  }
  const listed = loading.sources.list(value);
  // LXC takes what ends like a directory for one, and a missing one for an empty one: its own userns.conf names such.
  if (!listed.ok && value.endsWith('/') && listed.reason.startsWith('ENOENT')) {
    report.warning(valueOffset, `nothing is included: directory ${quote(value)} does not exist`);
    return;
  }
  const files = listed.ok ? listed.value.filter((name) => name.endsWith('.conf')) : undefined;
  const folder = value.endsWith('/') ? value : `${value}/`;
  for (const path of files?.map((name) => folder + name) ?? [value]) {
    const stop = findLimit(path, parents, loading);
    if (stop !== undefined) {
      report.error(valueOffset, `cannot include ${quote(path)}: ${stop}`);
      return;
    }
    const read = loading.sources.readText(path);
    if (read.ok) loadText(read.value, path, parents, loading);
    else report.error(valueOffset, `cannot include ${quote(path)}: ${read.reason}`);
  }
}

function findLimit(path: string, parents: readonly string[], loading: Loading): string | undefined {
  if (parents.includes(path)) return 'it includes itself';
  if (parents.length >= MAX_DEPTH) return `files include each other more than ${MAX_DEPTH} deep`;
  if (loading.reports.length >= MAX_FILES) return `more than ${MAX_FILES} files`;
  return loading.characters > MAX_CHARACTERS
    ? `all files together are longer than ${MAX_CHARACTERS} characters`
    : undefined;
}

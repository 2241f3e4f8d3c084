/** The definition that a running container was started with: `definition` of its run directory. */
import { join } from 'node:path';
import type { ContainerSpec } from '../config/index.js';
import { parseContainerRecord } from '../state/container-record.js';
import { readDefinition, type StoredDefinition } from '../state/store.js';
import { containerRunDir, type Paths } from '../system/paths.js';
import { readSmallFile } from '../system/read-small-file.js';
import { parseStored } from './read-spec.js';

/** Text, record and sources, escaped as JSON. */
const LIMIT_BYTES = 80 * 1024 * 1024;

/** A definition as one file that says everything: the record of now may be that of another text. */
export function formatCompiledDefinition({ text, record, sources }: StoredDefinition): string {
  return `${JSON.stringify({ record, text, sources })}\n`;
}

function parseCompiledDefinition(json: string, path: string): StoredDefinition | undefined {
  let value: { readonly record?: unknown; readonly text?: unknown; readonly sources?: unknown };
  try {
    value = Object(JSON.parse(json));
  } catch {
    return undefined;
  }
  const record = parseContainerRecord(JSON.stringify(value.record ?? null));
  const { text, sources } = value;
  if (record === undefined || typeof text !== 'string') return undefined;
  return { text, path, record, ...(typeof sources === 'string' ? { sources } : {}) };
}

/** The copy made at the start, else the definition of now; undefined when both are damaged or missing. */
export function readRunning(paths: Paths, name: string): StoredDefinition | undefined {
  const path = join(containerRunDir(paths, name), 'definition');
  const file = readSmallFile(path, LIMIT_BYTES);
  const running = file.kind === 'text' ? parseCompiledDefinition(file.text, path) : undefined;
  if (running !== undefined) return running;
  try {
    return readDefinition('read', paths, name);
  } catch {
    return undefined;
  }
}

/** Its model; undefined when the files are damaged, since a running container must always be manageable. */
export function readRunningSpec(paths: Paths, name: string): ContainerSpec | undefined {
  const running = readRunning(paths, name);
  try {
    return running === undefined ? undefined : parseStored(running).spec;
  } catch {
    return undefined;
  }
}

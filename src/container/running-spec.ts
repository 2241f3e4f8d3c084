/** The definition that a running container was started with. */
import { join } from 'node:path';
import { type ContainerSpec, parseDefinition } from '../config/index.js';
import { definitionPath } from '../state/store.js';
import { containerRunDir, type Paths } from '../system/paths.js';
import { readSmallFile } from '../system/read-small-file.js';

const LIMIT_BYTES = 4 * 1024 * 1024;

/** Its text: the copy made at the start, else the definition of now. */
export function readRunningText(paths: Paths, name: string): string | undefined {
  for (const path of [join(containerRunDir(paths, name), 'definition.xml'), definitionPath(paths, name)]) {
    const file = readSmallFile(path, LIMIT_BYTES);
    if (file.kind === 'text') return file.text;
  }
  return undefined;
}

/** Its model; undefined when the files are damaged, since a running container must always be manageable. */
export function readRunningSpec(paths: Paths, name: string): ContainerSpec | undefined {
  const text = readRunningText(paths, name);
  const result = text === undefined ? undefined : parseDefinition(text, { file: name });
  return result?.ok ? result.definition.spec : undefined;
}

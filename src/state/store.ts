/** The definitions on disk: `containers/NAME/{definition,container.json}` of the state directory. */
import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CtrError } from '../errors.js';
import { syncDir, writeFileAtomic } from '../system/atomic-file.js';
import { containerStateDir, type Paths } from '../system/paths.js';
import { ensurePrivateDir } from '../system/private-dir.js';
import { readSmallFile } from '../system/read-small-file.js';
import { type ContainerRecord, formatContainerRecord, parseContainerRecord } from './container-record.js';

/** A definition is at most so large; the parser's own limit is lower. */
const DEFINITION_LIMIT_BYTES = 4 * 1024 * 1024;
/** What other files said, escaped as JSON. */
const SOURCES_LIMIT_BYTES = 64 * 1024 * 1024;

export interface StoredDefinition {
  /** The text as given. */
  readonly text: string;
  /** Where it lies. */
  readonly path: string;
  readonly record: ContainerRecord;
  /** What the text's other files said at define, as it was given to `writeDefinition`. */
  readonly sources?: string;
}

/** What `writeDefinition` stores. */
export type NewDefinition = Pick<StoredDefinition, 'text' | 'record' | 'sources'>;

/** Path of the definition of a container, whether there is one or not. */
export function definitionPath(paths: Paths, name: string): string {
  return join(containerStateDir(paths, name), 'definition');
}

/** Whether a container is defined; a damaged definition counts. */
export function isDefined(paths: Paths, name: string): boolean {
  return lstatSync(definitionPath(paths, name), { throwIfNoEntry: false }) !== undefined;
}

/** Names below a `containers` directory, sorted; hidden ones are not containers. */
export function listNames(root: string): string[] {
  try {
    return readdirSync(join(root, 'containers'))
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new CtrError('CTR_IO', `cannot list containers: '${root}' is not readable`, { cause: error });
  }
}

/** The record of a container; undefined when missing, a reason when damaged. */
export function readContainerRecord(paths: Paths, name: string): ContainerRecord | { unreadable: string } | undefined {
  const path = join(containerStateDir(paths, name), 'container.json');
  const file = readSmallFile(path);
  if (file.kind === 'missing') return undefined;
  if (file.kind === 'unreadable') return { unreadable: `'${path}' ${file.reason}` };
  return parseStoredRecord(paths, name, file.text);
}

/** The same of a text that was read already. */
export function parseStoredRecord(paths: Paths, name: string, text: string): ContainerRecord | { unreadable: string } {
  const path = join(containerStateDir(paths, name), 'container.json');
  return parseContainerRecord(text) ?? { unreadable: `'${path}' is damaged` };
}

/**
 * Text and record of a container.
 *
 * @param verb what needs them, for the message
 * @throws CtrError CTR_NOT_FOUND, CTR_BAD_STATE
 */
export function readDefinition(verb: string, paths: Paths, name: string): StoredDefinition {
  const path = definitionPath(paths, name);
  const there = readSmallFile(path, DEFINITION_LIMIT_BYTES);
  if (there.kind === 'missing') throw notFound(verb, name);
  const record = readContainerRecord(paths, name);
  const file = pendingText(paths, name, record) ?? there;
  if (file.kind === 'unreadable') throw badState(name, `'${path}' ${file.reason}`);
  if (record === undefined)
    throw badState(name, `'${join(containerStateDir(paths, name), 'container.json')}' is missing`);
  if ('unreadable' in record) throw badState(name, record.unreadable);
  if (record.sources === undefined) return { text: file.text, path, record };
  const sourcesPath = join(containerStateDir(paths, name), record.sources);
  const sources = readSmallFile(sourcesPath, SOURCES_LIMIT_BYTES);
  if (sources.kind === 'missing') throw badState(name, `'${sourcesPath}' is missing`);
  if (sources.kind === 'unreadable') throw badState(name, `'${sourcesPath}' ${sources.reason}`);
  return { text: file.text, path, record, sources: sources.text };
}

/** The text of a redefinition that was ended before its last step; undefined where there is none. */
function pendingText(paths: Paths, name: string, record: ReturnType<typeof readContainerRecord>) {
  if (record === undefined || 'unreadable' in record || record.pending === undefined) return undefined;
  const file = readSmallFile(join(containerStateDir(paths, name), record.pending), DEFINITION_LIMIT_BYTES);
  return file.kind === 'missing' ? undefined : file;
}

/** The error of a name that nothing is defined for. @param verb what cannot be done */
export function notFound(verb: string, name: string): CtrError {
  return new CtrError('CTR_NOT_FOUND', `cannot ${verb} '${name}': no container of that name is defined`, {
    hint: 'ctr list --all shows what is',
  });
}

function badState(name: string, reason: string): CtrError {
  return new CtrError('CTR_BAD_STATE', `cannot read container '${name}': ${reason}`, {
    hint: `ctr undefine ${name}, then define it again`,
  });
}

/** Makes `containers` of the state directory. */
export function prepareStateDir(paths: Paths): void {
  ensurePrivateDir(paths.stateDir);
  ensurePrivateDir(join(paths.stateDir, 'containers'));
}

/** Writes a definition, new or in place of an older one. The caller holds the locks. */
export async function writeDefinition(paths: Paths, name: string, definition: NewDefinition): Promise<void> {
  prepareStateDir(paths);
  const dir = containerStateDir(paths, name);
  const known = lstatSync(dir, { throwIfNoEntry: false }) !== undefined;
  try {
    ensurePrivateDir(dir);
    await writeDefinitionFiles(dir, definition);
    await syncDir(join(paths.stateDir, 'containers'));
  } catch (error) {
    if (!known) await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

/**
 * The files of a definition in a container's directory. Of a new one, the last to come is `definition`: then it is defined. Of one
 * in place of another the record's rename decides: it names the file of its text, which becomes `definition` afterwards.
 */
export async function writeDefinitionFiles(dir: string, { text, record, sources }: NewDefinition): Promise<void> {
  const path = join(dir, 'definition');
  const isNew = lstatSync(path, { throwIfNoEntry: false }) === undefined;
  // Under names of their own: until the record is replaced, the old record's files count.
  const stamp = randomBytes(4).toString('hex');
  const file = sources === undefined ? undefined : `sources-${stamp}.json`;
  const pending = isNew ? undefined : `definition-${stamp}`;
  if (file !== undefined) await writeFileAtomic(join(dir, file), sources ?? '');
  if (pending !== undefined) await writeFileAtomic(join(dir, pending), text);
  const { sources: _sources, pending: _pending, ...rest } = record;
  const named = {
    ...rest,
    ...(file === undefined ? {} : { sources: file }),
    ...(pending === undefined ? {} : { pending }),
  };
  await writeFileAtomic(join(dir, 'container.json'), formatContainerRecord(named));
  if (pending === undefined) {
    await writeFileAtomic(path, text);
  } else {
    await rename(join(dir, pending), path);
    await syncDir(dir);
  }
  const stale = readdirSync(dir).filter((entry) => /^(sources|definition)-/.test(entry) && entry !== file);
  for (const entry of stale) await rm(join(dir, entry), { force: true });
}

/** Moves a finished directory (root file system, definition and all) to its name. */
export async function adoptContainerDir(paths: Paths, from: string, name: string): Promise<void> {
  await rename(from, containerStateDir(paths, name));
  await syncDir(join(paths.stateDir, 'containers'));
}

/** Makes the run directory of a container. */
export function prepareRunDir(paths: Paths, dir: string): void {
  ensurePrivateDir(paths.runDir);
  ensurePrivateDir(join(paths.runDir, 'containers'));
  ensurePrivateDir(dir);
}

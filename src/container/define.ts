/** define: stores a definition, and leaves its compiled plan. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ContainerSpec, type Diagnostic, givesUp, type TextFormat } from '../config/index.js';
import { findHelper } from '../exec/helper.js';
import type { ContainerRecord } from '../state/container-record.js';
import { type NewDefinition, readContainerRecord, writeDefinition } from '../state/store.js';
import { containerStateDir, type Paths } from '../system/paths.js';
import { noteUser } from './bootstrap-as-user.js';
import { changeOwners } from './change-owners.js';
import { checkFree } from './check-free.js';
import { compileAhead } from './compiled-plan.js';
import { type CtrOptions, openPaths, requireRoot } from './context.js';
import type { SettingsMode } from './find-root.js';
import {
  describeText,
  type GivenOptions,
  type GivenText,
  readGiven,
  readGivenTree,
  requireTree,
} from './given-text.js';
import { keepOwned, type OwnedRoot, planOwners } from './owned-root.js';
import { type ParsedGiven, readGivenSpec } from './read-spec.js';
import { hostIdRanges, withChosenIds } from './taken-ids.js';
import { withContainerLock, withStoreLock } from './with-lock.js';

export interface DefineOptions extends CtrOptions, GivenOptions {
  /** How messages call the text; default `definition`. */
  readonly file?: string | undefined;
  /** Takes the place of another definition of this name. */
  readonly replace?: boolean | undefined;
  /** `chown`: the files of the root get owners of the host's ids; for file systems that have no id-mapped mounts. */
  readonly ownership?: 'chown' | undefined;
}

export interface Defined {
  readonly name: string;
  readonly uuid: string;
  readonly format: TextFormat;
  /** It took the place of an older definition of this name; a running container keeps the old one until it ends. */
  readonly replaced: boolean;
  /** What is accepted and has no effect. */
  readonly warnings: readonly Diagnostic[];
  /** The warnings as text for people, '' for none. */
  readonly renderedWarnings: string;
  /** What the definition gives up of what ctr makes by itself, one line each. */
  readonly givesUp: readonly string[];
  /** What an ordinary user has to know with his first container, one line each. */
  readonly notes: readonly string[];
  /** What it asks for and no start can give (yet), or none on this host, one line each: a start refuses. */
  readonly refusals: readonly string[];
}

/**
 * Stores a definition in any format. A name that is defined already is taken, except by a text with the same uuid, which replaces
 * it (libvirt's rule), and with `replace`. Files that the text names are read now and kept: later it needs no other file.
 *
 * @throws CtrError CTR_BAD_CONFIG, CTR_BAD_NAME, CTR_EXISTS, CTR_LOCKED, CTR_UNSUPPORTED, CTR_IO; nothing is stored then
 */
export async function define(text: string, options: DefineOptions = {}): Promise<Defined> {
  return defineGiven(describeText(text, options.file ?? 'definition', options), options);
}

/** As `define`, from a file or a directory with one in it; `-` is stdin. @throws as `define` */
export async function defineFile(path: string, options: Omit<DefineOptions, 'file'> = {}): Promise<Defined> {
  return defineGiven(await readGiven(path, options), options);
}

export interface DefineRootOptions extends CtrOptions {
  /** Default: the directory's own name. */
  readonly name?: string | undefined;
  readonly replace?: boolean | undefined;
  readonly ownership?: 'chown' | undefined;
  /** What becomes of NAME.nspawn, as in systemd-nspawn(1); default `yes`. */
  readonly settings?: SettingsMode | undefined;
}

/**
 * Defines a bare tree, with the settings that nspawn would find for it: NAME.nspawn in /etc/systemd/nspawn, /run/systemd/nspawn, or
 * beside the tree, where it may only restrict. Without one the tree is booted, in a user namespace and with a link of its own.
 *
 * @throws as `define`
 */
export async function defineRoot(rootfs: string, options: DefineRootOptions = {}): Promise<Defined> {
  return defineGiven(await readGivenTree(rootfs, options), options);
}

async function defineGiven(
  given: GivenText,
  options: CtrOptions & Pick<DefineOptions, 'replace' | 'ownership'>,
): Promise<Defined> {
  if (options.ownership === 'chown') requireRoot('change the owners of files');
  requireTree(given);
  const parsed = readGivenSpec(given);
  const { spec, warnings, rendered } = parsed;
  const paths = openPaths(options);
  const helper = await findHelper(options.helper);
  let toOwn: OwnedRoot | undefined;
  const defined = await withStoreLock(paths, helper, async () => {
    const { replaced, old } = checkFree(paths, spec, options);
    const definition = makeDefinition(paths, given, parsed, old);
    let { record } = definition;
    if (options.ownership === 'chown') {
      toOwn = planOwners(withChosenIds(spec, record));
      record = { ...record, owned: { root: toOwn.root, done: false } };
    }
    const ofHost = await storeDefinition(paths, helper, spec.name, { ...definition, record });
    return {
      name: spec.name,
      uuid: record.uuid,
      format: record.format,
      replaced,
      warnings,
      renderedWarnings: rendered,
      givesUp: givesUp(withChosenIds(spec, record)),
      notes: noteUser(paths, spec.name),
      refusals: listRefusals(spec, ofHost),
    };
  });
  if (toOwn !== undefined) await changeOwners(paths, helper, spec.name, toOwn);
  return defined;
}

/**
 * Writes a definition and compiles it, under the container's lock. The caller holds the lock of the definitions.
 *
 * @returns as `compileAhead`
 */
export async function storeDefinition(
  paths: Paths,
  helper: string,
  name: string,
  definition: NewDefinition,
): Promise<string | undefined> {
  return withContainerLock(paths, helper, name, async () => {
    await writeDefinition(paths, name, definition);
    return compileAhead(paths, helper, name);
  });
}

/** What no start can give, whichever the host, else what this one cannot. */
export function listRefusals(
  { refusals = [], consoles }: ContainerSpec,
  ofHost: string | undefined,
): readonly string[] {
  // Its reader has told of a missing console.
  return refusals.length === 0 && consoles.length > 0 && ofHost !== undefined ? [ofHost] : refusals;
}

/**
 * What is stored of a text: as it was given, with what was found out about it.
 *
 * @param old the definition that it replaces: its uuid stays, and the ids and the storage that ctr gave it
 */
export function makeDefinition(
  paths: Paths,
  given: GivenText,
  { spec, name, taken }: ParsedGiven,
  old: ContainerRecord | undefined,
): NewDefinition {
  const { format, rootfs, baseDir, untrusted } = given;
  const before = old ?? leftOver(paths, spec);
  const storage = join(containerStateDir(paths, spec.name), 'rootfs');
  const idRanges = hostIdRanges(paths, spec, before);
  const owned = keepOwned(spec, idRanges, before);
  const record: ContainerRecord = {
    format,
    uuid: spec.uuid ?? old?.uuid ?? randomUUID(),
    definedAt: new Date().toISOString(),
    rootfsMadeByCtr: before?.rootfsMadeByCtr === true && existsSync(storage),
    idRanges,
    ...(owned === undefined ? {} : { owned }),
    ...(name === undefined ? {} : { name }),
    ...(rootfs === undefined ? {} : { rootfs }),
    ...(baseDir === undefined ? {} : { baseDir }),
    ...(untrusted === undefined ? {} : { untrusted }),
  };
  return { text: given.text, record, ...(taken === undefined ? {} : { sources: JSON.stringify(taken) }) };
}

/** Of storage that outlived its definition. */
function leftOver(paths: Paths, { name }: ContainerSpec): ContainerRecord | undefined {
  const record = readContainerRecord(paths, name);
  return record === undefined || 'unreadable' in record ? undefined : record;
}

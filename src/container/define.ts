/** define: stores a definition, and leaves its compiled plan. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ContainerSpec, type Diagnostic, givesUp, renderDiagnostics } from '../config/index.js';
import { CtrError } from '../errors.js';
import { findHelper } from '../exec/helper.js';
import type { ContainerRecord } from '../state/container-record.js';
import { isDefined, listNames, readContainerRecord, writeDefinition } from '../state/store.js';
import { containerStateDir, type Paths } from '../system/paths.js';
import { compileAhead } from './compiled-plan.js';
import { type CtrOptions, openPaths } from './context.js';
import { parseText, readDefinitionFile } from './read-spec.js';
import { withContainerLock, withStoreLock } from './with-lock.js';

export interface DefineOptions extends CtrOptions {
  /** How messages call the text; default `definition`. */
  readonly file?: string | undefined;
}

export interface Defined {
  readonly name: string;
  readonly uuid: string;
  /** It took the place of an older definition of this name and uuid; a running container keeps the old one until it ends. */
  readonly replaced: boolean;
  /** What is accepted and has no effect. */
  readonly warnings: readonly Diagnostic[];
  /** What the definition gives up of what ctr makes by itself, one line each. */
  readonly givesUp: readonly string[];
}

/**
 * Stores a definition (libvirt's `<domain type='lxc'>`). A name that is defined already is taken, except by a text with the
 * same uuid, which replaces it: libvirt's rule.
 *
 * @throws CtrError CTR_BAD_CONFIG, CTR_EXISTS, CTR_LOCKED, CTR_IO; nothing is stored then
 */
export async function define(text: string, options: DefineOptions = {}): Promise<Defined> {
  const { spec, warnings } = parseText(text, options.file ?? 'definition');
  const paths = openPaths(options);
  const helper = await findHelper(options.helper);
  const { name } = spec;
  return withStoreLock(paths, helper, async () => {
    const replaced = checkFree(paths, spec);
    const record = makeRecord(paths, spec);
    await withContainerLock(paths, helper, name, async () => {
      await writeDefinition(paths, name, text, record);
      await compileAhead(paths, helper, name);
    });
    return { name, uuid: record.uuid, replaced, warnings, givesUp: givesUp(spec) };
  });
}

export interface DefinedFile extends Defined {
  /** The warnings as text for people, '' for none. */
  readonly renderedWarnings: string;
}

/** As `define`, from a file; `-` is stdin. @throws as `define`, and CTR_IO */
export async function defineFile(path: string, options: CtrOptions = {}): Promise<DefinedFile> {
  const text = await readDefinitionFile(path);
  const defined = await define(text, { ...options, file: path });
  return { ...defined, renderedWarnings: renderDiagnostics(defined.warnings, text) };
}

/** Whether an older definition is replaced. @throws CtrError CTR_EXISTS. The caller holds the lock of the definitions. */
export function checkFree(paths: Paths, spec: ContainerSpec): boolean {
  const { name, uuid } = spec;
  const existing = isDefined(paths, name) ? readContainerRecord(paths, name) : undefined;
  if (existing !== undefined || isDefined(paths, name)) {
    const known = existing !== undefined && !('unreadable' in existing) ? existing.uuid : undefined;
    if (uuid !== undefined && uuid === known) return true;
    throw new CtrError('CTR_EXISTS', `cannot define '${name}': the name is taken${known ? `, by uuid ${known}` : ''}`, {
      hint: known
        ? `ctr undefine ${name} first; a definition with that <uuid> would replace it`
        : `ctr undefine ${name} first`,
    });
  }
  const other = uuid === undefined ? undefined : findByUuid(paths, uuid);
  if (other !== undefined) {
    throw new CtrError('CTR_EXISTS', `cannot define '${name}': its uuid ${uuid} is that of '${other}'`, {
      hint: 'leave <uuid> out, and a new one is made',
    });
  }
  return false;
}

function findByUuid(paths: Paths, uuid: string): string | undefined {
  return listNames(paths.stateDir).find((name) => {
    const record = readContainerRecord(paths, name);
    return record !== undefined && !('unreadable' in record) && record.uuid === uuid && isDefined(paths, name);
  });
}

/** Keeps the uuid of a replaced definition, and the knowledge that ctr made the root beside it. */
function makeRecord(paths: Paths, spec: ContainerSpec): ContainerRecord {
  const old = readContainerRecord(paths, spec.name);
  const known = old !== undefined && !('unreadable' in old) ? old : undefined;
  const rootfs = join(containerStateDir(paths, spec.name), 'rootfs');
  return {
    format: 'libvirt',
    uuid: spec.uuid ?? randomUUID(),
    definedAt: new Date().toISOString(),
    rootfsMadeByCtr: known?.rootfsMadeByCtr === true && existsSync(rootfs),
    idRanges: hostIdRanges(spec),
  };
}

/** Host ids that the container uses, users and groups alike. */
export function hostIdRanges(spec: ContainerSpec): ContainerRecord['idRanges'] {
  return [...(spec.idmap?.uid ?? []), ...(spec.idmap?.gid ?? [])].map(({ outside, count }) => ({ outside, count }));
}

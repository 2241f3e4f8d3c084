/** edit: a stored definition, changed by hand. */
import { type ContainerSpec, type Diagnostic, givesUp, loadFormat, type TextFormat } from '../config/index.js';
import { CtrError } from '../errors.js';
import { findHelper } from '../exec/helper.js';
import { readDefinition, type StoredDefinition } from '../state/store.js';
import type { Paths } from '../system/paths.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { listRefusals, makeDefinition, storeDefinition } from './define.js';
import type { GivenText } from './given-text.js';
import { type ParsedGiven, parseStored, readGivenSpec } from './read-spec.js';
import { withStoreLock } from './with-lock.js';

export interface Edit {
  /** As it is stored. */
  readonly text: string;
  readonly format: TextFormat;
  /** Limits that hold besides: the text has no words for them (`set`). */
  readonly limits: Readonly<Record<string, string>>;
  /**
   * Stores the changed text in place of the one that was read; nothing is locked before. Can be called again after it failed.
   *
   * @returns undefined when the text is as it was
   * @throws CtrError CTR_BAD_CONFIG (faults, another name or uuid), CTR_LOCKED (somebody else has changed it meanwhile, or does),
   *   CTR_NOT_FOUND, CTR_UNSUPPORTED, CTR_IO
   */
  readonly save: (text: string) => Promise<Changed | undefined>;
}

/** What there is to say about a definition that was changed. */
export interface Changed {
  /** What is accepted and has no effect. */
  readonly warnings: readonly Diagnostic[];
  /** The warnings as text for people, '' for none. */
  readonly renderedWarnings: string;
  /** What it gives up now of what ctr makes by itself, and did not before; one line each. */
  readonly givesUp: readonly string[];
  /** Likewise what no start can give. */
  readonly refusals: readonly string[];
}

/** @throws CtrError CTR_NOT_FOUND, CTR_BAD_NAME, CTR_BAD_STATE */
export function openEdit(name: string, options: CtrOptions = {}): Edit {
  checkName(name);
  const paths = openPaths(options);
  const stored = readDefinition('edit', paths, name);
  const save = async (text: string): Promise<Changed | undefined> =>
    text === stored.text ? undefined : replaceText('edit', paths, name, stored, text, options);
  return { text: stored.text, format: stored.record.format, limits: stored.record.limits ?? {}, save };
}

/**
 * Puts another text in place of the one that was read, unless that has changed meanwhile.
 *
 * @param verb what is done, for messages
 * @throws as `Edit.save`
 */
export async function replaceText(
  verb: string,
  paths: Paths,
  name: string,
  stored: StoredDefinition,
  text: string,
  options: CtrOptions,
): Promise<Changed> {
  const given = givenAgain(name, stored, text);
  await loadFormat(given.format);
  const parsed = readGivenSpec(given);
  checkSame(verb, name, stored, parsed);
  const helper = await findHelper(options.helper);
  const ofHost = await withStoreLock(paths, helper, async () => {
    const now = readDefinition(verb, paths, name);
    if (now.text !== stored.text || now.record.uuid !== stored.record.uuid) {
      throw new CtrError('CTR_LOCKED', `cannot ${verb} '${name}': its definition was changed meanwhile`, {
        hint: `ctr ${verb} ${name} again shows what it is now`,
      });
    }
    const { record, ...rest } = makeDefinition(paths, given, parsed, now.record);
    const { uuid, limits } = stored.record;
    const kept = limits === undefined ? {} : { limits };
    return storeDefinition(paths, helper, name, { ...rest, record: { ...record, uuid, ...kept } });
  });
  return describeChange(stored, parsed, ofHost);
}

function describeChange(
  stored: StoredDefinition,
  { spec, warnings, rendered }: ParsedGiven,
  ofHost: string | undefined,
): Changed {
  const before = parseBefore(stored);
  const fresh = (now: readonly string[], old: readonly string[] = []) => now.filter((line) => !old.includes(line));
  return {
    warnings,
    renderedWarnings: rendered,
    givesUp: fresh(givesUp(spec), before && givesUp(before)),
    refusals: fresh(listRefusals(spec, ofHost), before?.refusals),
  };
}

/** A definition that is edited because it cannot be read any more was nothing. */
function parseBefore(stored: StoredDefinition): ContainerSpec | undefined {
  try {
    return parseStored(stored).spec;
  } catch {
    return undefined;
  }
}

/** The new text with what was given beside the old one. */
function givenAgain(name: string, { record }: StoredDefinition, text: string): GivenText {
  const { format, rootfs, baseDir, untrusted } = record;
  return {
    text,
    file: name,
    format,
    ...(record.name === undefined ? {} : { name: record.name }),
    ...(rootfs === undefined ? {} : { rootfs }),
    ...(baseDir === undefined ? {} : { baseDir }),
    ...(untrusted === undefined ? {} : { untrusted }),
  };
}

/** Storage, ids, addresses and running containers go by name and uuid. */
function checkSame(verb: string, name: string, { record }: StoredDefinition, { spec }: ParsedGiven): void {
  const fail = (what: string, is: string) =>
    new CtrError('CTR_BAD_CONFIG', `cannot ${verb} '${name}': its ${what} cannot change, and the text says '${is}'`, {
      hint: 'ctr define takes the text as another container',
    });
  if (spec.name !== name) throw fail('name', spec.name);
  if (spec.uuid !== undefined && spec.uuid !== record.uuid) throw fail('uuid', spec.uuid);
}

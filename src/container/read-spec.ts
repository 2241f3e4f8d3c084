/** From the text of a definition to its model, or to all its faults at once. */
import { type ContainerSpec, type Definition, type Diagnostic, parseDefinition, withLimits } from '../config/index.js';
import { CtrError } from '../errors.js';
import { readDefinition, type StoredDefinition } from '../state/store.js';
import type { Paths } from '../system/paths.js';
import type { GivenText } from './given-text.js';
import { withOwned } from './owned-root.js';
import { type ReadDiagnostics, renderRead } from './render-read.js';
import { openSources, parseTakenSources, replaySources, type TakenSources } from './sources.js';
import { withChosenIds } from './taken-ids.js';

export interface ParsedDefinition {
  readonly definition: Definition;
  readonly spec: ContainerSpec;
  /** What is accepted and has no effect. */
  readonly warnings: readonly Diagnostic[];
}

export interface ParsedGiven extends ParsedDefinition {
  /** The warnings as text for people, '' for none. */
  readonly rendered: string;
  /** Name that was put in place of the text's, or for want of one. */
  readonly name?: string;
  /** What other files said. */
  readonly taken?: TakenSources;
}

/** A reading of what a user gave: what came out, and what was needed for it. */
export type GivenReading = ReadDiagnostics & {
  readonly definition?: Definition;
  readonly name?: string;
};

/**
 * Reads a text that a user gave, and the files it names. A text that has no name gets that of its place. Nothing is thrown.
 *
 * @param parse another reader than that of the text's format
 */
export function parseGiven(given: GivenText, parse: typeof parseDefinition = parseDefinition): GivenReading {
  const { text, file, format, otherwiseNamed, name, ...more } = given;
  const { sources, taken } = openSources();
  const attempt = (name: string | undefined): GivenReading => {
    const options = { file, format, sources, ...more, ...(name === undefined ? {} : { name }) };
    const result = parse(text, options);
    const read = { file, text, taken: taken(), ...(name === undefined ? {} : { name }) };
    return result.ok
      ? { ...read, definition: result.definition, diagnostics: result.warnings }
      : { ...read, diagnostics: result.diagnostics };
  };
  const first = attempt(name);
  if (first.definition !== undefined || name !== undefined || otherwiseNamed === undefined) return first;
  const second = attempt(otherwiseNamed);
  const lacksName = second.definition !== undefined || countErrors(second) < countErrors(first);
  return lacksName ? second : first;
}

/**
 * The same where only a definition will do.
 *
 * @throws CtrError CTR_BAD_CONFIG; `data.diagnostics` has all faults, `data.rendered` the same as text for people
 */
export function readGivenSpec(given: GivenText, parse?: typeof parseDefinition): ParsedGiven {
  const reading = parseGiven(given, parse);
  const { definition, diagnostics, name, taken } = reading;
  if (definition === undefined) throw badDefinition(reading);
  return {
    definition,
    spec: definition.spec,
    warnings: diagnostics,
    rendered: renderRead(reading),
    ...(name === undefined ? {} : { name }),
    ...(taken === undefined ? {} : { taken }),
  };
}

function countErrors({ diagnostics }: ReadDiagnostics): number {
  return diagnostics.filter(({ severity }) => severity === 'error').length;
}

function badDefinition(read: ReadDiagnostics): CtrError {
  const errors = countErrors(read);
  const count = errors === 1 ? 'it has a fault' : `it has ${errors} faults`;
  return new CtrError('CTR_BAD_CONFIG', `cannot read definition '${read.file}': ${count}`, {
    data: { diagnostics: read.diagnostics, rendered: renderRead(read) },
  });
}

/**
 * The model of a stored definition, with the name, root, ids and limits that its record has for it.
 *
 * @throws CtrError CTR_BAD_CONFIG, CTR_BAD_STATE
 */
export function parseStored({ text, path, record, sources }: StoredDefinition): ParsedDefinition {
  const { format, name, rootfs, baseDir, untrusted } = record;
  const taken = sources === undefined ? undefined : parseTakenSources(sources);
  const result = parseDefinition(text, {
    file: path,
    format,
    ...(name === undefined ? {} : { name }),
    ...(rootfs === undefined ? {} : { rootfs }),
    ...(baseDir === undefined ? {} : { baseDir }),
    ...(untrusted === undefined ? {} : { untrusted }),
    sources: replaySources(taken ?? { texts: {}, lists: {} }),
  });
  if (!result.ok) throw badDefinition({ file: path, text, diagnostics: result.diagnostics, taken });
  const { limits } = record;
  const limited = limits === undefined ? result.definition : withLimits(result.definition, Object.entries(limits));
  const spec = withOwned(withChosenIds(limited.spec, record), record);
  return { definition: { ...limited, spec }, spec, warnings: result.warnings };
}

/** A defined container: its text, its record and its model. @throws CtrError CTR_NOT_FOUND, CTR_BAD_STATE, CTR_BAD_CONFIG */
export function readSpec(verb: string, paths: Paths, name: string): StoredDefinition & ParsedDefinition {
  const stored = readDefinition(verb, paths, name);
  return { ...stored, ...parseStored(stored) };
}

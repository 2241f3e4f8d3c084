/** From the text of a definition to its model, or to all its faults at once. */
import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import {
  type ContainerSpec,
  type Definition,
  type Diagnostic,
  parseDefinition,
  renderDiagnostics,
} from '../config/index.js';
import { CtrError } from '../errors.js';
import { readDefinition, type StoredDefinition } from '../state/store.js';
import type { Paths } from '../system/paths.js';
import { reasonOf } from '../system/reason.js';

export interface ParsedDefinition {
  readonly definition: Definition;
  readonly spec: ContainerSpec;
  /** What is accepted and has no effect. */
  readonly warnings: readonly Diagnostic[];
}

/**
 * @param file how messages call the text
 * @throws CtrError CTR_BAD_CONFIG; `data.diagnostics` has all faults, `data.rendered` the same as text for people
 */
export function parseText(text: string, file: string): ParsedDefinition {
  const result = parseDefinition(text, { file });
  if (result.ok) return { definition: result.definition, spec: result.definition.spec, warnings: result.warnings };
  const { diagnostics } = result;
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const count = errors === 1 ? 'it has a fault' : `it has ${errors} faults`;
  throw new CtrError('CTR_BAD_CONFIG', `cannot read definition '${file}': ${count}`, {
    data: { diagnostics, rendered: renderDiagnostics(diagnostics, text) },
  });
}

/** The largest file that is read as a definition, in bytes: the parser refuses it, and says why, from 1 MiB on. */
const FILE_LIMIT_BYTES = 8 * 1024 * 1024;

/**
 * Reads a definition file; `-` is stdin. What a file says that any user of the host may write to is nothing to do as root.
 *
 * @throws CtrError CTR_IO
 */
export async function readDefinitionFile(path: string): Promise<string> {
  try {
    const file = path === '-' ? undefined : await open(path, 'r');
    try {
      if (file !== undefined && process.geteuid?.() === 0) refuseOpenToAll(path, await file.stat());
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of file?.createReadStream({ autoClose: false }) ?? process.stdin) {
        chunks.push(chunk as Buffer);
        size += (chunk as Buffer).length;
        if (size > FILE_LIMIT_BYTES) throw new Error(`it is larger than ${FILE_LIMIT_BYTES} bytes`);
      }
      return Buffer.concat(chunks).toString('utf8');
    } finally {
      await file?.close();
    }
  } catch (error) {
    if (error instanceof CtrError) throw error;
    throw new CtrError('CTR_IO', `cannot read '${path}': ${reasonOf(error)}`, { cause: error });
  }
}

function refuseOpenToAll(path: string, stat: Stats): void {
  if (!stat.isFile() || (stat.mode & 0o002) === 0) return;
  throw new CtrError('CTR_IO', `cannot read '${path}': every user may write to it`, { hint: `chmod o-w ${path}` });
}

/** A defined container: its text, its record and its model. @throws CtrError CTR_NOT_FOUND, CTR_BAD_STATE, CTR_BAD_CONFIG */
export function readSpec(verb: string, paths: Paths, name: string): StoredDefinition & ParsedDefinition {
  const stored = readDefinition(verb, paths, name);
  return { ...stored, ...parseText(stored.text, stored.path) };
}

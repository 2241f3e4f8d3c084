/** validate: everything there is to say about a text, without storing it. */
import { type Diagnostic, givesUp, type TextFormat } from '../config/index.js';
import { CtrError } from '../errors.js';
import { describeText, type GivenOptions, type GivenText, readGiven, withUsualRoot } from './given-text.js';
import { parseGiven } from './read-spec.js';
import { renderRead } from './render-read.js';

export interface Validated {
  readonly file: string;
  /** Absent when neither name nor text tell it. */
  readonly format?: TextFormat;
  readonly valid: boolean;
  /** Errors and warnings in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
  /** The same as text for people, '' for none. */
  readonly rendered: string;
  readonly givesUp: readonly string[];
  /** What it asks for and no start can give (yet): it can be defined, and a start refuses. */
  readonly refusals: readonly string[];
}

export interface ValidateOptions extends GivenOptions {
  /** How messages call the text; default `definition`. */
  readonly file?: string | undefined;
}

/** Never throws for what is in the text. */
export function validate(text: string, options: ValidateOptions = {}): Validated {
  const file = options.file ?? 'definition';
  try {
    return validateGiven(describeText(text, file, options));
  } catch (error) {
    return invalid(error, file);
  }
}

/** The same of a file, or a directory with one in it; `-` is stdin. @throws CtrError CTR_IO */
export async function validateFile(path: string, options: GivenOptions = {}): Promise<Validated> {
  try {
    return validateGiven(await readGiven(path, options));
  } catch (error) {
    return invalid(error, path);
  }
}

function validateGiven(given: GivenText): Validated {
  const { file, format } = given;
  const reading = parseGiven(withUsualRoot(given));
  const spec = reading.definition?.spec;
  return {
    file,
    format,
    valid: spec !== undefined,
    diagnostics: reading.diagnostics,
    rendered: renderRead(reading),
    givesUp: spec === undefined ? [] : givesUp(spec),
    refusals: spec?.refusals ?? [],
  };
}

/** A text whose format or name nobody knows has a fault, too. A file that cannot be read is not even a text. */
function invalid(error: unknown, file: string): Validated {
  if (!(error instanceof CtrError) || error.code === 'CTR_IO') throw error;
  const { message, hint } = error;
  const diagnostic: Diagnostic = { severity: 'error', file, line: 1, column: 1, message };
  const diagnostics = [hint === undefined ? diagnostic : { ...diagnostic, hint }];
  const rendered = renderRead({ file, text: '', diagnostics });
  return { file, valid: false, diagnostics, rendered, givesUp: [], refusals: [] };
}

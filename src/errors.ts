/**
 * The one error class, and the catalogue of its codes.
 *
 * Message: `cannot <verb> <object>: <reason>`, lower case, no full stop, values in single quotes. The hint is one line that
 * says what to do. Rendering lives in `src/cli/`.
 */

/** Every code with the exit status the command line gives it. `docs/errors.md` explains each; a test compares the two. */
export const ERROR_CODES = {
  /** The command line itself is wrong. */
  CTR_USAGE: 2,
  /** A name that breaks the rule `[A-Za-z0-9][A-Za-z0-9_.-]{0,63}`. */
  CTR_BAD_NAME: 1,
  /** No container of that name is defined. */
  CTR_NOT_FOUND: 1,
  /** A container of that name is defined already. */
  CTR_EXISTS: 1,
  /** The container runs, and must not. */
  CTR_RUNNING: 1,
  /** The container does not run, and must. */
  CTR_NOT_RUNNING: 1,
  /** The container runs, and is not paused. */
  CTR_NOT_PAUSED: 1,
  /** Not all of the container could be frozen, or thawed, in time. */
  CTR_FREEZE_FAILED: 1,
  /** A limit cannot be set to this value. */
  CTR_BAD_LIMIT: 1,
  /** Another command holds the container's lock. */
  CTR_LOCKED: 1,
  /** A configuration file has faults; `data.diagnostics` lists them. */
  CTR_BAD_CONFIG: 1,
  /** A rule of the configuration cannot be enforced on this host. */
  CTR_UNSUPPORTED: 1,
  /** The helper failed at a step of the plan; `data` has step, call, errno, object. */
  CTR_START_FAILED: 1,
  /** init outlived the stop. */
  CTR_STOP_FAILED: 1,
  /** A file or directory could not be read or written. */
  CTR_IO: 1,
  /** A program that ctr needs is missing. */
  CTR_MISSING_PROGRAM: 1,
  /** The helper is missing, or of another version. */
  CTR_HELPER: 1,
  /** This needs root. */
  CTR_NEED_ROOT: 1,
  /** A template failed. */
  CTR_BOOTSTRAP_FAILED: 1,
  /** What is on disk about a container cannot be understood. */
  CTR_BAD_STATE: 1,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface CtrErrorOptions {
  /** One line: what the reader can do. */
  hint?: string;
  cause?: unknown;
  /** Machine-readable details, JSON-serialisable. */
  data?: Record<string, unknown>;
}

export class CtrError extends Error {
  override readonly name = 'CtrError';
  readonly code: ErrorCode;
  readonly hint?: string;
  readonly data?: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: CtrErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
    if (options.data !== undefined) this.data = options.data;
  }
}

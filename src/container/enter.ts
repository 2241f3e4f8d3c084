/** enter, exec, console: getting into a running container. */
import { CtrError } from '../errors.js';
import { consoleByHelper } from '../exec/console.js';
import { captureByHelper, type EnterRequest, enterByHelper } from '../exec/enter.js';
import { findHelper } from '../exec/helper.js';
import { isDefined, notFound } from '../state/store.js';
import { containerRunDir } from '../system/paths.js';
import { signalName } from '../system/signals.js';
import { type CtrOptions, checkName, openPaths, requireRoot } from './context.js';
import { statusOf } from './reconcile.js';

export interface EnterOptions extends CtrOptions {
  /** `USER` or `USER:GROUP`, names or numbers as inside; default root. */
  readonly user?: string | undefined;
  /** Working directory inside; default the user's home. */
  readonly cwd?: string | undefined;
  /** Added to the container's own environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** A terminal of its own; default: when stdin is one. */
  readonly tty?: boolean | undefined;
}

/**
 * Runs a command in a running container on this process's own stdin, stdout and stderr. No command: the login shell.
 *
 * @returns its exit status; 126 not executable, 127 not found, 128+n ended by signal n, 125 ctr itself failed
 * @throws CtrError CTR_NOT_FOUND, CTR_NOT_RUNNING
 */
export async function enter(name: string, argv: readonly string[] = [], options: EnterOptions = {}): Promise<number> {
  const { helper, dir } = await openRunning('enter', name, options);
  return enterByHelper(helper, dir, requestOf(argv, options));
}

export interface ExecOptions extends Omit<EnterOptions, 'tty'> {
  /** Written to its stdin; default nothing. */
  readonly input?: string | Uint8Array | undefined;
  /** Bytes kept of stdout, and of stderr; more is dropped and `truncated` set. Default 16 MiB. */
  readonly maxBytes?: number | undefined;
  /** It is ended after this time, in ms. */
  readonly timeoutMs?: number | undefined;
  /** Ends it when aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface ExecResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** As a shell would say: 126 not executable, 127 not found, 128+n ended by signal n. */
  readonly exitCode: number;
  /** Name without SIG when `exitCode` is 128+n of a signal n. */
  readonly signal?: string;
  readonly truncated: boolean;
  /** It was ended from here. */
  readonly ended?: 'timeout' | 'aborted';
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const LAST_SIGNAL = 64;

/**
 * Runs a command in a running container without a terminal and returns what it wrote, once both streams are at their end.
 *
 * @param argv program and arguments, not interpreted by a shell
 * @throws CtrError CTR_NOT_FOUND, CTR_NOT_RUNNING, CTR_USAGE (empty argv). A command that fails is a result, not an error
 */
export async function exec(name: string, argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  if (argv.length === 0) throw new CtrError('CTR_USAGE', `cannot exec in '${name}': no command is given`);
  const { helper, dir } = await openRunning('exec in', name, options);
  const { input, timeoutMs, signal, maxBytes = DEFAULT_MAX_BYTES } = options;
  const result = await captureByHelper(helper, dir, {
    ...requestOf(argv, options),
    input,
    timeoutMs,
    signal,
    maxBytes,
  });
  const number = result.exitCode - 128;
  return number > 0 && number <= LAST_SIGNAL ? { ...result, signal: signalName(number) } : result;
}

export interface ConsoleOptions extends CtrOptions {
  /** Which console; 0 (the default) is /dev/console. */
  readonly index?: number | undefined;
  /** Code of the control key that detaches; default 29, which is `^]`. */
  readonly escapeCode?: number | undefined;
}

/** Joins this process's terminal to a console until the user detaches or the container ends. @throws as `enter` */
export async function openConsole(name: string, options: ConsoleOptions = {}): Promise<number> {
  const { helper, dir } = await openRunning('open the console of', name, options);
  const { index = 0, escapeCode } = options;
  return consoleByHelper(helper, dir, escapeCode === undefined ? { index } : { index, escapeCode });
}

function requestOf(argv: readonly string[], { user, cwd, env, tty }: EnterOptions): EnterRequest {
  return { argv, user, cwd, env, tty };
}

async function openRunning(action: string, name: string, options: CtrOptions) {
  checkName(name);
  requireRoot('enter containers');
  const paths = openPaths(options);
  const { state, reason, run } = statusOf(paths, name);
  if (run === undefined && !isDefined(paths, name)) throw notFound(action, name);
  if (state !== 'running' && state !== 'paused') {
    throw new CtrError('CTR_NOT_RUNNING', `cannot ${action} '${name}': it is ${state}${reason ? ` (${reason})` : ''}`, {
      hint: `ctr start ${name}`,
    });
  }
  return { helper: await findHelper(options.helper), dir: containerRunDir(paths, name) };
}

/** enter, exec, console: getting into a running container. */
import { CtrError } from '../errors.js';
import { type ConsoleStreams, connectConsole, consoleByFrontDoor } from '../exec/console.js';
import type { SpawnedProcess, TerminalSize } from '../exec/controlled-process.js';
import { captureByFrontDoor, type EnterRequest, enterByFrontDoor, type WithoutPart } from '../exec/enter.js';
import { type FrontDoor, findFrontDoor } from '../exec/front-door.js';
import { spawnEnter } from '../exec/spawn-enter.js';
import { isDefined, notFound } from '../state/store.js';
import { signalName } from '../system/signals.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
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
  /** Less confined than init: without these parts. */
  readonly without?: readonly WithoutPart[] | undefined;
}

/**
 * Runs a command in a running container on this process's own stdin, stdout and stderr. No command: the login shell.
 *
 * @returns its exit status; 126 not executable, 127 not found, 128+n ended by signal n, 125 ctr itself failed
 * @throws CtrError CTR_NOT_FOUND, CTR_NOT_RUNNING
 */
export async function enter(name: string, argv: readonly string[] = [], options: EnterOptions = {}): Promise<number> {
  return enterByFrontDoor(openRunning('enter', name, options), name, requestOf(argv, options));
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
  const door = openRunning('exec in', name, options);
  const { input, timeoutMs, signal, maxBytes = DEFAULT_MAX_BYTES } = options;
  const result = await captureByFrontDoor(door, name, {
    ...requestOf(argv, options),
    input,
    timeoutMs,
    signal,
    maxBytes,
  });
  const number = result.exitCode - 128;
  return number > 0 && number <= LAST_SIGNAL ? { ...result, signal: signalName(number) } : result;
}

export interface SpawnOptions extends EnterOptions {
  /** Size of its terminal from the start; default 24 × 80. */
  readonly size?: TerminalSize | undefined;
  /** It is ended after this time, in ms. */
  readonly timeoutMs?: number | undefined;
  /** Ends it when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts a command in a running container as a subprocess with streams of its own, and does not wait for it.
 *
 * @param argv program and arguments; empty: the login shell
 * @throws as `enter`. What fails later is exit code 125 with a text on stderr
 */
export function spawn(name: string, argv: readonly string[], options: SpawnOptions = {}): SpawnedProcess {
  const { size, timeoutMs, signal } = options;
  const door = openRunning('enter', name, options);
  return spawnEnter(door, name, { ...requestOf(argv, options), size, timeoutMs, signal });
}

export interface ConsoleOptions extends CtrOptions {
  /** Which console; 0 (the default) is /dev/console. */
  readonly index?: number | undefined;
  /** Code of the control key that detaches; default 29, which is `^]`. */
  readonly escapeCode?: number | undefined;
  /** Types from now on, whoever did so far. Default: types when nobody does. */
  readonly take?: boolean | undefined;
  /** Looks on, and types nothing. */
  readonly watch?: boolean | undefined;
}

/** Joins this process's terminal to a console until the user detaches or the container ends. @throws as `enter` */
export async function openConsole(name: string, options: ConsoleOptions = {}): Promise<number> {
  const door = openRunning('open the console of', name, options);
  return consoleByFrontDoor(door, name, { ...options, index: options.index ?? 0 });
}

/** Joins a program to a console: streams instead of a terminal. @throws as `enter` */
export function attachConsole(name: string, options: Omit<ConsoleOptions, 'escapeCode'> = {}): ConsoleStreams {
  const { index = 0, take, watch } = options;
  return connectConsole(openRunning('open the console of', name, options), name, { index, take, watch });
}

function requestOf(argv: readonly string[], { user, cwd, env, tty, without }: EnterOptions): EnterRequest {
  return { argv, user, cwd, env, tty, without };
}

/** The front door tells of a container that does not run by an exit status, which a command may have as well: so it is asked here. */
function openRunning(action: string, name: string, options: CtrOptions): FrontDoor {
  checkName(name);
  const paths = openPaths(options);
  const { state, reason, run } = statusOf(paths, name);
  if (run === undefined && !isDefined(paths, name)) throw notFound(action, name);
  if (state !== 'running' && state !== 'paused') {
    throw new CtrError('CTR_NOT_RUNNING', `cannot ${action} '${name}': it is ${state}${reason ? ` (${reason})` : ''}`, {
      hint: `ctr start ${name}`,
    });
  }
  return findFrontDoor(options.helper, paths);
}

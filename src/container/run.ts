/** run: one command in a fresh container that is gone afterwards. Carried out by the front door. */
import { resolve } from 'node:path';
import { CtrError } from '../errors.js';
import { findFrontDoor, ownEnvironment } from '../exec/front-door.js';
import { captureRun } from '../exec/run-command.js';
import { signalName } from '../system/signals.js';
import { type CtrOptions, checkName, openPaths } from './context.js';

export interface RunBindOption {
  /** Directory or file of the host. */
  readonly source: string;
  /** Where it is inside; default the same path. */
  readonly target?: string | undefined;
  /** Default false: what is written to it stays, as files of its owner. */
  readonly readonly?: boolean | undefined;
}

/** `rootfs`, `from` and `hostReadonly` exclude each other; without any the root is the host's tree, read-only. */
export interface RunCommandOptions extends CtrOptions {
  /** Program, found by the PATH inside. */
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  /** Directory with a root file system; what is written to it is gone afterwards. */
  readonly rootfs?: string | undefined;
  /** Name of a defined container, whose root it gets; what is written to it is gone afterwards. */
  readonly from?: string | undefined;
  /** The host's tree, read-only, with private /tmp, /var/tmp, /home, /root and /run. */
  readonly hostReadonly?: boolean | undefined;
  readonly binds?: readonly RunBindOption[] | undefined;
  /** `none` (default): its own loopback; `host`; `user`, of an ordinary user: the way out; or a network. */
  readonly net?: string | undefined;
  /** Ports of the host that lead inside, `[ADDRESS:]HOST[:INSIDE][/udp]`. `net` is `default` then when it is missing, `user` of an ordinary user. */
  readonly publish?: readonly string[] | undefined;
  /** Default 1 GiB. */
  readonly memoryBytes?: number | undefined;
  /** Default 1024. */
  readonly pids?: number | undefined;
  /** Processors, with a fraction; default all. */
  readonly cpus?: number | undefined;
  /** It is ended after this time, with everything that it has started. */
  readonly timeoutMs?: number | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** `USER` or `USER:GROUP` as inside; default root, who is nobody outside. */
  readonly user?: string | undefined;
  /** Default `/`. */
  readonly workdir?: string | undefined;
  /** Default nothing. */
  readonly stdin?: string | Uint8Array | undefined;
  /** Bytes kept of stdout, and of stderr; more is dropped and `truncated` set. Default 16 MiB. */
  readonly maxOutputBytes?: number | undefined;
  /** Ends it and everything in it when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** What it is called while it runs. */
  readonly name?: string | undefined;
}

export interface RunResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** As a shell would say: 124 timed out, 126 not executable, 127 not found, 128+n ended by signal n. */
  readonly exitCode: number;
  /** Name without SIG when `exitCode` is 128+n of a signal n. */
  readonly signal?: string;
  /** The kernel has killed a process of it for its memory limit. */
  readonly oom: boolean;
  readonly timedOut: boolean;
  /** It was ended by the AbortSignal. */
  readonly aborted: boolean;
  /** Bytes were dropped from stdout or stderr. */
  readonly truncated: boolean;
  readonly usage: {
    readonly cpuMs: number;
    /** Absent where this host does not count memory. */
    readonly peakMemoryBytes?: number;
  };
}

const DEFAULT_MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/**
 * Runs a command that need not be trusted: all namespaces of its own, host ids that nobody else has, few capabilities, a filter of
 * system calls, limits. Nothing of it is left afterwards. A command that fails is a result, not an error.
 *
 * The first run with some options compiles a plan, which later ones of the same options begin with.
 *
 * @throws CtrError CTR_USAGE, CTR_BAD_NAME, CTR_EXISTS, CTR_NOT_FOUND, CTR_RUNNING, CTR_UNSUPPORTED, CTR_START_FAILED, CTR_NEED_ROOT, CTR_MISSING_PROGRAM, CTR_HELPER
 */
export async function run(options: RunCommandOptions): Promise<RunResult> {
  const { stdin, signal, maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES } = options;
  if (!(maxOutputBytes >= 0))
    throw new CtrError('CTR_USAGE', `cannot keep ${maxOutputBytes} bytes of the output: a size is 0 or more`);
  const args = runArgs(options);
  const door = findFrontDoor(options.helper, openPaths(options), ownEnvironment());
  const {
    signal: number,
    cpuUs,
    peakMemoryBytes,
    ...ended
  } = await captureRun(door, args, { stdin, maxOutputBytes, signal });
  return {
    ...ended,
    ...(number === undefined ? {} : { signal: signalName(number) }),
    usage: { cpuMs: cpuUs / 1000, ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }) },
  };
}

/** Arguments of the front door. Pure but for the working directory, which relative paths are of. @throws CtrError CTR_USAGE, CTR_BAD_NAME */
export function runArgs(options: RunCommandOptions): string[] {
  const { command, args = [], name, timeoutMs, workdir, env = {} } = options;
  if (command === '') throw new CtrError('CTR_USAGE', 'cannot run: no command is given');
  if (name !== undefined) checkName(name);
  if (timeoutMs !== undefined && !(timeoutMs >= 0 && timeoutMs < 1e12))
    throw new CtrError('CTR_USAGE', `cannot run for ${timeoutMs} ms: a timeout is from 0 to 10^12 ms`);
  if (workdir !== undefined && !workdir.startsWith('/'))
    throw new CtrError('CTR_USAGE', `cannot run in '${workdir}': it is no absolute path`);
  const words = ['run', '--report', '--no-tty'];
  const add = (option: string, value: string | number | undefined) => {
    if (value !== undefined) words.push(`--${option}=${value}`);
  };
  add('rootfs', options.rootfs === undefined ? undefined : resolve(options.rootfs));
  add('from', options.from);
  if (options.hostReadonly) words.push('--host-readonly');
  for (const bind of options.binds ?? []) add(bind.readonly ? 'bind-ro' : 'bind', bindWord(bind));
  add('net', options.net);
  for (const port of options.publish ?? []) add('publish', port);
  add('memory', options.memoryBytes);
  add('pids', options.pids);
  add('cpus', options.cpus);
  add('user', options.user);
  add('name', name);
  add('timeout', timeoutMs === undefined ? undefined : `${Math.round(timeoutMs)}ms`);
  add('workdir', workdir);
  for (const [variable, value] of Object.entries(env)) add('env', variableWord(variable, value));
  const all = [...words, '--', command, ...args];
  const cut = all.find((word) => word.includes('\0'));
  if (cut !== undefined) throw new CtrError('CTR_USAGE', `cannot run: a NUL in '${cut.replaceAll('\0', '\\0')}'`);
  return all;
}

function bindWord({ source, target }: RunBindOption): string {
  const from = resolve(source);
  const to = target ?? from;
  if (from.includes(':/') || to.includes(':/'))
    throw new CtrError('CTR_USAGE', `cannot bind '${from}': ':/' in a path cannot be told from the end of the source`);
  return `${from}:${to}`;
}

function variableWord(name: string, value: string): string {
  if (name !== '' && !/[=\0]/.test(name) && !value.includes('\0')) return `${name}=${value}`;
  throw new CtrError('CTR_USAGE', `cannot set the variable '${name}': it has an '=' or a NUL in it`);
}

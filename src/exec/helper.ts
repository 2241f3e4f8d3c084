/** The native helper: where it is, whether it speaks our protocol, and its short commands. Argument lists: docs/architecture.md. */
import { type StdioOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { CtrError } from '../errors.js';
import { debug } from '../system/log.js';
import { packageRoot } from '../system/package-root.js';
import { reasonOf } from '../system/reason.js';
import { PLAN_VERSION } from './plan.js';

/** What `clone-helper version` must say. */
const HELPER_VERSION = `clone-helper ${PLAN_VERSION}`;

/** Bytes of stdout and of stderr that are kept of a helper's answer. */
const ANSWER_LIMIT_BYTES = 1024 * 1024;

export interface HelperResult {
  /** 128+n when signal n ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Versions are asked for once per process and path. */
const checked = new Map<string, Promise<void>>();

/** Path of the helper: the given one, else CTR_HELPER, else the one built in this package. */
export function helperPath(given?: string): string {
  return given || process.env.CTR_HELPER || join(packageRoot(), 'native/build/clone-helper');
}

/** The same, checked to be of our version. @throws CtrError CTR_HELPER */
export async function findHelper(given?: string): Promise<string> {
  const path = helperPath(given);
  let check = checked.get(path);
  if (check === undefined) {
    check = checkVersion(path);
    checked.set(path, check);
  }
  await check;
  return path;
}

async function checkVersion(path: string): Promise<void> {
  if (!existsSync(path)) {
    throw new CtrError('CTR_HELPER', `cannot find the native helper: '${path}' does not exist`, {
      hint: 'npm run build makes it; CTR_HELPER names another one',
    });
  }
  const { stdout } = await runHelper(path, ['version']);
  if (stdout.trim() === HELPER_VERSION) return;
  throw new CtrError(
    'CTR_HELPER',
    `cannot use the native helper '${path}': it is '${stdout.trim()}', not '${HELPER_VERSION}'`,
    {
      hint: 'npm run build makes one of this version',
    },
  );
}

/**
 * Runs a helper command to its end and keeps what it says.
 *
 * @param extraFd becomes fd 3 of the helper
 * @throws CtrError CTR_HELPER when it cannot be run
 */
export function runHelper(path: string, args: readonly string[], extraFd?: number): Promise<HelperResult> {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
  if (extraFd !== undefined) stdio.push(extraFd);
  debug(`helper: ${args.join(' ')}`);
  const child = spawn(path, args, { stdio });
  return new Promise((resolve, reject) => {
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    child.on('error', (error) => {
      reject(
        new CtrError('CTR_HELPER', `cannot run the native helper '${path}': ${reasonOf(error)}`, { cause: error }),
      );
    });
    child.on('close', (code, signal) => {
      resolve({ exitCode: exitCodeOf(code, signal), stdout: stdout(), stderr: stderr() });
    });
  });
}

/** Collects a stream up to the limit; returns how to read what came so far. */
export function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= ANSWER_LIMIT_BYTES) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** A shell's view of how a process ended. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (code !== null) return code;
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** Last line a program wrote, for the end of a message. */
export function lastLine(text: string): string {
  return (
    text
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^(ctr|clone-helper): /, '') ?? ''
  );
}

/** Takes LOCK_EX on an open file of ours (flock(2) belongs to the open file description, so it stays with us). */
export async function flockByHelper(path: string, fd: number, timeoutMs: number): Promise<'locked' | 'timeout'> {
  const { exitCode, stderr } = await runHelper(path, ['lock', '3', String(timeoutMs)], fd);
  if (exitCode === 0) return 'locked';
  if (exitCode === 75) return 'timeout';
  throw new CtrError('CTR_HELPER', `cannot lock: ${lastLine(stderr) || `the helper exited with ${exitCode}`}`);
}

/** Ends and takes away whatever is left of a container; nothing left is success. */
export async function cleanupByHelper(path: string, dir: string): Promise<{ ok: boolean; reason: string }> {
  const { exitCode, stderr } = await runHelper(path, ['cleanup', dir]);
  return { ok: exitCode === 0, reason: lastLine(stderr) || `the helper exited with ${exitCode}` };
}

/**
 * Makes a network of the host from the plan in its run directory, or takes it away.
 *
 * @param action `up`: it stays; `down`: whoever uses it; `release`: when nobody does
 */
export async function networkByHelper(
  path: string,
  action: 'up' | 'down' | 'release' | 'reload' | 'prune',
  name: string,
  dir: string,
): Promise<{ ok: boolean; reason: string }> {
  const { exitCode, stdout, stderr } = await runHelper(path, ['network', action, name, dir]);
  return {
    ok: exitCode === 0,
    reason: readFailure(stdout) || lastLine(stderr) || `the helper exited with ${exitCode}`,
  };
}

/** The words of a failure that the helper tells as JSON: what it was doing, and why that failed. */
function readFailure(stdout: string): string {
  try {
    const { step, message, errnoName } = JSON.parse(stdout) as Record<string, string>;
    return [step, errnoName ? `${errnoName} (${message})` : message].filter(Boolean).join(': ');
  } catch {
    return '';
  }
}

/** Runs the hooks of a compiled container at a point that is no start and no end. No such hook is success. */
export async function runHooksByHelper(
  path: string,
  dir: string,
  point: 'clone' | 'destroy',
): Promise<{ ok: boolean; reason: string }> {
  const { exitCode, stderr } = await runHelper(path, ['hooks', dir, point]);
  return { ok: exitCode === 0, reason: lastLine(stderr) || `the helper exited with ${exitCode}` };
}

/**
 * What the compiled plan of a container depends on, as text: a plan that was compiled under another key is stale.
 *
 * @param stateDir the container's directory in the state directory
 * @param runDir its run directory
 * @throws CtrError CTR_HELPER
 */
export async function keyByHelper(path: string, stateDir: string, runDir: string): Promise<string> {
  const { exitCode, stdout, stderr } = await runHelper(path, ['key', stateDir, runDir]);
  if (exitCode === 0 && stdout !== '') return stdout;
  throw new CtrError(
    'CTR_HELPER',
    `cannot make the key of a plan: ${lastLine(stderr) || `the helper exited with ${exitCode}`}`,
  );
}

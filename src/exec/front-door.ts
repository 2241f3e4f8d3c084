/** The front door: the native `ctr`, the one implementation of the verbs that are called often. docs/architecture.md */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CtrError } from '../errors.js';
import { debug } from '../system/log.js';
import type { Paths } from '../system/paths.js';
import { reasonOf } from '../system/reason.js';
import { helperPath } from './helper.js';

export interface FrontDoor {
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Programs that were there once: the next look at them is exec's. */
const seen = new Set<string>();

/**
 * The front door beside the helper.
 *
 * @param helper path of another helper than the usual one
 * @param paths the directories it works in; default those of this process's environment
 * @param env what it inherits
 * @throws CtrError CTR_HELPER
 */
export function findFrontDoor(helper?: string, paths?: Paths, env: NodeJS.ProcessEnv = process.env): FrontDoor {
  const program = join(dirname(helperPath(helper)), 'ctr');
  if (!seen.has(program) && !existsSync(program)) {
    throw new CtrError('CTR_HELPER', `cannot find the native front door: '${program}' does not exist`, {
      hint: 'npm run build makes it; CTR_HELPER names the helper that another one lies beside',
    });
  }
  seen.add(program);
  return {
    program,
    env: {
      ...env,
      ...(paths === undefined ? {} : { CTR_STATE_DIR: paths.stateDir, CTR_RUN_DIR: paths.runDir }),
      ...(helper ? { CTR_HELPER: helper } : {}),
    },
  };
}

const INHERITED = new Set(['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR']);

/**
 * Of this process's environment what ctr and the programs that it runs go by. To read and to pass on all of it takes longer than
 * anything else that this process does for a run, and what else is in it is none of their business.
 */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const name of Object.keys(process.env))
    if (INHERITED.has(name) || name.startsWith('CTR_') || name.startsWith('LC_')) env[name] = process.env[name];
  return env;
}

/**
 * Starts it. stdio as in node:child_process.
 *
 * @throws CtrError CTR_HELPER when it cannot be started at all. Some reasons (EAGAIN, say) come as an event instead.
 */
export function spawnFrontDoor(door: FrontDoor, args: readonly string[], stdio: StdioOptions): ChildProcess {
  debug(`front door: ${args.join(' ')}`);
  let child: ChildProcess;
  try {
    child = spawn(door.program, args, { env: door.env, stdio });
  } catch (error) {
    throw frontDoorError(door, error);
  }
  if ((child.stdio as unknown) !== undefined) return child;
  // Out of descriptors Node makes no streams, and tells so in an event that nobody could listen to in time.
  child.on('error', () => {});
  throw frontDoorError(door, Object.assign(new Error('too many open files'), { code: 'EMFILE' }));
}

/** The error of a front door that could not be started at all. */
export function frontDoorError({ program }: FrontDoor, error: unknown): CtrError {
  return new CtrError('CTR_HELPER', `cannot run the native front door '${program}': ${reasonOf(error)}`, {
    cause: error,
  });
}

const LONGEST_TIMEOUT_MS = 1e9;

/** `--timeout` in seconds from ms; nothing for undefined and Infinity. Pure. @throws CtrError CTR_USAGE */
export function timeoutArgs(timeoutMs: number | undefined): string[] {
  if (timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY) return [];
  if (!(timeoutMs >= 0 && timeoutMs <= LONGEST_TIMEOUT_MS)) {
    throw new CtrError('CTR_USAGE', `cannot wait ${timeoutMs} ms: a timeout is from 0 to ${LONGEST_TIMEOUT_MS} ms`);
  }
  return ['--timeout', String(Math.round(timeoutMs) / 1000)];
}

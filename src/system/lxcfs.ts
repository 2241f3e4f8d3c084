/** lxcfs: where it shows what, and starting it. One serves all containers of a host. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { debug } from './log.js';
import type { Mount } from './mountinfo.js';
import { readMounts } from './procfs.js';
import { reasonOf } from './reason.js';
import { runProgram } from './run.js';

/** Where the packages of distributions mount theirs. */
const USUAL = '/var/lib/lxcfs';
const PROGRAMS = ['/usr/bin/lxcfs', '/usr/local/bin/lxcfs', '/bin/lxcfs'];
const START_TIMEOUT_MS = 3000;
const START_STEP_MS = 10;

export type LxcfsState =
  | { readonly kind: 'runs'; readonly mountpoint: string }
  /** Its mount is there, and nobody behind it: reads give ENOTCONN. */
  | { readonly kind: 'dead'; readonly mountpoint: string }
  | { readonly kind: 'installed' }
  | { readonly kind: 'missing' };

/** Of several, one that answers, the distribution's first. */
export function findLxcfs(mounts: readonly Mount[] = readMounts()): LxcfsState {
  const mountpoints = mounts
    .filter(({ fstype, root }) => fstype === 'fuse.lxcfs' && root === '/')
    .map(({ mountpoint }) => mountpoint)
    .sort((a, b) => Number(b === USUAL) - Number(a === USUAL));
  const live = mountpoints.find(answers);
  if (live !== undefined) return { kind: 'runs', mountpoint: live };
  const [dead] = mountpoints;
  if (dead !== undefined) return { kind: 'dead', mountpoint: dead };
  return { kind: findProgram() === undefined ? 'missing' : 'installed' };
}

/** Whether somebody is still behind a file system that a container's files are of: one that was started anew is another. */
export function servesLxcfs(device: string, mounts: readonly Mount[] = readMounts()): boolean {
  return mounts.some(
    (mount) =>
      mount.fstype === 'fuse.lxcfs' && mount.root === '/' && mount.device === device && answers(mount.mountpoint),
  );
}

/** By reading: what is behind a file the kernel remembers for a while, also when nobody is there any more. */
function answers(mountpoint: string): boolean {
  try {
    return readFileSync(join(mountpoint, 'proc/meminfo')).length > 0;
  } catch {
    return false;
  }
}

function findProgram(): string | undefined {
  return PROGRAMS.find((path) => existsSync(path));
}

/** Directory of the run directory that ctr's own is mounted on. */
export function lxcfsDir(runDir: string): string {
  return join(runDir, 'lxcfs');
}

/** Where one that is started will be. */
export function expectLxcfs(runDir: string): string {
  return hasSystemd() ? USUAL : lxcfsDir(runDir);
}

/** sd_booted(3). */
function hasSystemd(): boolean {
  return existsSync('/run/systemd/system');
}

/**
 * Starts one: the distribution's unit where systemd is PID 1, else one below the run directory. It stays when this process ends.
 *
 * @returns what is the case afterwards
 */
export async function startLxcfs(runDir: string): Promise<LxcfsState> {
  const before = findLxcfs();
  if (before.kind === 'runs' || before.kind === 'missing') return before;
  try {
    if (before.kind === 'dead') await runProgram('umount', ['--lazy', before.mountpoint], 'unmount a dead lxcfs');
    if (hasSystemd()) await startUnit();
    if (findLxcfs().kind !== 'runs') await startOwn(runDir);
  } catch (error) {
    debug(`lxcfs: ${reasonOf(error)}`);
  }
  return findLxcfs();
}

async function startUnit(): Promise<void> {
  try {
    await runProgram('systemctl', ['start', 'lxcfs.service'], 'start lxcfs', { timeoutMs: START_TIMEOUT_MS });
    await waitUntilRuns();
  } catch (error) {
    debug(`lxcfs: ${reasonOf(error)}`);
  }
}

/** With the views of processors by quota and of the load, which it leaves out unless asked. */
async function startOwn(runDir: string): Promise<void> {
  const program = findProgram();
  if (program === undefined) return;
  const directory = lxcfsDir(runDir);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  // It does not go to the background by itself.
  const child = spawn(program, ['--enable-loadavg', '--enable-cfs', `--pidfile=${directory}.pid`, directory], {
    cwd: '/',
    detached: true,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: 'ignore',
  });
  child.on('error', (error) => debug(`lxcfs: ${error.message}`)).unref();
  if (child.pid !== undefined) protect(child.pid);
  await waitUntilRuns(() => child.exitCode !== null || child.signalCode !== null);
}

async function waitUntilRuns(hasFailed = () => false): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (findLxcfs().kind !== 'runs' && !hasFailed() && performance.now() < deadline) await sleep(START_STEP_MS);
}

/** All containers read through it: it is to be the last that the kernel kills for memory. */
function protect(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '-1000');
  } catch (error) {
    debug(`lxcfs: ${reasonOf(error)}`);
  }
}

/** Its pid, when that still is what serves this directory. */
function readOwnPid(directory: string): number | undefined {
  try {
    const pid = Number(readFileSync(`${directory}.pid`, 'utf8'));
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(directory) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Takes away the one below the run directory, where there is one. @returns whether there was */
export async function stopLxcfs(runDir: string): Promise<boolean> {
  const directory = lxcfsDir(runDir);
  if (!readMounts().some(({ fstype, mountpoint }) => fstype === 'fuse.lxcfs' && mountpoint === directory)) return false;
  const pid = readOwnPid(directory);
  await runProgram('umount', [directory], 'end lxcfs');
  // It would end by that alone, once its thread for the load has slept its five seconds.
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (readOwnPid(directory) !== undefined && performance.now() < deadline) await sleep(START_STEP_MS);
  await rm(`${directory}.pid`, { force: true });
  await rmdir(directory);
  return true;
}

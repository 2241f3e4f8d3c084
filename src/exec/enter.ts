/** `ctr enter`: a command in a running container. */
import type { ChildProcess } from 'node:child_process';
import { onAbort } from './abort.js';
import { collectBounded } from './bounded-output.js';
import { type FrontDoor, frontDoorError, spawnFrontDoor } from './front-door.js';
import { exitCodeOf } from './helper.js';
import { runInteractive } from './interactive.js';

export interface EnterRequest {
  /** Program and arguments; empty: the user's login shell. */
  readonly argv: readonly string[];
  /** `USER` or `USER:GROUP`, names or numbers as inside. */
  readonly user?: string | undefined;
  /** Working directory inside. */
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** A terminal of its own: undefined decides by whether stdin is one. */
  readonly tty?: boolean | undefined;
  /** Less confined than init: without these. */
  readonly without?: readonly WithoutPart[] | undefined;
}

/** `capabilities`: all that its user namespace has; `seccomp`: no filter, and no_new_privs is not set; `label`: the caller's. */
export type WithoutPart = 'capabilities' | 'seccomp' | 'label';

/** Arguments of the front door. Pure. */
export function enterArgs(name: string, request: EnterRequest): string[] {
  const args = ['enter'];
  if (request.user !== undefined) args.push('-u', request.user);
  if (request.cwd !== undefined) args.push('-w', request.cwd);
  for (const [variable, value] of Object.entries(request.env ?? {})) args.push('-e', `${variable}=${value}`);
  if (request.without?.length) args.push('--without', request.without.join(','));
  if (request.tty !== undefined) args.push(request.tty ? '-t' : '-T');
  return [...args, name, '--', ...request.argv];
}

/** Runs it on the caller's own stdin, stdout and stderr; returns the exit status (125 to 127 and 128+n as in the shell). */
export function enterByFrontDoor(door: FrontDoor, name: string, request: EnterRequest): Promise<number> {
  return runInteractive(door, enterArgs(name, request));
}

export interface CapturedRequest extends EnterRequest {
  /** Written to stdin, which then ends. */
  readonly input?: string | Uint8Array | undefined;
  /** Bytes kept of stdout, and of stderr; the rest is read and dropped. */
  readonly maxBytes: number;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Captured {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly exitCode: number;
  /** Bytes were dropped from stdout or stderr. */
  readonly truncated: boolean;
  /** Why it was ended from here. */
  readonly ended?: 'timeout' | 'aborted';
}

/** After SIGTERM the front door has so long to end its command before it is killed, in ms. */
const KILL_DELAY_MS = 2000;

/** Runs it with pipes and returns what it wrote: both streams are read to their end before the promise is fulfilled. */
export function captureByFrontDoor(door: FrontDoor, name: string, request: CapturedRequest): Promise<Captured> {
  const child = spawnFrontDoor(door, enterArgs(name, { ...request, tty: false }), ['pipe', 'pipe', 'pipe']);
  const stdout = collectBounded(child.stdout, request.maxBytes);
  const stderr = collectBounded(child.stderr, request.maxBytes);
  const limit = endWhenOver(child, request);
  // The command may end without reading its input.
  child.stdin?.on('error', () => {});
  child.stdin?.end(request.input ?? '');
  return new Promise<Captured>((resolve, reject) => {
    child.on('error', (error) => reject(frontDoorError(door, error)));
    child.on('close', (code, signal) => {
      const ended = limit.ended();
      resolve({
        stdout: stdout.bytes(),
        stderr: stderr.bytes(),
        exitCode: exitCodeOf(code, signal),
        truncated: stdout.truncated() || stderr.truncated(),
        ...(ended === undefined ? {} : { ended }),
      });
    });
  }).finally(limit.clear);
}

export interface Limits {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Ends the front door, and by it the command, when its time is over or its caller gives up. */
export function endWhenOver(child: ChildProcess, { timeoutMs, signal }: Limits) {
  let ended: Captured['ended'];
  let killTimer: NodeJS.Timeout | undefined;
  const end = (why: 'timeout' | 'aborted') => {
    if (ended !== undefined) return;
    ended = why;
    child.kill('SIGTERM');
    killTimer = setTimeout(() => child.kill('SIGKILL'), KILL_DELAY_MS);
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => end('timeout'), timeoutMs);
  const forget = onAbort(signal, () => end('aborted'));
  return {
    ended: () => ended,
    clear: () => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      forget();
    },
  };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { slow } from './slow.js';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Bytes for stdin; default: nothing, /dev/null. */
  readonly input?: string | Uint8Array;
  /** SIGKILL after this time; default 30 s; on slow machines more. */
  readonly timeoutMs?: number;
}

export interface RunResult {
  /** Exit status; 128 + N when signal N ended the program. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
  readonly timedOut: boolean;
}

export interface RunningProgram {
  readonly child: ChildProcess;
  readonly result: Promise<RunResult>;
}

/** Starts a program and collects what it says until it ends. */
export function startProgram(argv: readonly string[], options: RunOptions = {}): RunningProgram {
  const [program, ...args] = argv;
  if (program === undefined) throw new Error('no program to run');
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  return { child, result: collect(child, options) };
}

/** Runs a program to its end. Never throws for its exit status. */
export function runProgram(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return startProgram(argv, options).result;
}

function collect(child: ChildProcess, options: RunOptions): Promise<RunResult> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let timedOut = false;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => {
        timedOut = true;
        child.kill('SIGKILL');
      },
      slow(options.timeoutMs ?? 30_000),
    );
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const stdoutBytes = Buffer.concat(stdout);
      resolve({
        status: code ?? 128 + (signal === null ? 0 : signalNumber(signal)),
        stdout: stdoutBytes.toString(),
        stderr: Buffer.concat(stderr).toString(),
        stdoutBytes,
        timedOut,
      });
    });
    // A program that ends before it has read all closes the pipe: its exit status tells, not EPIPE.
    child.stdin?.on('error', () => undefined);
    if (options.input !== undefined) child.stdin?.end(options.input);
  });
}

function signalNumber(signal: NodeJS.Signals): number {
  return (
    { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGPIPE: 13, SIGTERM: 15 }[
      signal as string
    ] ?? 0
  );
}

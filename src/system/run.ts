/** Runs other programs (not the helper, see `src/exec/`). The one place that knows execa, imported when first used. */
import { CtrError } from '../errors.js';
import { debug } from './log.js';

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
  /** Added to the clean environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds; none by default. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Programs answer in English and find only the system's own programs, whatever the caller's environment says. */
const CLEAN_ENV = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** Proxies are part of how this host reaches the network. */
const PASSED_ENV = ['http_proxy', 'https_proxy', 'no_proxy', 'TMPDIR'];

/** More than any program that ctr runs has to say. */
const OUTPUT_LIMIT_BYTES = 4 * 1024 * 1024;

/**
 * Runs a program to its end and returns what it wrote to stdout.
 *
 * @param program a name looked up in the system's directories, or an absolute path
 * @param purpose what fails when it fails: `cannot <purpose>: …`
 * @throws CtrError CTR_MISSING_PROGRAM, or CTR_IO with the last line of stderr
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  purpose: string,
  options: RunOptions = {},
): Promise<string> {
  const { execa } = await import('execa');
  debug(`run: ${program} ${args.join(' ')}`);
  const result = await execa(program, args, { ...execaOptions(options), maxBuffer: OUTPUT_LIMIT_BYTES });
  if (result.failed) throw failureOf(program, args, purpose, result);
  return result.stdout;
}

/**
 * Runs a program and hands its stdout on as it comes, whatever its length. The program has ended when this returns.
 *
 * @param read takes all of stdout, or throws, which ends the program
 * @returns what `read` returned
 * @throws as `runProgram`, and what `read` throws
 */
export async function streamProgram<T>(
  program: string,
  args: readonly string[],
  purpose: string,
  read: (stdout: AsyncIterable<Uint8Array>) => Promise<T>,
  options: RunOptions = {},
): Promise<T> {
  const { execa } = await import('execa');
  debug(`run: ${program} ${args.join(' ')}`);
  const running = execa(program, args, {
    ...execaOptions(options),
    buffer: { stdout: false, stderr: true },
    maxBuffer: { stderr: OUTPUT_LIMIT_BYTES },
  });
  const { stdout } = running;
  // Else execa throws away what comes before `read` begins to take it.
  stdout.pause();
  try {
    const answer = await read(stdout);
    const result = await running;
    if (result.failed) throw failureOf(program, args, purpose, result);
    return answer;
  } catch (error) {
    // What cannot be read is the consequence where the program has failed, and its failure is where `read` gave up.
    const gaveUp = !stdout.readableEnded;
    running.kill('SIGKILL');
    const result = await running;
    throw result.failed && !gaveUp ? failureOf(program, args, purpose, result) : error;
  }
}

function execaOptions({ cwd, input, env, timeoutMs, signal }: RunOptions) {
  const passed = PASSED_ENV.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return {
    reject: false,
    extendEnv: false,
    env: { ...CLEAN_ENV, ...Object.fromEntries(passed), ...env },
    stdin: input === undefined ? 'ignore' : 'pipe',
    stripFinalNewline: false,
    ...(cwd === undefined ? {} : { cwd }),
    ...(input === undefined ? {} : { input }),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  } as const;
}

function failureOf(program: string, args: readonly string[], purpose: string, result: Failure): CtrError {
  if (result.code === 'ENOENT') {
    return new CtrError('CTR_MISSING_PROGRAM', `cannot ${purpose}: the program '${program}' is missing`);
  }
  return new CtrError('CTR_IO', `cannot ${purpose}: ${program}: ${explain(result)}`, {
    data: { program, args: [...args], exitCode: result.exitCode ?? null, stderr: String(result.stderr) },
  });
}

interface Failure {
  readonly code?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly isCanceled: boolean;
  readonly timedOut: boolean;
  readonly stderr?: unknown;
  readonly shortMessage?: string | undefined;
}

function explain(result: Failure): string {
  if (result.isCanceled) return 'interrupted';
  if (result.timedOut) return 'took too long';
  const lines = String(result.stderr ?? '')
    .trim()
    .split('\n');
  return lines.at(-1) || result.shortMessage || 'failed';
}

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
  const passed = PASSED_ENV.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const result = await execa(program, args, {
    reject: false,
    extendEnv: false,
    env: { ...CLEAN_ENV, ...Object.fromEntries(passed), ...options.env },
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    maxBuffer: OUTPUT_LIMIT_BYTES,
    stripFinalNewline: false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  if (!result.failed) return result.stdout;
  if (result.code === 'ENOENT') {
    throw new CtrError('CTR_MISSING_PROGRAM', `cannot ${purpose}: the program '${program}' is missing`);
  }
  throw new CtrError('CTR_IO', `cannot ${purpose}: ${program}: ${explain(result)}`, {
    data: { program, args: [...args], exitCode: result.exitCode ?? null, stderr: String(result.stderr) },
  });
}

interface Failure {
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

/** `ctr run --report`: one command in a new container, its output and what the front door tells of it on descriptor 3. */
import { CtrError } from '../errors.js';
import { onAbort } from './abort.js';
import { collectBounded } from './bounded-output.js';
import { type FrontDoor, frontDoorError, spawnFrontDoor } from './front-door.js';
import { parseError } from './front-report.js';
import { lastLine } from './helper.js';

export interface CapturedRun {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly truncated: boolean;
  readonly exitCode: number;
  /** Number of the signal that ended the command. */
  readonly signal?: number;
  readonly oom: boolean;
  readonly timedOut: boolean;
  /** It was ended from here. */
  readonly aborted: boolean;
  readonly cpuUs: number;
  readonly peakMemoryBytes?: number;
}

export interface CaptureOptions {
  readonly stdin?: string | Uint8Array | undefined;
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the front door to its end; an abort ends everything in the container.
 *
 * @param args of `ctr`, the verb first
 * @throws CtrError what the front door reports, CTR_HELPER when it reports nothing
 */
export async function captureRun(
  door: FrontDoor,
  args: readonly string[],
  options: CaptureOptions,
): Promise<CapturedRun> {
  const { stdin, maxOutputBytes, signal } = options;
  if (signal?.aborted) return { ...NOTHING, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const child = spawnFrontDoor(door, args, [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe']);
  const stdout = collectBounded(child.stdout, maxOutputBytes);
  const stderr = collectBounded(child.stderr, maxOutputBytes);
  const report = collectBounded(child.stdio[3] as NodeJS.ReadableStream, REPORT_LIMIT_BYTES);
  const forget = onAbort(signal, () => void child.kill('SIGTERM'));
  // The command may end without reading its input.
  child.stdin?.on('error', () => {});
  child.stdin?.end(stdin);
  return new Promise<CapturedRun>((resolve, reject) => {
    child.on('error', (error) => reject(frontDoorError(door, error)));
    child.on('close', (status) => {
      const told = parseRunReport(report.bytes().toString('utf8'));
      if (told === undefined && signal?.aborted) {
        // Before there was anything to end.
        resolve({ ...NOTHING, stdout: stdout.bytes(), stderr: stderr.bytes() });
      } else if (told === undefined) {
        const reason = lastLine(stderr.bytes().toString('utf8')) || `it gave no report and exited with ${status}`;
        reject(new CtrError('CTR_HELPER', `cannot run by the front door: ${reason}`));
      } else if (told instanceof CtrError) reject(told);
      else {
        const truncated = stdout.truncated() || stderr.truncated();
        // Somebody else may have ended the front door.
        const aborted = told.aborted && signal?.aborted === true;
        resolve({ ...told, aborted, stdout: stdout.bytes(), stderr: stderr.bytes(), truncated });
      }
    });
  }).finally(forget);
}

/** As of a command that SIGKILL has ended. */
const ABORTED = 137;
const NOTHING = {
  exitCode: ABORTED,
  signal: ABORTED - 128,
  oom: false,
  timedOut: false,
  aborted: true,
  truncated: false,
  cpuUs: 0,
} as const;
const REPORT_LIMIT_BYTES = 64 * 1024;

/** The line of JSON; undefined when it is none. Pure. */
export function parseRunReport(
  text: string,
): Omit<CapturedRun, 'stdout' | 'stderr' | 'truncated'> | CtrError | undefined {
  let value: Record<string, unknown>;
  try {
    value = Object(JSON.parse(text));
  } catch {
    return undefined;
  }
  if (value.ok === false) return parseError(value);
  const { exitCode, signal, oom, timedOut, killed, cpuUs, peakMemoryBytes } = value;
  if (value.ok !== true || typeof exitCode !== 'number') return undefined;
  return {
    exitCode,
    oom: oom === true,
    timedOut: timedOut === true,
    aborted: killed === true,
    cpuUs: typeof cpuUs === 'number' ? cpuUs : 0,
    ...(typeof signal === 'number' ? { signal } : {}),
    ...(typeof peakMemoryBytes === 'number' ? { peakMemoryBytes } : {}),
  };
}

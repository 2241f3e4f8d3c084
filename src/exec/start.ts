/** `clone-helper start`: starts a compiled plan. Its process goes on as the monitor. */
import { CtrError } from '../errors.js';
import { collect, exitCodeOf, helperError, lastLine, spawnHelper } from './helper.js';

export interface Started {
  /** init, as the host sees it. */
  readonly pid: number;
  readonly monitorPid: number;
}

/** What went wrong at which operation of the plan. */
export interface StartFailure {
  /** `mount proc on '/proc'` */
  readonly step: string;
  /** The system call: `mount`. */
  readonly call: string;
  readonly errno: number;
  /** `EPERM` */
  readonly errnoName: string;
  /** What the call was about: a path, a link, … */
  readonly object: string;
  readonly message: string;
}

export type StartReport =
  | { readonly ok: true; readonly started: Started }
  | { readonly ok: false; readonly failure: StartFailure };

/** A status line is one line of JSON, at most so long. */
const STATUS_LIMIT_BYTES = 65536;

/**
 * Starts the plan in `dir` and waits until init runs or something failed.
 *
 * @param lockFd the container's lock: the starter holds it too, so that a start whose caller dies is still alone
 * @throws CtrError CTR_HELPER when the helper gives no report
 */
export function startByHelper(path: string, dir: string, lockFd: number): Promise<StartReport> {
  const child = spawnHelper(path, ['start', dir], ['ignore', 'ignore', 'pipe', 'pipe', lockFd]);
  return new Promise((resolve, reject) => {
    const stderr = collect(child.stderr);
    const statusPipe = child.stdio[3] as NodeJS.ReadableStream & { destroy(): void };
    let status = '';
    let exitCode: number | undefined;
    const finish = () => {
      // The monitor may hold the other ends: nothing here waits for it.
      child.stderr?.destroy();
      statusPipe.destroy();
      const report = parseStartReport(status);
      if (report !== undefined) return resolve(report);
      const reason = lastLine(stderr()) || `it gave no report and exited with ${exitCode}`;
      reject(new CtrError('CTR_HELPER', `cannot start by the native helper: ${reason}`, { data: { status } }));
    };
    let waitingFor = 2;
    const oneDone = () => {
      waitingFor -= 1;
      if (waitingFor === 0) finish();
    };
    let statusDone = false;
    const endStatus = () => {
      if (statusDone) return;
      statusDone = true;
      oneDone();
    };
    statusPipe.on('data', (chunk: Buffer) => {
      if (status.length < STATUS_LIMIT_BYTES) status += chunk.toString('utf8');
      if (status.includes('\n')) endStatus();
    });
    statusPipe.on('end', endStatus);
    statusPipe.on('error', endStatus);
    child.on('error', (error) => reject(helperError(path, error)));
    child.on('exit', (code, signal) => {
      exitCode = exitCodeOf(code, signal);
      oneDone();
    });
  });
}

/** The report in the first line of a status text; undefined when it is none. Pure. */
export function parseStartReport(text: string): StartReport | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text.split('\n', 1)[0] ?? '');
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (value.ok === true && typeof value.pid === 'number' && typeof value.monitor === 'number') {
    return { ok: true, started: { pid: value.pid, monitorPid: value.monitor } };
  }
  if (value.ok !== false) return undefined;
  const field = (name: string) => (typeof value[name] === 'string' ? (value[name] as string) : '');
  return {
    ok: false,
    failure: {
      step: field('step'),
      call: field('call'),
      errno: typeof value.errno === 'number' ? value.errno : 0,
      errnoName: field('errnoName'),
      object: field('object'),
      message: field('message'),
    },
  };
}

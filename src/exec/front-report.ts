/** Verbs of the front door with `--report`: a line of JSON per container on descriptor 3. docs/architecture.md has its shape. */
import { CtrError, ERROR_CODES, type ErrorCode } from '../errors.js';
import { type FrontDoor, frontDoorError, spawnFrontDoor } from './front-door.js';
import { collect, exitCodeOf, lastLine } from './helper.js';

export type FrontReport =
  | {
      readonly name: string;
      readonly ok: true;
      /** `started`, `stopped`, `killed`, `ended`, `timeout` */
      readonly outcome: string;
      /** Of a start: init as the host sees it, its monitor, and whether init has ended already. */
      readonly pid?: number;
      readonly monitorPid?: number;
      readonly ended?: boolean;
    }
  | { readonly name: string; readonly ok: false; readonly error: CtrError };

/**
 * Runs one verb for these containers.
 *
 * @param args the verb and its options
 * @returns a report for each name, in their order; one that the front door said nothing about has failed with CTR_HELPER
 * @throws CtrError CTR_HELPER when it cannot be run
 */
export function reportByFrontDoor(
  door: FrontDoor,
  args: readonly string[],
  names: readonly string[],
): Promise<FrontReport[]> {
  const child = spawnFrontDoor(door, [...args, '--report', '--', ...names], ['ignore', 'ignore', 'pipe', 'pipe']);
  const pipe = child.stdio[3] as NodeJS.ReadableStream & { destroy(): void };
  const stderr = collect(child.stderr);
  let text = '';
  let exitCode: number | undefined;
  pipe.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    const finish = () => {
      child.stderr?.destroy();
      pipe.destroy();
      const reason = lastLine(stderr()) || `it gave no report and exited with ${exitCode}`;
      resolve(assignReports(names, parseFrontReports(text), `cannot ${args[0]} by the front door: ${reason}`));
    };
    // A monitor that a start leaves behind may hold the other ends: once all is told, nothing here waits for it.
    const finishWhenTold = () => {
      if (exitCode !== undefined && parseFrontReports(text).length >= names.length) finish();
    };
    pipe.on('data', (chunk: string) => {
      text += chunk;
      finishWhenTold();
    });
    child.on('exit', (code, signal) => {
      exitCode = exitCodeOf(code, signal);
      finishWhenTold();
    });
    child.on('close', finish);
    child.on('error', (error) => reject(frontDoorError(door, error)));
  });
}

/** The reports in whole lines; what is none is skipped. Pure. */
export function parseFrontReports(text: string): FrontReport[] {
  return text
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => parseReport(line) ?? []);
}

function parseReport(line: string): FrontReport | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || typeof value.name !== 'string') return undefined;
  const { name, outcome, pid, monitorPid, ended } = value;
  if (value.ok === false) return { name, ok: false, error: parseError(value) };
  if (value.ok !== true || typeof outcome !== 'string') return undefined;
  return {
    name,
    ok: true,
    outcome,
    ...(typeof pid === 'number' ? { pid } : {}),
    ...(typeof monitorPid === 'number' ? { monitorPid } : {}),
    ...(typeof ended === 'boolean' ? { ended } : {}),
  };
}

/** The error that a line tells of. Pure. */
export function parseError({ code, message, hint, data }: Record<string, unknown>): CtrError {
  const known = typeof code === 'string' && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'CTR_HELPER';
  return new CtrError(known, typeof message === 'string' ? message : 'cannot tell: the front door gave no reason', {
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(typeof data === 'object' && data !== null ? { data: data as Record<string, unknown> } : {}),
  });
}

/** One report per name; a name that was given twice has two of its own. */
function assignReports(names: readonly string[], reports: FrontReport[], silence: string): FrontReport[] {
  const left = [...reports];
  return names.map((name) => {
    const index = left.findIndex((report) => report.name === name);
    const [report] = index < 0 ? [] : left.splice(index, 1);
    return report ?? { name, ok: false, error: new CtrError('CTR_HELPER', silence) };
  });
}

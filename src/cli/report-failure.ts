/** Failures of the commands that the front door calls: as text, or as the line of JSON that its own caller reads. */
import { writeSync } from 'node:fs';
import { CtrError } from '../errors.js';
import { exitStatusOf } from './render-error.js';

const REPORT_FD = 3;

/** Runs the action; with `report` its error goes to descriptor 3 and is not thrown. Sets the exit status then. */
export async function reporting(name: string, report: boolean | undefined, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!report) throw error;
    writeSync(REPORT_FD, formatFailure(name, error));
    process.exitCode = exitStatusOf(error);
  }
}

/** One line: docs/architecture.md. Pure. */
export function formatFailure(name: string, error: unknown): string {
  const { code, message, hint, data } =
    error instanceof CtrError
      ? error
      : new CtrError('CTR_HELPER', error instanceof Error ? error.message : String(error));
  return `${JSON.stringify({ name, ok: false, code, message, hint, data })}\n`;
}

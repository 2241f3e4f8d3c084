/** Errors as words. */
import { getSystemErrorMap } from 'node:util';

/** The system's own text for an errno name: `EPERM` gives `operation not permitted`; undefined for an unknown name. */
export function errnoText(errnoName: string): string | undefined {
  for (const [name, text] of getSystemErrorMap().values()) if (name === errnoName) return text;
  return undefined;
}

/** Why something failed, for the end of a message: `EACCES (permission denied)`, or the error's own text. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const text = typeof code === 'string' ? errnoText(code) : undefined;
  if (text !== undefined) return `${code} (${text})`;
  return error instanceof Error ? error.message : String(error);
}

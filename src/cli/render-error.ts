/** Errors as text on stderr. Pure. */
import { CtrError, ERROR_CODES } from '../errors.js';
import { visible } from './visible.js';

export interface RenderErrorOptions {
  /** With stacks and causes. */
  readonly debug: boolean;
}

/** `ctr: cannot …: reason`, then at most one `hint: …`. A faulty configuration is shown with its lines first. No newline at the end. */
export function renderError(error: unknown, { debug }: RenderErrorOptions): string {
  const lines: string[] = [];
  if (error instanceof CtrError) {
    if (typeof error.data?.rendered === 'string') lines.push(error.data.rendered);
    lines.push(`ctr: ${visible(error.message)}`);
    if (error.hint !== undefined) lines.push(`hint: ${visible(error.hint)}`);
  } else {
    // Not foreseen: a fault of ctr itself.
    lines.push(`ctr: ${error instanceof Error ? visible(error.message) : visible(String(error))}`);
    if (!debug) lines.push('hint: --debug shows where this comes from');
  }
  if (debug) lines.push(...stacks(error));
  return lines.join('\n');
}

function stacks(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return [error.stack ?? '', ...(error.cause === undefined ? [] : ['caused by:', ...stacks(error.cause)])];
}

/** From the catalogue; 1 for what is not in it. */
export function exitStatusOf(error: unknown): number {
  return error instanceof CtrError ? ERROR_CODES[error.code] : 1;
}

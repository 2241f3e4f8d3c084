/** AbortSignals of callers. */
import { setMaxListeners } from 'node:events';

/** Calls `abort` once when the signal is aborted, at once when it is already. @returns what stops listening */
export function onAbort(signal: AbortSignal | undefined, abort: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    abort();
    return () => {};
  }
  // One signal for hundreds of commands is how it is used, not the leak that Node would warn of: each takes its listener away.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}

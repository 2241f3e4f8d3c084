/** Log lines for people who look for a fault: on stderr, only when CTR_DEBUG is set (which `--debug` does). */

/** Writes one line. */
export function debug(text: string): void {
  if (process.env.CTR_DEBUG) process.stderr.write(`ctr: debug: ${text}\n`);
}

/** Where commands write: answers on stdout, everything else on stderr. */

/** A part of the answer. */
export function answer(text: string): void {
  process.stdout.write(text);
}

/** The answer as JSON. Its shapes are a contract: docs/reference/json.md. */
export function answerJson(value: unknown): void {
  answer(`${JSON.stringify(value, null, 2)}\n`);
}

/** Something to know beside the answer. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Cells of the terminal on stdout; undefined when it is none. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

/** A line on stderr that replaces itself; without a terminal there, nothing. */
export function createStatusLine(): { show(text: string): void; clear(): void } {
  const { isTTY } = process.stderr;
  return {
    show: (text) => void (isTTY && process.stderr.write(`\r\x1b[K${text} …`)),
    clear: () => void (isTTY && process.stderr.write('\r\x1b[K')),
  };
}

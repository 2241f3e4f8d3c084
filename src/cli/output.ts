/**
 * Where commands write: answers on stdout, everything else on stderr. Straight to the file descriptors: to set up Node's streams
 * costs 2 ms, more than most commands need for their work.
 */
import { fstatSync, type Stats, writeSync } from 'node:fs';

const STDOUT = 1;
const STDERR = 2;
const MEM_MAJOR = 1;

/** A part of the answer. */
export function answer(text: string): void {
  write(STDOUT, text);
}

/** The answer as JSON. Its shapes are a contract: docs/reference/json.md. */
export function answerJson(value: unknown): void {
  answer(`${JSON.stringify(value, null, 2)}\n`);
}

/** Something to know beside the answer. */
export function note(text: string): void {
  write(STDERR, `${text}\n`);
}

function write(fd: number, text: string): void {
  let rest = Buffer.from(text, 'utf8');
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      // Somebody made the pipe non-blocking: the stream knows how to wait.
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') openStream(fd).write(rest);
      else endOrThrow(error);
      return;
    }
  }
}

/** stdout for answers of any length: `write` says when to wait for `drain`. */
export function openAnswer(): NodeJS.WriteStream {
  return openStream(STDOUT);
}

function openStream(fd: number): NodeJS.WriteStream {
  const stream = fd === STDOUT ? process.stdout : process.stderr;
  if (stream.listenerCount('error') === 0) stream.on('error', endOrThrow);
  return stream;
}

/** `ctr list | head -1` ends the reader early: that is no error. */
function endOrThrow(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  process.exit();
}

/** Cells of the terminal on stdout; undefined when it is none. */
export function terminalWidth(): number | undefined {
  return mayBeTerminal(fstatSync(STDOUT)) && process.stdout.isTTY ? process.stdout.columns : undefined;
}

/** Terminals are character devices of any major number but that of /dev/null and its neighbours (makedev(3)). */
function mayBeTerminal(stat: Stats): boolean {
  return stat.isCharacterDevice() && ((stat.rdev >> 8) & 0xfff) !== MEM_MAJOR;
}

/** A line on stderr that replaces itself; without a terminal there, nothing. */
export function createStatusLine(): { show(text: string): void; clear(): void } {
  const { isTTY } = process.stderr;
  return {
    show: (text) => void (isTTY && process.stderr.write(`\r\x1b[K${text} …`)),
    clear: () => void (isTTY && process.stderr.write('\r\x1b[K')),
  };
}

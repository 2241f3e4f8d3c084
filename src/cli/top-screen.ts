/** The terminal while `ctr top` has it: the alternate screen, keys as they are pressed, and the way back on every way out. */
import { writeSync } from 'node:fs';

/** Alternate screen, no cursor, no wrapping; and all of it back. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

export interface Screen {
  size(): { columns: number; rows: number };
  /** Draws over what is there: nothing flickers. */
  draw(lines: readonly string[]): void;
  /** Gives the terminal back until this process is continued (SIGCONT). */
  suspend(): void;
  close(): void;
}

export interface ScreenHandlers {
  readonly onKeys: (bytes: string) => void;
  /** Its size, or what stood on it, is another. */
  readonly onChange: () => void;
}

/** Takes the terminal on stdout. A signal that ends the process gives it back first. */
export function openScreen({ onKeys, onChange }: ScreenHandlers): Screen {
  const { stdin, stdout } = process;
  let isOpen = false;
  const put = (text: string) => {
    try {
      writeSync(stdout.fd, text);
    } catch {
      // The terminal is gone: SIGHUP follows.
    }
  };
  const enter = () => {
    isOpen = true;
    if (stdin.isTTY) stdin.setRawMode(true);
    put(ENTER);
  };
  const leave = () => {
    if (!isOpen) return;
    isOpen = false;
    put(LEAVE);
    if (stdin.isTTY) stdin.setRawMode(false);
  };
  const end = (signal: NodeJS.Signals) => {
    close();
    // As if it had never been caught: the shell sees what has ended us.
    process.kill(process.pid, signal);
  };
  const resume = () => {
    enter();
    onChange();
  };
  const takeKeys = (bytes: Buffer) => onKeys(bytes.toString('latin1'));
  const close = () => {
    leave();
    for (const signal of ENDINGS) process.off(signal, end);
    process.off('exit', leave);
    process.off('SIGCONT', resume);
    stdout.off('resize', onChange);
    stdin.off('data', takeKeys);
    stdin.pause();
  };
  for (const signal of ENDINGS) process.on(signal, end);
  process.on('exit', leave);
  process.on('SIGCONT', resume);
  stdout.on('resize', onChange);
  if (stdin.isTTY) stdin.on('data', takeKeys);
  enter();
  return {
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    draw: (lines) => {
      // Continued, a timer that is due comes before the signal: the shell's screen is not ours yet.
      if (isOpen) put(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`);
    },
    suspend: () => {
      leave();
      process.kill(process.pid, 'SIGSTOP');
    },
    close,
  };
}

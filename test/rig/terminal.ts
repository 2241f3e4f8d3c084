/** A program on a pty of its own, driven as a person would: type, wait for what appears. The pty is made by script(1). */
import { spawn } from 'node:child_process';
import { slow } from './slow.js';

export interface Terminal {
  /** Everything that came, with its control sequences. */
  readonly said: () => string;
  /** Everything shown so far. */
  readonly shown: () => string;
  readonly type: (text: string) => void;
  /** Waits until `pattern` appears behind what an earlier call has found; returns the text up to and with it. */
  readonly waitFor: (pattern: RegExp | string, timeoutMs?: number) => Promise<string>;
  /** Reads no more of what the program says, as a stopped terminal does. */
  readonly pause: () => void;
  /** Waits for the program's end; its exit status. */
  readonly ended: (timeoutMs?: number) => Promise<number>;
  /** Hangs up, as a closed window does. */
  readonly close: () => Promise<void>;
}

/** Control sequences that set colours and modes: they say nothing. */
const CONTROL_SEQUENCE = new RegExp(`${String.fromCharCode(27)}(?:\\[[0-9;?]*[A-Za-z]|[78])`, 'g');

/** Key that leaves a console: ^] */
export const DETACH = '\x1d';

/** Runs a shell command line on a new pty of 24 rows and 80 columns. */
export function openTerminal(commandLine: string, env: NodeJS.ProcessEnv): Terminal {
  const line = `stty rows 24 cols 80; ${commandLine}`;
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', line, '/dev/null'], {
    env: { ...env, TERM: 'vt100', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  let seen = 0;
  let status: number | undefined;
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const show = (chunk: Buffer) => {
    said += chunk.toString('latin1');
    changed();
  };
  child.stdout.on('data', show);
  child.stderr.on('data', show);
  child.stdin.on('error', () => undefined);
  child.on('close', (code) => {
    status = code ?? 128;
    changed();
  });

  const shown = () => said.replace(CONTROL_SEQUENCE, '');

  /** Resolves with the first value that `look` finds, now or after a change. */
  const until = <T>(look: () => T | undefined, what: string, timeoutMs: number): Promise<T> =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        listeners.delete(check);
      };
      const check = () => {
        const found = look();
        if (found === undefined) return;
        stop();
        resolve(found);
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`no ${what} within ${timeoutMs} ms; the terminal shows:\n${shown()}`));
      }, slow(timeoutMs));
      listeners.add(check);
      check();
    });

  return {
    said: () => said,
    shown,
    type: (text) => {
      child.stdin.write(Buffer.from(text, 'latin1'));
    },
    waitFor: (pattern, timeoutMs = 10_000) =>
      until(
        () => {
          const rest = shown().slice(seen);
          const found = typeof pattern === 'string' ? literal(rest, pattern) : regular(rest, pattern);
          if (found === undefined) return undefined;
          seen += found;
          return rest.slice(0, found);
        },
        `'${pattern}'`,
        timeoutMs,
      ),
    pause: () => {
      child.stdout.pause();
    },
    ended: (timeoutMs = 10_000) => until(() => status, 'end', timeoutMs),
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      // With its only holder the pty goes away, and the kernel sends SIGHUP to whoever it was the terminal of.
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Offset behind the first match. */
function literal(text: string, pattern: string): number | undefined {
  const at = text.indexOf(pattern);
  return at < 0 ? undefined : at + pattern.length;
}

function regular(text: string, pattern: RegExp): number | undefined {
  const match = pattern.exec(text);
  return match === null ? undefined : match.index + match[0].length;
}

/** One word of a shell command line. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

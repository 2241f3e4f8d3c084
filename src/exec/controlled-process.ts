/** A native client as a subprocess of a program: streams, signals, a window size, and how it ended. */
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { endWhenOver, type Limits } from './enter.js';
import { exitCodeOf } from './helper.js';

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

export interface Ended {
  /** As a shell would say: 126 not executable, 127 not found, 128+n ended by signal n, 125 `ctr` itself failed. */
  readonly exitCode: number;
  /** Why it was ended from here. */
  readonly ended?: 'timeout' | 'aborted';
}

export interface SpawnedProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** With a terminal nothing comes here but what `ctr` itself has to say. */
  readonly stderr: Readable;
  /** Sends it a signal. SIGKILL ends it whatever it does. False when it has ended. */
  readonly kill: (signal?: NodeJS.Signals | number) => boolean;
  /** Sets the size of its terminal; nothing without one. */
  readonly resize: (size: TerminalSize) => void;
  /** How it ended, once both streams are at their end: read them, or they never are. */
  readonly exited: Promise<Ended>;
}

/** A record of native/relay.h: what, and two numbers. Pure. */
export function controlRecord(what: 'w' | 's', first: number, second: number): Buffer {
  const record = Buffer.alloc(5);
  record.write(what, 'latin1');
  record.writeUInt16LE(Math.min(Math.max(Math.trunc(first), 0), 65535), 1);
  record.writeUInt16LE(Math.min(Math.max(Math.trunc(second), 0), 65535), 3);
  return record;
}

/** Stdin, stdout, stderr, and the descriptor that control records go to. */
export const CONTROLLED_STDIO = ['pipe', 'pipe', 'pipe', 'pipe'] as const;

/** @param errorOf the error of a program that could not be started at all */
export function controlProcess(
  child: ChildProcess,
  limits: Limits,
  errorOf: (error: unknown) => Error,
): SpawnedProcess {
  const [stdin, stdout, stderr, control] = child.stdio as unknown as [Writable, Readable, Readable, Writable];
  const limit = endWhenOver(child, limits);
  // It may end without reading its input, and before a word reaches it.
  for (const stream of [stdin, control]) stream.on('error', () => {});
  const exited = new Promise<Ended>((resolve, reject) => {
    child.on('error', (error) => reject(errorOf(error)));
    child.on('exit', () => control.destroy());
    child.on('close', (code, signal) => {
      const ended = limit.ended();
      resolve({ exitCode: exitCodeOf(code, signal), ...(ended === undefined ? {} : { ended }) });
    });
  }).finally(limit.clear);
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  return {
    stdin,
    stdout,
    stderr,
    exited,
    kill: (signal = 'SIGTERM') => {
      const number = typeof signal === 'number' ? signal : constants.signals[signal];
      if (isOver()) return false;
      return number === constants.signals.SIGKILL
        ? child.kill('SIGKILL')
        : control.write(controlRecord('s', number, 0)) || true;
    },
    resize: (size) => {
      if (!isOver()) control.write(controlRecord('w', size.rows, size.columns));
    },
  };
}

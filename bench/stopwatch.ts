/** The client of tools/stopwatch.c: runs commands and tells how long they took. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

export type Argv = readonly string[];

/** A command of a peer that did not do what it should. */
export class CommandFailure extends Error {}

/** The run is over: a signal, or it took too long. */
export class Interrupted extends Error {}

const COMMAND_S = 60;
const MARK_S = 10;

export class Stopwatch {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #log: string;
  #answers = '';
  #waiting: { resolve: (line: string) => void; reject: (why: Error) => void } | undefined;
  #over: Error | undefined;

  /** @param argv the program, or what becomes it. @param log the file that gets the stderr of each command */
  constructor([program = '', ...args]: Argv, log: string, env: NodeJS.ProcessEnv) {
    this.#log = log;
    // A process group of its own: a key that interrupts the bench leaves it to the bench to end the containers first.
    this.#child = spawn(program, [...args, log], { env, detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.#child.stdin.on('error', () => this.interrupt(new Error('the stopwatch is gone')));
    this.#child.on('exit', () => this.interrupt(new Error('the stopwatch is gone')));
  }

  /** Of what its commands leave behind, it is the parent. */
  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Milliseconds from before the fork until the program is gone. @throws CommandFailure when its status is not 0 */
  async run(argv: Argv): Promise<number> {
    const [status, ns] = await this.#ask(['run', String(COMMAND_S), ...argv]);
    if (status !== 0) throw this.#failure(argv, `status ${status}`);
    return ns / 1e6;
  }

  /** Starts a program that stays. @param mark a file that it, or what it runs, writes CLOCK_MONOTONIC to */
  async start(argv: Argv, mark: string): Promise<{ pid: number; ms: number }> {
    const [pid, ns] = await this.#ask(['start', String(MARK_S), mark, ...argv]);
    if (ns < 0) throw this.#failure(argv, 'its container did not run');
    return { pid, ms: ns / 1e6 };
  }

  /** Milliseconds from a signal until a process is gone. @param gone the process, when it is not the one that is signalled */
  async end(signal: number, pid: number, gone = pid): Promise<number> {
    const [ok, ns] = await this.#ask(['end', String(signal), String(pid), String(gone)]);
    if (ok !== 1) throw new CommandFailure(`process ${gone} does not end after signal ${signal} to ${pid}`);
    return ns / 1e6;
  }

  /** Waits until nothing is left of what was run. */
  async settle(): Promise<void> {
    const [ok] = await this.#ask(['settle']);
    if (ok !== 1) throw new CommandFailure(`a process that should end does not: ${listChildren(this.pid).join(', ')}`);
  }

  /** From now on nothing is measured: each request throws. */
  interrupt(why: Error): void {
    this.#over ??= why;
    this.#waiting?.reject(this.#over);
    this.#waiting = undefined;
  }

  /** Ends it, and with it all that its commands left. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.stdin.end();
    await gone;
  }

  #take(text: string): void {
    this.#answers += text;
    const end = this.#answers.indexOf('\n');
    if (end < 0) return;
    const line = this.#answers.slice(0, end);
    this.#answers = this.#answers.slice(end + 1);
    this.#waiting?.resolve(line);
    this.#waiting = undefined;
  }

  async #ask(words: Argv): Promise<[number, number]> {
    if (this.#over !== undefined) throw this.#over;
    const answer = new Promise<string>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    this.#child.stdin.write(`${words.join('\0')}\0\0`);
    const [first, ns] = (await answer).split(' ').map(Number);
    return [first ?? -1, ns ?? -1];
  }

  #failure(argv: Argv, what: string): CommandFailure {
    const lines = readFileSync(this.#log, 'utf8').split('\n');
    const said = lines.filter((line) => line.trim() !== '').slice(-3);
    return new CommandFailure([`${argv.slice(0, 2).join(' ')}: ${what}`, ...said].join(': '));
  }
}

/** Their command lines. */
function listChildren(pid: number): string[] {
  try {
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return pids.map((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').replaceAll('\0', ' ').trim());
  } catch {
    return [];
  }
}

/** One container by its name: the functions of the library, with the name filled in. */

import type { CtrOptions } from './context.js';
import { type CopyOptions, copyIn, copyOut } from './copy.js';
import { attachConsole, type ConsoleOptions, type ExecOptions, exec, type SpawnOptions, spawn } from './enter.js';
import { info } from './info.js';
import { type LogsOptions, logs } from './logs.js';
import { start } from './start.js';
import { type StopOptions, stop } from './stop.js';

type Own<T extends CtrOptions> = Omit<T, keyof CtrOptions>;

export type Container = ReturnType<typeof container>;

/**
 * A container, which need not run yet.
 *
 * @example
 * const web = container('web');
 * const shell = web.enter(['sh', '-c', 'read line; echo got $line; exit 3']);
 * shell.stdin.end('hello\n');
 * for await (const piece of shell.stdout) process.stdout.write(piece);
 * const { exitCode } = await shell.exited; // 3
 */
export function container(name: string, places: CtrOptions = {}) {
  return {
    name,
    start: () => start(name, places),
    stop: (options: Own<StopOptions> = {}) => stop(name, { ...options, ...places }),
    info: () => info(name, places),
    /** A command as a subprocess with streams. */
    enter: (argv: readonly string[], options: Own<SpawnOptions> = {}) => spawn(name, argv, { ...options, ...places }),
    /** A command to its end, with what it wrote. */
    exec: (argv: readonly string[], options: Own<ExecOptions> = {}) => exec(name, argv, { ...options, ...places }),
    logs: (options: Own<LogsOptions> = {}) => logs(name, { ...options, ...places }),
    console: (options: Own<Omit<ConsoleOptions, 'escapeCode'>> = {}) => attachConsole(name, { ...options, ...places }),
    copyIn: (source: string, target: string, options: Own<CopyOptions> = {}) =>
      copyIn(name, source, target, { ...options, ...places }),
    copyOut: (source: string, target: string, options: Own<CopyOptions> = {}) =>
      copyOut(name, source, target, { ...options, ...places }),
  };
}

import { lacksTestVm } from './needs.js';
import { type RunOptions, type RunResult, runProgram } from './run-program.js';
import { slow } from './slow.js';

export interface ContainOptions extends RunOptions {
  /** Most processes that may exist inside at once. */
  readonly pids: number;
  /** Everything inside is killed after this time. */
  readonly deadlineSeconds: number;
}

/**
 * Runs a shell script in a pid namespace with its own limit (kernel.pid_max, Linux 6.14) and a deadline, so that a test of a fork
 * bomb cannot take the machine with it. In the test VM, which may be taken, it has the deadline alone.
 */
export function runContained(script: string, options: ContainOptions): Promise<RunResult> {
  const limit = `echo ${options.pids} > /proc/sys/kernel/pid_max || exit 125\n`;
  const limited = lacksTestVm() === undefined ? script : limit + script;
  const inside = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', limited];
  const argv = ['timeout', '--signal=KILL', String(slow(options.deadlineSeconds)), ...inside];
  return runProgram(argv, { ...options, timeoutMs: (options.deadlineSeconds + 5) * 1000 });
}

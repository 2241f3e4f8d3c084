/** `vsh` as a subprocess of a program: a command in a virtual machine, or in a container on one. docs/vsh.md */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { CtrError } from '../errors.js';
import { reasonOf } from '../system/reason.js';
import { CONTROLLED_STDIO, controlProcess, type SpawnedProcess, type TerminalSize } from './controlled-process.js';
import type { Limits } from './enter.js';
import { helperPath } from './helper.js';

/** Where vshd is: a vsock address, a hypervisor's socket, a unix socket, or a line of /etc/ctr/vms. */
export type VshAddress =
  | { readonly cid: number; readonly port?: number | undefined }
  | { readonly uds: string; readonly port?: number | undefined }
  | { readonly unix: string }
  | { readonly vmName: string; readonly ownerId: string; readonly port?: number | undefined };

export interface VshOptions extends Limits {
  /** Default: chronos in the machine, root in a container. */
  readonly user?: string | undefined;
  /** In this container on the machine, not in the machine itself. */
  readonly container?: string | undefined;
  /** Working directory there. */
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** A terminal of its own; default no: stdout and stderr apart. */
  readonly tty?: boolean | undefined;
  /** Size of its terminal from the start; default 24 × 80. */
  readonly size?: TerminalSize | undefined;
  /** Another helper than the usual one: `vsh` is looked for beside it. */
  readonly helper?: string | undefined;
}

const { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGKILL } = constants.signals;
const SIGNALS: readonly number[] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGKILL];

/** Arguments of `vsh`. Pure. */
export function vshArgs(address: VshAddress, argv: readonly string[], options: VshOptions): string[] {
  const { user, container, cwd, env = {}, tty } = options;
  const given: [string, string | number | undefined][] = [
    ...addressOptions(address),
    ['user', user],
    ['target_container', container],
    ['cwd', cwd],
    ...Object.entries(env).map(([name, value]): [string, string] => ['env', `${name}=${value}`]),
    ['control', tty ? 'terminal' : 'pipes'],
  ];
  const words = given.filter(([, value]) => value !== undefined).map(([name, value]) => `--${name}=${value}`);
  // Of the words behind the options those with one `=` are variables: the second `--` ends these.
  return [...words, '--', ...(argv.length > 0 ? ['--', ...argv] : [])];
}

function addressOptions(address: VshAddress): [string, string | number | undefined][] {
  if ('unix' in address) return [['unix', address.unix]];
  const port: [string, number | undefined] = ['port', address.port];
  if ('cid' in address) return [['cid', address.cid], port];
  if ('uds' in address) return [['uds', address.uds], port];
  return [['vm_name', address.vmName], ['owner_id', address.ownerId], port];
}

/**
 * Starts a command where vshd serves it, as a subprocess with streams of its own, and does not wait for it.
 *
 * `exited` has the exit code of the command; 1 when there was no session and 123 when it was cut off, both with a text on stderr.
 * `kill` takes the signals that the protocol has (SIGHUP, SIGINT, SIGQUIT, SIGTERM), and SIGKILL, which closes the connection.
 *
 * @param argv program and arguments, not interpreted by a shell; empty: a login shell
 * @throws CtrError CTR_HELPER: vsh is not there; CTR_USAGE, also of `kill`: a signal that cannot be sent
 * @example
 * const { stdout, exited } = vsh({ cid: 3 }, ['uname', '-r'], { user: 'root' });
 */
export function vsh(address: VshAddress, argv: readonly string[] = [], options: VshOptions = {}): SpawnedProcess {
  const program = join(dirname(helperPath(options.helper)), 'vsh');
  if (!existsSync(program)) {
    throw new CtrError('CTR_HELPER', `cannot find vsh: '${program}' does not exist`, {
      hint: 'npm run build makes it',
    });
  }
  const { rows, columns } = options.size ?? { rows: 24, columns: 80 };
  const env = { ...process.env, LINES: String(rows), COLUMNS: String(columns) };
  const child = spawn(program, vshArgs(address, argv, options), { env, stdio: [...CONTROLLED_STDIO] });
  const controlled = controlProcess(
    child,
    options,
    (error) => new CtrError('CTR_HELPER', `cannot run '${program}': ${reasonOf(error)}`, { cause: error }),
  );
  const kill = (signal: NodeJS.Signals | number = 'SIGTERM') => {
    const number = typeof signal === 'number' ? signal : constants.signals[signal];
    if (SIGNALS.includes(number)) return controlled.kill(number);
    throw new CtrError('CTR_USAGE', `cannot send signal '${signal}' by vsh: the protocol has HUP, INT, QUIT and TERM`);
  };
  return { ...controlled, kill };
}

/** A place of its own for one test: state and run directories, the real program, a tiny root file system, and the way out. */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Places } from './leak-oracle.js';
import { type RunningProgram, type RunOptions, type RunResult, runProgram, startProgram } from './run-program.js';
import { openTerminal, quote, type Terminal } from './terminal.js';

export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** CTR_HELPER names another build of the native programs, which lie beside each other: the one with sanitizers, say. */
const otherBuild = process.env.CTR_HELPER === undefined ? undefined : dirname(resolve(process.env.CTR_HELPER));
export const nativeDir = otherBuild ?? join(projectRoot, 'native/build');
export const ctrProgram = otherBuild === undefined ? join(projectRoot, 'bin/ctr') : join(otherBuild, 'ctr');

/** What the other build needs of the environment of the tests. */
function listBuildVariables(): NodeJS.ProcessEnv {
  const options = Object.entries(process.env).filter(([name]) => /^[A-Z]+SAN_OPTIONS$/.test(name));
  return otherBuild === undefined
    ? {}
    : { CTR_HELPER: join(otherBuild, 'clone-helper'), ...Object.fromEntries(options) };
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface Rig extends Places {
  /** Removed at the end, with everything in it. */
  readonly scratch: string;
  /** The environment of every command: nothing of the caller's but PATH. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs `ctr` with these arguments. */
  readonly ctr: (args: readonly string[], options?: RunOptions) => Promise<RunResult>;
  /** As `ctr`, and throws with what it said when its exit status is not 0. Gives its stdout. */
  readonly ctrOk: (...args: readonly string[]) => Promise<string>;
  /** As `ctr`, without waiting for the end. */
  readonly startCtr: (args: readonly string[], options?: RunOptions) => RunningProgram;
  /** `ctr` on a terminal. `before` and `after` are shell commands on the same terminal. */
  readonly terminal: (args: readonly string[], around?: { before?: string; after?: string }) => Terminal;
  /** `ctr bootstrap NAME --template busybox --network none`. */
  readonly bootstrap: (name: string) => Promise<Login>;
  /** Writes a definition to a file of the scratch directory; gives its path. */
  readonly writeFile: (name: string, text: string) => string;
  /** Defines the container of this text. */
  readonly define: (xml: string) => Promise<void>;
  /** A root file system of static BusyBox with this script as /init; gives its path. */
  readonly makeRoot: (initScript?: string) => string;
  /** `ctr info NAME --json`. */
  readonly info: (name: string) => Promise<Record<string, unknown>>;
}

/** Runs until a SIGTERM comes, and then ends at once. */
const DEFAULT_INIT = "trap 'exit 0' TERM\nwhile :; do sleep 3600 & wait; done\n";

/** Makes the directories; nothing is started. */
export function makeRig(): Rig {
  const scratch = mkdtempSync(join(tmpdir(), 'ctr-rig-'));
  // The ids of a user namespace must be able to reach a root file system below it.
  chmodSync(scratch, 0o711);
  const stateDir = join(scratch, 'state');
  const runDir = join(scratch, 'run');
  const home = join(scratch, 'home');
  for (const directory of [stateDir, runDir, home]) mkdirSync(directory, { mode: 0o711 });
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    CTR_STATE_DIR: stateDir,
    CTR_RUN_DIR: runDir,
    // Not those of the host.
    CTR_CONFIG: join(scratch, 'ctr.conf'),
    ...listBuildVariables(),
  };

  const startCtr = (args: readonly string[], options: RunOptions = {}) =>
    startProgram([ctrProgram, ...args], { ...options, env: { ...env, ...options.env } });
  const ctr = (args: readonly string[], options?: RunOptions) => startCtr(args, options).result;
  const ctrOk = async (...args: readonly string[]) => {
    const { status, stdout, stderr, timedOut } = await ctr(args);
    if (status !== 0) {
      throw new Error(
        `ctr ${args.join(' ')}: exit status ${status}${timedOut ? ' (timed out)' : ''}\n${stderr}${stdout}`,
      );
    }
    return stdout;
  };
  const writeFile = (name: string, text: string) => {
    const file = join(scratch, name);
    writeFileSync(file, text);
    return file;
  };

  return {
    scratch,
    stateDir,
    runDir,
    env,
    ctr,
    ctrOk,
    startCtr,
    writeFile,
    terminal: (args, { before, after } = {}) => {
      const command = [ctrProgram, ...args].map(quote).join(' ');
      return openTerminal([before, command, after].filter((part) => part !== undefined).join('; '), env);
    },
    bootstrap: async (name) => {
      // Networks are for tests of networks, which have a host of their own.
      const { status, stdout, stderr } = await ctr(['bootstrap', name, '--template', 'busybox', '--network', 'none']);
      if (status !== 0) throw new Error(`ctr bootstrap ${name}: exit status ${status}\n${stderr}`);
      return readLogin(stdout + stderr);
    },
    define: async (xml) => {
      await ctrOk('define', writeFile('definition.xml', xml));
    },
    makeRoot: (initScript = DEFAULT_INIT) => makeRoot(mkdtempSync(join(scratch, 'root-')), initScript),
    info: async (name) => JSON.parse(await ctrOk('info', name, '--json')) as Record<string, unknown>,
  };
}

/** The user and password that bootstrap prints once. */
export function readLogin(text: string): Login {
  const user = /\b(?:user|login|log in as)\b[:\s]+'?([a-z][\w-]*)/i.exec(text)?.[1];
  const password = /\bpassword\b[:\s]+'?([^\s',]+)/i.exec(text)?.[1];
  if (user === undefined || password === undefined) throw new Error(`bootstrap printed no user and password:\n${text}`);
  return { user, password };
}

function makeRoot(root: string, initScript: string): string {
  chmodSync(root, 0o755);
  for (const name of ['bin', 'sbin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'run', 'root', 'var']) {
    mkdirSync(join(root, name), { mode: 0o755 });
  }
  copyFileSync(findBusybox(), join(root, 'bin/busybox'));
  chmodSync(join(root, 'bin/busybox'), 0o755);
  for (const applet of [
    'sh',
    'ls',
    'cat',
    'echo',
    'id',
    'ps',
    'sleep',
    'kill',
    'mount',
    'umount',
    'env',
    'dd',
    'stat',
    'readlink',
    'true',
    'false',
    'hostname',
    'ip',
    'ifconfig',
    'yes',
    'head',
    'tail',
    'wc',
    'grep',
    'mknod',
    'test',
    'touch',
    'reboot',
    'poweroff',
    'md5sum',
    'tty',
    'pwd',
    'whoami',
    'printf',
    'find',
    'mkdir',
    'mv',
    'setsid',
    'rm',
    'usleep',
    'stty',
    'init',
  ]) {
    symlinkSync('busybox', join(root, 'bin', applet));
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n');
  writeFileSync(join(root, 'init'), `#!/bin/sh\n${initScript}`, { mode: 0o755 });
  return root;
}

function findBusybox(): string {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const file = join(folder, 'busybox');
    try {
      readFileSync(file);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  throw new Error('no busybox on this host');
}

/** Ends every container of the rig through the command line, by force. */
export async function removeContainers(rig: Rig): Promise<void> {
  for (const name of namesBelow(join(rig.runDir, 'containers'))) await rig.ctr(['destroy', name]);
  for (const name of namesBelow(join(rig.stateDir, 'containers')))
    await rig.ctr(['undefine', name, '--remove-storage']);
  for (const name of namesBelow(join(rig.stateDir, 'networks'))) {
    await rig.ctr(['net', 'stop', name]);
    await rig.ctr(['net', 'undefine', name]);
  }
}

function namesBelow(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Removes the scratch directory; a mount that is still in it is detached first, never emptied. */
export async function removeRig(rig: Rig): Promise<void> {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${rig.scratch}/`));
  for (const point of mounts.reverse()) await runProgram(['umount', '--lazy', point]);
  await runProgram(['rm', '-rf', '--one-file-system', rig.scratch]);
}

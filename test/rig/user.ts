/** An ordinary user, whom only the commands of a test know: /etc/passwd, subuid and subgid are his in a mount namespace of each command. */

import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from './index.js';
import { firstLack, lacksProgram } from './needs.js';
import { ctrProgram, type Login, type Rig, readLogin } from './rig.js';
import { type RunResult, runProgram } from './run-program.js';
import { openTerminal, quote, type Terminal } from './terminal.js';

export const USER = { uid: 61_234, gid: 61_234, name: 'ctrtest' } as const;
/** Ids that he has when he has some. */
export const SUB_IDS = { outside: 1_900_000_000, count: 65_536 } as const;
export const SUB_LINE = `${USER.name}:${SUB_IDS.outside}:${SUB_IDS.count}\n`;

export interface UserOptions {
  /** Text of /etc/subuid; default SUB_LINE. */
  readonly subuid?: string;
  /** Default: that of subuid. */
  readonly subgid?: string;
  /** Shell commands as root in the mount namespace, before the user's: what the host shall look like. */
  readonly before?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Network namespace of the commands, a file; default that of the tests. */
  readonly network?: string;
}

export interface User {
  /** His commands with other files and another host. */
  readonly with: (options: UserOptions) => User;
  readonly run: (argv: readonly string[]) => Promise<RunResult>;
  readonly ctr: (...args: readonly string[]) => Promise<RunResult>;
  /** As `ctr`, and throws when it fails. Gives its stdout. */
  readonly ctrOk: (...args: readonly string[]) => Promise<string>;
  readonly terminal: (...args: readonly string[]) => Terminal;
  readonly bootstrap: (name: string) => Promise<Login & { readonly notes: string }>;
  readonly info: (name: string) => Promise<Record<string, unknown>>;
  /** Ends and removes all his containers. */
  readonly clear: () => Promise<void>;
}

function lacksUser(): string | undefined {
  const lack = firstLack(...['newuidmap', 'newgidmap', 'unshare', 'setpriv', 'script'].map(lacksProgram));
  if (lack !== undefined) return lack;
  const ids = ['--reuid', `${USER.uid}`, '--regid', `${USER.gid}`, '--clear-groups'];
  const { status } = spawnSync('setpriv', [...ids, ctrProgram, 'list'], { env: { PATH: process.env.PATH, HOME: '/' } });
  return status === 0 ? undefined : 'needs a checkout that every user may read';
}

/** Gives the directories of the rig to him. */
function makeUser(rig: Rig, options: UserOptions = {}): User {
  const dir = join(rig.scratch, 'user');
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  for (const path of [rig.stateDir, rig.runDir, join(rig.scratch, 'home')]) {
    chownSync(path, USER.uid, USER.gid);
    chmodSync(path, 0o700);
  }
  writeFileSync(
    join(dir, 'passwd'),
    `${readFileSync('/etc/passwd', 'utf8')}${USER.name}:x:${USER.uid}:${USER.gid}::${join(rig.scratch, 'home')}:/bin/sh\n`,
  );
  return userOf(rig, dir, options);
}

let files = 0;

function userOf(rig: Rig, dir: string, options: UserOptions): User {
  const { subuid = SUB_LINE, subgid = subuid, before = ':', network } = options;
  const number = files++;
  const binds = Object.entries({ passwd: undefined, subuid, subgid }).map(([name, text]) => {
    const file = join(dir, text === undefined ? name : `${name}-${number}`);
    if (text !== undefined) writeFileSync(file, text);
    return `mount --bind ${file} /etc/${name}`;
  });
  const ids = ['--reuid', `${USER.uid}`, '--regid', `${USER.gid}`, '--clear-groups'];
  const script = `set -e; ${binds.join('; ')}; ${before}; cd /; exec setpriv ${ids.join(' ')} "$@"`;
  const wrap = (argv: readonly string[]) => [
    ...(network === undefined ? [] : ['nsenter', `--net=${network}`]),
    ...['unshare', '--mount', '--propagation', 'slave', 'sh', '-c', script, 'sh'],
    ...argv,
  ];
  const env = { ...rig.env, ...options.env };
  const run = (argv: readonly string[]) => runProgram(wrap(argv), { env });
  const ctr = (...args: readonly string[]) => run([ctrProgram, ...args]);
  const ctrOk = async (...args: readonly string[]) => {
    const { status, stdout, stderr } = await ctr(...args);
    if (status !== 0) throw new Error(`ctr ${args.join(' ')}: exit status ${status}\n${stderr}${stdout}`);
    return stdout;
  };
  return {
    with: (others) => userOf(rig, dir, { ...options, ...others }),
    run,
    ctr,
    ctrOk,
    terminal: (...args) =>
      openTerminal(
        wrap([ctrProgram, ...args])
          .map(quote)
          .join(' '),
        env,
      ),
    bootstrap: async (name) => {
      const { status, stdout, stderr } = await ctr('bootstrap', name, '--template', 'busybox');
      if (status !== 0) throw new Error(`ctr bootstrap ${name}: exit status ${status}\n${stderr}`);
      return { ...readLogin(stdout), notes: stderr };
    },
    info: async (name) => JSON.parse(await ctrOk('info', name, '--json')) as Record<string, unknown>,
    clear: async () => {
      for (const name of namesIn(rig.runDir)) await ctr('destroy', name);
      for (const name of namesIn(rig.stateDir)) await ctr('undefine', name, '--remove-storage');
    },
  };
}

function namesIn(root: string): string[] {
  try {
    return readdirSync(join(root, 'containers'));
  } catch {
    return [];
  }
}

/** `test` with a `user`, whose containers end with it. */
export const userTest = test.extend<{ user: User }>({
  user: async ({ rig, skip }, use) => {
    const lack = lacksUser();
    if (lack !== undefined) skip(lack);
    const user = makeUser(rig);
    await use(user);
    await user.clear();
  },
});

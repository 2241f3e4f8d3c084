/** A host of its own for tests of networks: a network namespace that `ctr` takes for the host's, and one more beside it, the world outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { test } from './index.js';
import { firstLack, lacksProgram } from './needs.js';
import { ctrProgram, type Rig } from './rig.js';
import { type RunOptions, type RunResult, runProgram } from './run-program.js';
import { openTerminal, quote, type Terminal } from './terminal.js';

/** Addresses of the link between the two, from the ranges for documentation and of unique local ones (RFC 5737, RFC 4193). */
export const OUTSIDE = {
  link: 'up0',
  host: '198.51.100.2',
  world: '198.51.100.1',
  host6: 'fd00:ee::2',
  world6: 'fd00:ee::1',
} as const;

export interface NetworkHost {
  /** Runs `ctr` there. */
  readonly ctr: (args: readonly string[], options?: RunOptions) => Promise<RunResult>;
  /** As `ctr`, and throws when it fails. Gives its stdout. */
  readonly ctrOk: (...args: readonly string[]) => Promise<string>;
  readonly terminal: (...args: readonly string[]) => Terminal;
  /** Runs a shell script there; throws when it fails. Gives its stdout. */
  readonly sh: (script: string, options?: RunOptions) => Promise<string>;
  /** Runs a shell script in the world outside, whatever its status is. */
  readonly outside: (script: string, options?: RunOptions) => Promise<RunResult>;
  /** argv that runs `argv` there, for what the words above do not do. */
  readonly wrap: (argv: readonly string[]) => readonly string[];
}

/** sysfs shows the namespace that mounts it; the cgroups below it are everybody's. */
const HOST = `set -e
mount --make-rprivate / 2>/dev/null || true
mkdir -p "$1/cgroups"
mount --rbind /sys/fs/cgroup "$1/cgroups"
mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
mount --rbind "$1/cgroups" /sys/fs/cgroup
umount -R "$1/cgroups"
ip link set lo up
echo ready
exec sleep 3600`;
const WORLD = 'ip link set lo up && echo ready && exec sleep 3600';

export function lacksNetworks(): string | undefined {
  return firstLack(...['ip', 'nsenter', 'unshare'].map(lacksProgram));
}

/** `test` with a `host`. Whatever listens there or was started by `sh` ends with it. */
export const networkTest = test.extend<{ readonly host: NetworkHost }>({
  host: async ({ rig, skip }, use) => {
    const lack = lacksNetworks();
    if (lack !== undefined) skip(lack);
    const host = await hold(['unshare', '--net', '--mount', 'sh', '-c', HOST, 'sh', rig.scratch]);
    const world = await hold(['unshare', '--net', 'sh', '-c', WORLD]);
    try {
      await connect(pidOf(host), pidOf(world));
      await use(makeHost(rig, pidOf(host), pidOf(world)));
    } finally {
      host.kill('SIGKILL');
      world.kill('SIGKILL');
    }
  },
});

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the holder of a network namespace did not start');
  return child.pid;
}

/** A process that holds namespaces; it has them when it has said so. */
function hold(argv: readonly string[]): Promise<ChildProcess> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.stdout.once('data', () => resolve(child));
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`no network namespace: ${said}`)));
  });
}

async function connect(host: number, world: number): Promise<void> {
  const { link } = OUTSIDE;
  await runOk(['nsenter', `--net=/proc/${host}/ns/net`, 'sh', '-ec', HOST_LINK, 'sh', link, String(world)]);
  await runOk(['nsenter', `--net=/proc/${world}/ns/net`, 'sh', '-ec', WORLD_LINK]);
}

const HOST_LINK = `ip link add "$1" type veth peer name eth0 netns "$2"
echo 0 >/proc/sys/net/ipv6/conf/"$1"/accept_dad
ip addr add ${OUTSIDE.host}/24 dev "$1"
ip -6 addr add ${OUTSIDE.host6}/64 dev "$1" nodad
ip link set dev "$1" up
ip route add default via ${OUTSIDE.world}`;
const WORLD_LINK = `echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad
ip addr add ${OUTSIDE.world}/24 dev eth0
ip -6 addr add ${OUTSIDE.world6}/64 dev eth0 nodad
ip link set dev eth0 up`;

async function runOk(argv: readonly string[], options?: RunOptions): Promise<string> {
  const { status, stdout, stderr } = await runProgram(argv, options);
  if (status !== 0) throw new Error(`${argv.join(' ')}: exit status ${status}\n${stderr}${stdout}`);
  return stdout;
}

function makeHost(rig: Rig, host: number, world: number): NetworkHost {
  const wrap = (argv: readonly string[]) => ['nsenter', '-t', String(host), '--net', '--mount', '--', ...argv];
  const env = rig.env;
  return {
    wrap,
    ctr: (args, options = {}) =>
      runProgram(wrap([ctrProgram, ...args]), { ...options, env: { ...env, ...options.env } }),
    ctrOk: (...args) => runOk(wrap([ctrProgram, ...args]), { env }),
    terminal: (...args) =>
      openTerminal(
        wrap([ctrProgram, ...args])
          .map(quote)
          .join(' '),
        env,
      ),
    sh: (script, options) => runOk(wrap(['sh', '-c', script]), options),
    outside: (script, options) => runProgram(['nsenter', `--net=/proc/${world}/ns/net`, 'sh', '-c', script], options),
  };
}

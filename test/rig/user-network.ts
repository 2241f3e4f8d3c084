/** Networks for an ordinary user's containers, none of which leads out of this machine; and what of the host they need. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstLack, lacksProgram } from './needs.js';
import { userTest } from './user.js';

/** Two network namespaces: `host`, where the user's commands run, and one beyond it. No packet leaves them. */
export interface World {
  readonly host: string;
}

/** The host's address. On its loopback link alone something listens on port 7001. */
export const HOST = '192.0.2.10';
/** Its gateway, in the namespace beyond. */
export const BEYOND = '192.0.2.1';

/** Serves the files of its directory. */
const serve = (where: string) => `busybox httpd -f -p ${where} &`;

const HOST_SCRIPT = [
  'ip link set lo up',
  'ip link add host0 type veth peer name beyond0',
  `ip address add ${HOST}/24 dev host0`,
  'ip link set host0 up',
  'echo made',
  'read beyond',
  'ip link set beyond0 netns $beyond',
  `ip route add default via ${BEYOND}`,
  serve('127.0.0.1:7001'),
  'echo ready',
  'exec sleep 600',
].join('\n');

const BEYOND_SCRIPT = [
  'echo there',
  'read made',
  `ip address add ${BEYOND}/24 dev beyond0`,
  'ip link set beyond0 up',
  serve('7000'),
  'echo ready',
  'exec sleep 600',
].join('\n');

/** One line that the process says. */
function lineOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (data: Buffer) => resolve(data.toString()));
    child.once('exit', () => reject(new Error('it has ended')));
  });
}

async function makeWorld(scratch: string, children: ChildProcess[]): Promise<World> {
  const scripts = { host: HOST_SCRIPT, beyond: BEYOND_SCRIPT };
  const [host, beyond] = Object.entries(scripts).map(([word, script]) => {
    const cwd = join(scratch, word);
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'word'), `${word}\n`);
    const child = spawn('sh', ['-c', 'exec unshare --net --kill-child sh -ec "$0"', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
      cwd,
    });
    children.push(child);
    return child;
  });
  if (host === undefined || beyond === undefined) throw new Error('unreachable');
  // A namespace is its own only when its script runs.
  await Promise.all([lineOf(host), lineOf(beyond)]);
  const moved = lineOf(host);
  host.stdin?.write(`${beyond.pid}\n`);
  await moved;
  const ready = lineOf(beyond);
  beyond.stdin?.write('\n');
  await ready;
  return { host: `/proc/${host.pid}/ns/net` };
}

/** As `userTest`, with a `world`. */
export const worldTest = userTest.extend<{ world: World }>({
  world: async ({ rig }, use) => {
    const children: ChildProcess[] = [];
    try {
      await use(await makeWorld(rig.scratch, children));
    } finally {
      for (const child of children) {
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      }
    }
  },
});

/** The device for everybody, as it is on common hosts. */
const TUN = [
  'mount -t tmpfs none /mnt',
  'mknod -m 666 /mnt/tun c 10 200',
  'mount --bind /mnt/tun /dev/net/tun',
  'umount -l /mnt',
].join('; ');

export function lacksUserNetwork(kind: 'pasta' | 'slirp4netns'): string | undefined {
  return firstLack(
    existsSync('/dev/net/tun') ? undefined : 'needs /dev/net/tun (kernel module tun)',
    lacksProgram(kind),
    lacksProgram('ip'),
    lacksProgram('nsenter'),
  );
}

/** Asks a server for its word by nc(1): BusyBox' wget looks up names, which needs more than these roots have. */
export const get = (address: string, port: number) =>
  `(printf 'GET /word HTTP/1.0\\r\\n\\r\\n'; sleep 1) | busybox nc -w 3 ${address} ${port} | tail -n 1`;

/** Only one of the two programs is there. */
export const alone = (kind: 'pasta' | 'slirp4netns') =>
  `${TUN}; for p in pasta slirp4netns; do test $p = ${kind} || test ! -e /usr/bin/$p || mount --bind /dev/null /usr/bin/$p; done`;

/** Who has ended may wait for somebody to ask after it. */
export function isThere(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'));
}

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect, lacksProgram, type Rig, slow } from '../rig/index.js';
import { firstLack } from '../rig/needs.js';
import { type User, userTest } from '../rig/user.js';

/** Two network namespaces: `host`, where the user's commands run, and one beyond it. No packet leaves them. */
interface World {
  readonly host: string;
}

/** The host's address. On its loopback link alone something listens on port 7001. */
const HOST = '192.0.2.10';
/** Its gateway, in the namespace beyond. */
const BEYOND = '192.0.2.1';

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

const test = userTest.extend<{ world: World }>({
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

function lacks(kind: 'pasta' | 'slirp4netns'): string | undefined {
  return firstLack(
    existsSync('/dev/net/tun') ? undefined : 'needs /dev/net/tun (kernel module tun)',
    lacksProgram(kind),
    lacksProgram('ip'),
    lacksProgram('nsenter'),
  );
}

/** Asks a server for its word by nc(1): BusyBox' wget looks up names, which needs more than these roots have. */
const get = (address: string, port: number) =>
  `(printf 'GET /word HTTP/1.0\\r\\n\\r\\n'; sleep 1) | busybox nc -w 3 ${address} ${port} | tail -n 1`;

/** Only one of the two programs is there. */
const alone = (kind: 'pasta' | 'slirp4netns') =>
  `${TUN}; for p in pasta slirp4netns; do test $p = ${kind} || test ! -e /usr/bin/$p || mount --bind /dev/null /usr/bin/$p; done`;

async function define(user: User, rig: Rig, link: string, extension = ''): Promise<void> {
  const xml = domainXml({ name: 'web', rootfs: rig.makeRoot(), onReboot: 'restart' })
    .replace(/<memory.*<\/memory>/, "<memory unit='KiB'>9007199254740991</memory>")
    .replace('</devices>', `${link}</devices>`)
    .replace(
      '<os>',
      `<metadata><ctr:container xmlns:ctr='urn:ctr:container:1.0'>${extension}</ctr:container></metadata><os>`,
    );
  const file = join(rig.scratch, 'web.xml');
  writeFileSync(file, xml);
  await user.ctrOk('define', file);
}

const USER_LINK = "<interface type='user'/>";
const NETWORK_LINK = "<interface type='network'><source network='default'/></interface>";

/** Programs that connect this container. */
function connectors(rig: Rig): number[] {
  const record = join(rig.runDir, 'containers/web/network');
  return existsSync(record) ? [Number(readFileSync(record, 'utf8').split(' ')[0])] : [];
}

/** Who has ended may wait for somebody to ask after it. */
function isThere(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'));
}

describe.for(['pasta', 'slirp4netns'] as const)("an ordinary user's network by %s", (kind) => {
  const ask = (user: User, address: string, port: number) =>
    user.ctr('enter', 'web', '--', 'sh', '-c', get(address, port));

  test.for([USER_LINK, NETWORK_LINK])(
    '%s leads out, and to no port of the host alone',
    async (link, { user, rig, world, skip }) => {
      const lack = lacks(kind);
      if (lack !== undefined) skip(lack);
      const his = user.with({ before: alone(kind), network: world.host });
      await define(his, rig, link);
      await his.ctrOk('start', 'web');
      expect(await ask(his, BEYOND, 7000)).toMatchObject({ stdout: 'beyond\n' });
      expect((await his.run(['sh', '-c', get('127.0.0.1', 7001)])).stdout).toBe('host\n');
      for (const address of [BEYOND, HOST, '10.0.2.2']) expect((await ask(his, address, 7001)).stdout).toBe('');

      const [pid = 0] = connectors(rig);
      expect(isThere(pid)).toBe(true);
      await his.ctrOk('destroy', 'web');
      expect(isThere(pid)).toBe(false);
      expect(readdirSync(join(rig.runDir, 'containers/web')).filter((file) => file.startsWith('network'))).toEqual([]);
    },
  );

  test('its program ends with a monitor that is killed', async ({ user, rig, world, skip }) => {
    const lack = lacks(kind);
    if (lack !== undefined) skip(lack);
    const his = user.with({ before: alone(kind), network: world.host });
    await define(his, rig, USER_LINK);
    await his.ctrOk('start', 'web');
    const [pid = 0] = connectors(rig);
    process.kill(Number((await his.info('web')).monitorPid), 'SIGKILL');
    await expect.poll(() => isThere(pid)).toBe(false);
    await his.ctrOk('start', 'web');
    expect(await ask(his, BEYOND, 7000)).toMatchObject({ stdout: 'beyond\n' });
  });
});

describe("an ordinary user's network", () => {
  test('is that of a run, and goes with it', async ({ user, rig, world, skip }) => {
    const lack = lacks('pasta');
    if (lack !== undefined) skip(lack);
    const his = user.with({ before: alone('pasta'), network: world.host });
    const run = (script: string) => his.ctr('run', '--net', 'user', '--timeout', '20', '--', 'sh', '-c', script);
    expect(await run(get(BEYOND, 7000))).toMatchObject({ stdout: 'beyond\n' });
    expect((await run(get(HOST, 7001))).stdout).toBe('');
    const running = his.ctr('run', '--name', 'box', '--net', 'user', '--', 'sleep', '1000');
    const record = join(rig.runDir, 'containers/box/network');
    await expect.poll(() => existsSync(record), { timeout: slow(20_000) }).toBe(true);
    const pid = Number(readFileSync(record, 'utf8').split(' ')[0]);
    await expect.poll(async () => (await his.ctr('destroy', 'box')).status, { timeout: slow(20_000) }).toBe(0);
    await running;
    expect(isThere(pid)).toBe(false);
  });

  test('of a run whose program cannot work is told with what helps', async ({ user, skip }) => {
    const lack = lacks('pasta');
    if (lack !== undefined) skip(lack);
    const his = user.with({ before: `${alone('pasta')}; mount --bind /dev/null /dev/net/tun` });
    const { status, stderr } = await his.ctr('run', '--net', 'user', '--', 'true');
    expect(status).toBe(125);
    expect(stderr).toMatch(/^ctr: cannot run: connect the network by '\/usr\/bin\/pasta': \S+/m);
  });

  test('is there again after a reboot inside, by another program', async ({ user, rig, world, skip }) => {
    const lack = lacks('slirp4netns');
    if (lack !== undefined) skip(lack);
    const his = user.with({ before: alone('slirp4netns'), network: world.host });
    await define(his, rig, USER_LINK);
    await his.ctrOk('start', 'web');
    const [before = 0] = connectors(rig);
    const { pid } = await his.info('web');
    await his.ctr('enter', 'web', '--', 'busybox', 'reboot', '-f');
    await expect
      .poll(async () => (await his.info('web')).pid, { timeout: slow(15_000) })
      .not.toBeOneOf([pid, undefined]);
    await expect
      .poll(() => connectors(rig), { timeout: slow(15_000) })
      .toEqual([expect.not.toSatisfy((one: number) => one === before)]);
    expect(isThere(before)).toBe(false);
    const fetched = await his.ctr('enter', 'web', '--', 'sh', '-c', get(BEYOND, 7000));
    expect(fetched.stdout).toBe('beyond\n');
  });

  test('has the ports of the host that are asked for', async ({ user, rig, world, skip }) => {
    const lack = lacks('pasta');
    if (lack !== undefined) skip(lack);
    const his = user.with({ before: alone('pasta'), network: world.host });
    await define(his, rig, USER_LINK, "<ctr:ports><ctr:port protocol='tcp' host='7080' container='80'/></ctr:ports>");
    await his.ctrOk('start', 'web');
    const script = 'cd /dev/shm; echo inside > word; busybox httpd -p 80; busybox httpd -p 81';
    await his.ctrOk('enter', 'web', '--', 'sh', '-c', script);
    const fetch = (port: number) => his.run(['sh', '-c', get('127.0.0.1', port)]);
    await expect.poll(async () => (await fetch(7080)).stdout).toBe('inside\n');
    expect((await fetch(81)).stdout).toBe('');
  });

  test('asked for without a program is an error that names the package', async ({ user, rig }) => {
    const hidden = 'for p in pasta slirp4netns; do test ! -e /usr/bin/$p || mount --bind /dev/null /usr/bin/$p; done';
    const his = user.with({ before: hidden });
    await define(his, rig, NETWORK_LINK);
    expect(await his.ctr('start', 'web')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/pasta or slirp4netns, and neither is installed\nhint: apt-get install passt/),
    });
    await his.ctrOk('undefine', 'web');
  });

  test('tells what its program says when it fails, and leaves nothing', async ({ user, rig, skip }) => {
    const lack = lacks('pasta');
    if (lack !== undefined) skip(lack);
    // Without the device.
    const his = user.with({ before: `${alone('pasta')}; mount --bind /dev/null /dev/net/tun` });
    await define(his, rig, USER_LINK);
    const { status, stderr } = await his.ctr('start', 'web');
    expect(status).toBe(1);
    expect(stderr).toMatch(/connect the network by '\/usr\/bin\/pasta': \S+/);
    expect(connectors(rig)).toEqual([]);
  });
});

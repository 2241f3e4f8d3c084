/** Hostile root file systems and volumes, at the moment of a start and afterwards. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ctrProgram, describe, domainXml, expect, runProgram, slow, test } from '../rig/index.js';
import { inside, installProgram, startVm, startWeb } from './box.js';

/** What must not be read, and what must not be written, said here once more: a path that the planner forgets shall fail. */
const MASKED_PATHS = [
  ...['acpi', 'asound', 'interrupts', 'kcore', 'keys', 'kmsg', 'latency_stats', 'sched_debug', 'scsi'].map(
    (name) => `/proc/${name}`,
  ),
  ...['/proc/timer_list', '/proc/timer_stats', '/sys/devices/virtual/powercap', '/sys/firmware'],
];
const READ_ONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sysrq-trigger'];

const volume = (source: string, target: string) =>
  `<filesystem type='mount'><source dir='${source}'/><target dir='${target}'/></filesystem>`;

/** What the host has mounted where. */
const hostMounts = () => readFileSync('/proc/self/mountinfo', 'utf8').replace(/^\d+ \d+ /gm, '');

/** Root, mount point and type of each mount that init sees. */
function mountsOf(mountinfo: string): { root: string; point: string }[] {
  return mountinfo
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '))
    .map((fields) => ({ root: fields[3] ?? '', point: fields[4] ?? '' }));
}

describe('a path that changes while it is used', () => {
  test('S20 S24 never leads a mount, or what is made for it, out of the root', { timeout: slow(300_000) }, async ({
    rig,
    skip,
  }) => {
    const shared = join(rig.scratch, 'shared');
    const victim = join(rig.scratch, 'victim');
    const data = join(rig.scratch, 'data');
    for (const path of [shared, join(shared, 'x'), victim, data]) mkdirSync(path);
    writeFileSync(join(victim, 'precious'), 'x');
    symlinkSync(victim, join(shared, 'y'));
    const attacker = rig.makeRoot('exec /exchange /v/x /v/y\n');
    installProgram(attacker, 'exchange', skip);
    await rig.define(domainXml({ name: 'attacker', rootfs: attacker, devices: volume(shared, '/v') }));
    const devices = `${volume(shared, '/v')}${volume(data, '/v/x/made/here')}${volume(data, '/v/y')}`;
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot(), devices }));
    await rig.ctrOk('start', 'attacker');
    const before = hostMounts();
    let started = 0;
    for (let round = 0; round < 100; round += 1) {
      const { status } = await rig.ctr(['start', 'vm']);
      if (status === 0) {
        started += 1;
        await rig.ctrOk('destroy', 'vm');
      }
      expect({ round, victim: readdirSync(victim) }).toEqual({ round, victim: ['precious'] });
      expect(hostMounts()).toBe(before);
    }
    expect(started).toBeGreaterThan(0);
    expect(await rig.info('attacker')).toMatchObject({ state: 'running' });
    await rig.ctrOk('destroy', 'attacker');
    expect(
      [lstatSync(join(shared, 'x')), lstatSync(join(shared, 'y'))].filter((stat) => stat.isDirectory()),
    ).toHaveLength(1);
  });
});

describe('a link in the root', () => {
  test('S21 on the way to a mount point resolves inside', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    symlinkSync('/', join(rootfs, 'mnt'));
    symlinkSync('../../../../../..', join(rootfs, 'up'));
    const before = hostMounts();
    const data = join(rig.scratch, 'data');
    mkdirSync(data);
    const devices = `${volume(data, '/mnt/etc')}${volume(data, '/up/usr/made')}`;
    await rig.define(domainXml({ name: 'vm', rootfs, devices }));
    await rig.ctrOk('start', 'vm');
    expect(hostMounts()).toBe(before);
    const points = mountsOf(await rig.ctrOk('enter', 'vm', '--', 'cat', '/proc/1/mountinfo')).map(({ point }) => point);
    expect(points).toContain('/etc');
    expect(points).toContain('/usr/made');
    expect(existsSync('/usr/made')).toBe(false);
  });

  test('S22 as /dev makes and removes nothing where it points', async ({ rig }) => {
    const victim = join(rig.scratch, 'victim');
    mkdirSync(victim);
    for (const name of ['ptmx', 'keep', 'console', 'null']) writeFileSync(join(victim, name), name);
    const rootfs = rig.makeRoot();
    rmSync(join(rootfs, 'dev'), { recursive: true });
    symlinkSync(victim, join(rootfs, 'dev'));
    await rig.define(domainXml({ name: 'vm', rootfs }));
    expect((await rig.ctr(['start', 'vm'])).status).toBe(1);
    expect(readdirSync(victim).sort()).toEqual(['console', 'keep', 'null', 'ptmx']);
    for (const name of readdirSync(victim)) expect(readFileSync(join(victim, name), 'utf8')).toBe(name);
  });

  test('S23 in the place of /dev/null is no mask', async ({ rig }) => {
    const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
    const rootfs = rig.makeRoot();
    symlinkSync('/proc/sys/kernel/core_pattern', join(rootfs, 'dev/null'));
    await rig.define(domainXml({ name: 'vm', rootfs }));
    await rig.ctrOk('start', 'vm');
    expect((await inside(rig, 'vm', 'echo x > /dev/null; cat /proc/interrupts; stat -c %t:%T /dev/null')).text).toBe(
      '1:3\n',
    );
    await inside(rig, 'vm', 'echo x > /proc/interrupts');
    expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(pattern);
    await rig.ctrOk('destroy', 'vm');
    // Nor is it one where the host's own is none: each command in a mount namespace of its own.
    const replaced = `mount --make-rprivate / && mount --bind ${rig.writeFile('null', '')} /dev/null && exec "$@"`;
    const argv = ['unshare', '--mount', 'sh', '-c', replaced, 'sh', ctrProgram, 'start', 'vm'];
    expect(await runProgram(argv, { env: rig.env })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/cannot start 'vm': mask '.*ENODEV/),
    });
  });

  test.for(['', '/'])('S25 in the place of the root itself is refused [%j at the end]', async (end, { rig }) => {
    const rootfs = rig.makeRoot();
    await rig.define(domainXml({ name: 'vm', rootfs: `${rootfs}${end}` }));
    renameSync(rootfs, `${rootfs}.old`);
    // To a root that could be started.
    symlinkSync(`${rootfs}.old`, rootfs);
    const { status, stderr } = await rig.ctr(['start', 'vm']);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/is a symbolic link/) });
    expect(await rig.info('vm')).toMatchObject({ state: 'stopped' });
  });

  test('S26 in the place of /etc/passwd tells nothing and holds nothing up', async ({ rig }) => {
    const root = await startVm(rig);
    writeFileSync(join(root, 'etc/shadow'), 'ann:secret-hash:1000:100::/:/bin/sh\n');
    const passwd = join(root, 'etc/passwd');
    const tricks: [string, () => void][] = [
      ['a link to shadow', () => symlinkSync('/etc/shadow', passwd)],
      ['a link to the host', () => symlinkSync('../../../../../../etc/shadow', passwd)],
      ['a link to zeroes', () => symlinkSync('/dev/zero', passwd)],
      ['a link to init’s root', () => symlinkSync('/proc/1/root/etc/group', passwd)],
      ['a link to itself', () => symlinkSync('passwd', passwd)],
      ['a directory', () => mkdirSync(passwd)],
      ['too much', () => writeFileSync(passwd, `bob:x:0:0::/:/bin/sh\n${'x'.repeat(1024 * 1024)}`)],
      ['one long line', () => writeFileSync(passwd, `ann:${'x'.repeat(1_000_000)}:1000:100::/:/bin/sh\n`)],
      ['bytes', () => writeFileSync(passwd, Buffer.from([0xff, 0, 0x3a, 0x0a]))],
    ];
    for (const [what, make] of tricks) {
      rmSync(passwd, { recursive: true, force: true });
      make();
      const { status, stderr, timedOut } = await rig.ctr(['enter', '-u', 'bob', 'vm', '--', 'id'], { timeoutMs: 5000 });
      expect({ what, status, timedOut }).toEqual({ what, status: 125, timedOut: false });
      expect(stderr).toMatch(/^ctr: cannot enter 'vm': user 'bob': [^\n]*\n$/);
      expect(stderr).not.toContain('secret');
    }
    rmSync(passwd, { recursive: true });
    expect((await runProgram(['mkfifo', passwd])).status).toBe(0);
    expect(await rig.ctr(['enter', '-u', 'bob', 'vm', '--', 'id'], { timeoutMs: 5000 })).toMatchObject({ status: 125 });
  });
});

describe('the host', () => {
  test.for(['web', 'vm'])('S28 is not there behind the root [%s]', async (name, { rig, skip }) => {
    const root = name === 'web' ? await startWeb(rig) : await startVm(rig);
    installProgram(root, 'leave-root', skip);
    const { text } = await inside(rig, name, '/leave-root');
    expect(text.split('\n')).toContain('leave-root');
    const mounts = mountsOf(await rig.ctrOk('enter', name, '--', 'cat', '/proc/1/mountinfo'));
    const ofHost = mounts.filter(({ root: from, point }) => point.includes('ctr-rig-') || from.includes('ctr-rig-'));
    // The root itself says where it lies in its file system.
    expect(ofHost.map(({ point }) => point)).toEqual(['/']);
    expect(mounts.filter(({ point }) => !/^\/($|(proc|sys|dev)(\/|$))/.test(point))).toEqual([]);
  });

  test.for(['web', 'vm'])('S29 and the container see nothing of what the other mounts [%s]', async (name, { rig }) => {
    if (name === 'web') await rig.bootstrap(name);
    else await rig.define(domainXml({ name, rootfs: rig.makeRoot() }));
    const root = String((await rig.info(name)).rootfs);
    mkdirSync(join(root, 'mnt2'));
    const run = async (...argv: string[]) => expect(await runProgram(argv)).toMatchObject({ status: 0 });
    await run('mount', '--bind', root, root);
    try {
      // What is mounted in it is told to whoever has a copy of it and listens.
      await run('mount', '--make-shared', root);
      await rig.ctrOk('start', name);
      const before = hostMounts();
      const attack = 'mkdir /tmp/m; mount -t tmpfs inner /tmp/m; mount --make-rshared /';
      await rig.ctr(['enter', name, '--', 'sh', '-c', attack]);
      expect((await inside(rig, name, 'grep -c " inner " /proc/1/mountinfo')).text).toBe('1\n');
      expect(hostMounts()).toBe(before);
      await run('mount', '-t', 'tmpfs', 'outer', join(root, 'mnt2'));
      expect((await inside(rig, name, 'grep -c outer /proc/1/mountinfo')).text).toBe('0\n');
      await run('umount', join(root, 'mnt2'));
      await rig.ctrOk('destroy', name);
    } finally {
      await runProgram(['umount', '--recursive', root]);
    }
  });

  test.for(['web', 'vm'])('S30 shows none of its sensitive files, and takes no writes [%s]', async (name, { rig }) => {
    if (name === 'web') await startWeb(rig);
    else await startVm(rig);
    const covered = mountsOf(await rig.ctrOk('enter', name, '--', 'cat', '/proc/1/mountinfo')).map(
      ({ point }) => point,
    );
    for (const path of MASKED_PATHS) {
      if (!existsSync(path)) continue;
      // Some are closed to root inside by other means as well, on this kernel.
      expect(covered).toContain(path);
      const { text } = await inside(
        rig,
        name,
        `if [ -d ${path} ]; then ls -A ${path}; else head -c 1 ${path}; fi | wc -c`,
      );
      expect({ path, text: text.trim() }).toEqual({ path, text: '0' });
    }
    for (const path of [...READ_ONLY_PATHS, '/proc/sys/kernel', '/sys/kernel', '/sys/class'].filter(existsSync)) {
      const find = `find ${path} -type f -perm -200 | head -n 20`;
      const { text } = await inside(
        rig,
        name,
        `${find} | while read -r f; do (: >> $f) 2>/dev/null && echo $f; done; true`,
      );
      expect({ path, text }).toEqual({ path, text: '' });
    }
  });

  test('S31 keeps its masks, whatever root inside does', { timeout: slow(120_000) }, async ({ rig }) => {
    await startWeb(rig);
    const paths = [...MASKED_PATHS, ...READ_ONLY_PATHS, '/proc/sys', '/proc', '/sys', '/dev'].filter((path) =>
      existsSync(path),
    );
    const script = paths
      .flatMap((path) => [
        `umount ${path}`,
        `umount -l ${path}`,
        ...(path === '/proc' || path === '/dev'
          ? []
          : [`mount -o remount,rw ${path}`, `mount -o remount,bind,rw ${path}`]),
        ...(path === '/proc' || path === '/dev' ? [] : [`mount --move ${path} /mnt`]),
      ])
      .map((line) => `${line} 2>/dev/null && echo '${line}'`)
      .join('\n');
    expect((await inside(rig, 'web', `${script}\ntrue`)).text).toBe('');
    const fresh = [
      'mount -t proc none /mnt',
      'mount -t sysfs none /mnt',
      'unshare -m umount -l /proc/sys',
      'unshare -Urm umount /proc/sys',
    ];
    for (const line of fresh) {
      expect({ line, ...(await inside(rig, 'web', line)) }).not.toMatchObject({ status: 0 });
    }
  });
});

/** Root inside against what enters: the helper's program, descriptors, credentials, terminal. */
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ctrProgram,
  describe,
  domainXml,
  expect,
  lacksProgram,
  nativeDir,
  runProgram,
  slow,
  test,
} from '../rig/index.js';
import { inside, installProgram, startVm, startWeb } from './box.js';

const PROGRAMS = [process.execPath, join(nativeDir, 'clone-helper'), join(nativeDir, 'ctr-monitor')];

function checksums(): string[] {
  return PROGRAMS.map((file) => createHash('sha256').update(readFileSync(file)).digest('hex'));
}

/** Holds the program of whatever appears, and writes to it when its process is gone. What succeeded stands in /wins. */
const OVERWRITE = `#!/bin/busybox sh
while :; do
  for p in /proc/[0-9]*; do
    case $p in /proc/1|/proc/$$) continue ;; esac
    {
      own=$(readlink /proc/self/fd/7)
      case $own in */busybox) continue ;; esac
      echo "$own" >> /seen
      if true >> $p/exe; then echo "$own by name" >> /wins; fi
      i=0
      while [ -d $p ] && [ $i -lt 2000 ]; do i=$((i+1)); done
      if echo x > /proc/self/fd/7; then echo "$own by descriptor" >> /wins; fi
    } 7< $p/exe
  done
done 2>/dev/null
`;

describe('the program that enters', () => {
  test('S01 cannot be overwritten through /proc/PID/exe', { timeout: slow(180_000) }, async ({ rig }) => {
    const before = checksums();
    const root = rig.makeRoot();
    writeFileSync(join(root, 'init'), OVERWRITE);
    rmSync(join(root, 'bin/sh'));
    // The kernel runs the interpreter of a script: here that is whatever runs now.
    writeFileSync(join(root, 'bin/sh'), '#!/proc/self/exe\n', { mode: 0o755 });
    await rig.define(domainXml({ name: 'vm', rootfs: root }));
    await rig.ctrOk('start', 'vm');
    for (let round = 0; round < 100; round += 1) await rig.ctr(['enter', 'vm', '--', '/bin/sh']);
    expect(readFileSync(join(root, 'seen'), 'utf8')).toContain('clone-helper');
    expect(existsSync(join(root, 'wins')) ? readFileSync(join(root, 'wins'), 'utf8') : '').toBe('');
    expect(checksums()).toEqual(before);
    expect(await rig.ctrOk('enter', 'vm', '--', 'echo', 'alive')).toBe('alive\n');
  });

  test('S02 a working directory of a descriptor is refused, at start and at enter', { timeout: slow(120_000) }, async ({
    rig,
  }) => {
    await startWeb(rig);
    for (let fd = 3; fd < 40; fd += 1) {
      const { status, stdout } = await rig.ctr(['enter', '-w', `/proc/self/fd/${fd}`, 'web', '--', 'ls', '../../..']);
      expect({ fd, status, stdout }).toEqual({ fd, status: 125, stdout: '' });
    }
    // Nor is any other magic link a way, wherever it leads.
    for (const link of [
      '/proc/self/root',
      '/proc/self/cwd',
      '/proc/1/root',
      '/proc/1/cwd/tmp',
      '/proc/self/root/tmp',
    ]) {
      const { status, stderr } = await rig.ctr(['enter', '-w', link, 'web', '--', 'pwd']);
      expect({ link, status, stderr }).toEqual({ link, status: 125, stderr: expect.stringMatching(/openat2: ELOOP/) });
    }
    const rootfs = rig.makeRoot('cd ..; ls > /escaped; exit 0\n');
    for (let fd = 3; fd < 24; fd += 1) {
      const initdir = `<initdir>/proc/self/fd/${fd}</initdir></os>`;
      await rig.define(domainXml({ name: 'vm', rootfs }).replace('</os>', initdir));
      const { status } = await rig.ctr(['start', 'vm']);
      expect({ fd, status }).toEqual({ fd, status: 1 });
      await rig.ctrOk('undefine', 'vm');
    }
    expect(existsSync(join(rootfs, 'escaped'))).toBe(false);
  });

  test('S03 hands on none of the caller’s descriptors', async ({ rig }) => {
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot(), init: '/bin/sleep', initArgs: ['3600'] }));
    const script = `exec 7</ 8</etc/shadow 9<>/dev/null
      ${ctrProgram} start vm && exec ${ctrProgram} enter vm -- sh -c 'ls -l /proc/self/fd; ls -l /proc/1/fd'`;
    const { status, stdout } = await runProgram(['bash', '-c', script], { env: rig.env });
    expect(status).toBe(0);
    const descriptors = [...stdout.matchAll(/ (\d+) -> (.*)$/gm)].map(([, fd, target]) => [Number(fd), target ?? '']);
    expect(descriptors.length).toBeGreaterThanOrEqual(6);
    for (const [fd, target] of descriptors) {
      // 3 is ls reading the directory.
      expect(fd).toBeLessThanOrEqual(3);
      expect(target).toMatch(/^(pipe:\[\d+\]|\/dev\/(console|pts\/\d+|tty1|null)|\/proc\/\d+\/fd)$/);
    }
  });

  test.for(['web', 'vm'])(
    'S04 shows nothing of the outside while it joins [%s]',
    { timeout: slow(120_000) },
    async (name, { rig }) => {
      const root = name === 'web' ? await startWeb(rig) : await startVm(rig);
      // Root of the host's user namespace may look into any process it sees: it finds the helper's program, and nothing else.
      const secrets = [
        'marker-of-the-caller',
        'ctr-rig-',
        'ctr-monitor',
        ...(name === 'web' ? ['memfd:', 'clone-helper'] : []),
      ];
      const watch = `cd /tmp; while :; do
      for p in /proc/[0-9]*; do
        case $p in /proc/1|/proc/$$) continue ;; esac
        { ls -l $p/fd; readlink $p/root; readlink $p/cwd; cat $p/environ; cat $p/maps; } 2>/dev/null
      done | grep -aE '${secrets.join('|')}|as-declared' >> /tmp/seen
    done`;
      const watcher = rig.startCtr(['enter', name, '--', 'sh', '-c', watch], { timeoutMs: 100_000 });
      const env = { SECRET: 'marker-of-the-caller' };
      for (let round = 0; round < 100; round += 1) {
        await rig.ctr(['enter', '-e', 'DECLARED=as-declared', name, '--', 'usleep', '20000'], { env });
      }
      await rig.ctrOk('destroy', name);
      await watcher.result;
      const seen = readFileSync(join(root, 'tmp/seen'), 'latin1');
      // It does see those that have entered.
      expect(seen).toContain('as-declared');
      expect(seen.split('\n').filter((line) => new RegExp(secrets.join('|')).test(line))).toEqual([]);
    },
  );

  test('S04 is undumpable from its first moment inside until it runs a program of the container', {
    timeout: slow(120_000),
  }, async ({ rig, skip }) => {
    const root = await startWeb(rig);
    installProgram(root, 'look-into', skip);
    const watcher = rig.startCtr(['enter', 'web', '--', '/look-into', '/seen'], { timeoutMs: 100_000 });
    await expect.poll(() => existsSync(join(root, 'seen'))).toBe(true);
    const seen = () => readFileSync(join(root, 'seen'), 'utf8').trim().split('\n');
    const refused = () => seen().filter((line) => line === 'refused').length;
    // Until it was there in time, which takes more tries on a busy machine: else this would say nothing.
    for (let round = 0; round < 400 && (round < 50 || refused() < 10); round += 1)
      await rig.ctr(['enter', 'web', '--', 'usleep', '5000']);
    await rig.ctrOk('destroy', 'web');
    await watcher.result;
    expect(refused()).toBeGreaterThan(0);
    expect(seen().filter((line) => line !== 'refused')).toEqual([]);
  });
});

describe('what enters', () => {
  test('S07 finds no volume and no link in the place of /proc, /sys or /dev', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    for (const target of ['/proc', '/proc/sys', '/proc/self/attr', '/sys', '/dev', '/./proc', '//proc/sys']) {
      const devices = `<filesystem type='mount'><source dir='/tmp'/><target dir='${target}'/></filesystem>`;
      const file = rig.writeFile('vm.xml', domainXml({ name: 'vm', rootfs, devices }));
      const { status, stderr } = await rig.ctr(['define', file]);
      expect({ target, status, stderr }).toMatchObject({ status: 1, stderr: expect.stringMatching(/ctr mounts it/) });
    }
    for (const name of ['proc', 'sys', 'dev']) {
      const root = rig.makeRoot();
      rmSync(join(root, name), { recursive: true });
      symlinkSync('/tmp', join(root, name));
      await rig.define(domainXml({ name, rootfs: root }));
      expect(await rig.ctr(['start', name])).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/symbolic link/),
      });
    }
  });

  test('S08 has no inheritable and no ambient capability, and neither has init', async ({ rig }) => {
    await startWeb(rig);
    await startVm(rig);
    for (const name of ['web', 'vm']) {
      const { text } = await inside(rig, name, 'grep -hE "^Cap(Inh|Amb)" /proc/self/status /proc/1/status');
      expect({ name, sets: text.match(/[0-9a-f]{16}/g) }).toEqual({ name, sets: Array(4).fill('0'.repeat(16)) });
    }
  });

  test('S09 is the user that was named, or nobody', async ({ rig }) => {
    const root = await startVm(rig);
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nann:x:1000:100::/:/bin/sh\n');
    const users: [string, string | undefined][] = [
      ['ann', '1000'],
      ['1000', '1000'],
      ['+1000', '1000'],
      ['1:1', '1'],
      ['4294967294:1', '4294967294'],
      ['', undefined],
      ['0x0', undefined],
      ['1000:', undefined],
      [':5', undefined],
      ['1 ', undefined],
      [' 1', undefined],
      ['-1', undefined],
      ['1:-1', undefined],
      ['4294967295:1', undefined],
      ['4294967296:1', undefined],
      ['18446744073709551616:1', undefined],
      ['1e3', undefined],
      ['ann:1:1', undefined],
      ['ann:nosuchgroup', undefined],
      ['no-such', undefined],
      ['root\n', undefined],
      ['Root', undefined],
    ];
    for (const [user, uid] of users) {
      const { status, stdout } = await rig.ctr(['enter', `--user=${user}`, 'vm', '--', 'id', '-u']);
      const refused =
        uid === undefined ? { status: expect.toBeOneOf([2, 125]), stdout: '' } : { status: 0, stdout: `${uid}\n` };
      expect({ user, status, stdout }).toEqual({ user, ...refused });
    }
    // A leading zero is ten's, never eight's.
    const { status, stdout } = await rig.ctr(['enter', '-u', '010:1', 'vm', '--', 'id', '-u']);
    expect(status === 0 ? stdout : '10\n').toBe('10\n');
  });

  test('S10 has the groups of its user inside, and none of the caller’s', async ({ rig, skip }) => {
    const lack = lacksProgram('setpriv');
    if (lack !== undefined) skip(lack);
    const root = rig.makeRoot();
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nann:x:1000:100::/:/bin/sh\n');
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\nstaff:x:100:\nmore:x:200:ann\nother:x:300:bob\n');
    writeFileSync(join(root, 'tmp/secret'), 'x');
    chownSync(join(root, 'tmp/secret'), 0, 200);
    chmodSync(join(root, 'tmp/secret'), 0o604);
    await rig.define(domainXml({ name: 'vm', rootfs: root }));
    const ctr = ['setpriv', '--groups=4242,4243', '--', ctrProgram];
    const run = (...args: string[]) => runProgram([...ctr, ...args], { env: rig.env });
    expect((await run('start', 'vm')).status).toBe(0);
    expect((await run('enter', 'vm', '--', 'grep', 'Groups', '/proc/1/status')).stdout).toMatch(/^Groups:\s*$/);
    expect((await run('enter', 'vm', '--', 'id', '-G')).stdout).toBe('0\n');
    const groups = (await run('enter', '-u', 'ann', 'vm', '--', 'id', '-G')).stdout.trim().split(' ').sort();
    expect(groups).toEqual(['100', '200']);
    // Its primary group stands in the list as well: a program that changes its group keeps it.
    expect((await run('enter', '-u', 'ann', 'vm', '--', 'grep', 'Groups', '/proc/self/status')).stdout).toMatch(
      /^Groups:\s+100 200\s*$/,
    );
    expect((await run('enter', '-u', 'ann', 'vm', '--', 'cat', '/tmp/secret')).status).not.toBe(0);
    expect((await run('enter', '-u', '1001:1001', 'vm', '--', 'cat', '/tmp/secret')).stdout).toBe('x');
  });

  test.for(['web', 'vm'])('S11 cannot type into the terminal of the caller [%s]', async (name, { rig, skip }) => {
    const lack = lacksProgram('script');
    if (lack !== undefined) skip(lack);
    const root = name === 'web' ? await startWeb(rig) : await startVm(rig);
    installProgram(root, 'type-into', skip);
    const typed = join(rig.scratch, 'typed');
    const terminal = rig.terminal(['enter', name, '--', '/type-into', 'id\n'], {
      after: `timeout --foreground 1 cat > ${typed}; echo the end`,
    });
    const shown = await terminal.waitFor('the end');
    const tries = [...shown.matchAll(/^(\S+) (plain|high-bits|paste) (\d+)\r?$/gm)].map(([, , , errno]) => errno);
    expect(tries.length).toBeGreaterThanOrEqual(9);
    expect(new Set(tries)).toEqual(new Set(['1']));
    await terminal.ended();
    expect(readFileSync(typed, 'latin1')).toBe('');
  });

  test('S12 gets a terminal of devpts or none, whatever lies at /dev/pts', { timeout: slow(90_000) }, async ({
    rig,
  }) => {
    await startWeb(rig);
    const cover = 'mount -t tmpfs none /dev/pts &&';
    const tricks = [
      `${cover} ln -s /dev/null /dev/pts/ptmx`,
      `${cover} ln -s /proc/sys/kernel/core_pattern /dev/pts/ptmx`,
      `${cover} mkfifo /dev/pts/ptmx`,
      `${cover} touch /dev/pts/ptmx`,
      `${cover} mkdir /dev/pts/ptmx`,
      'mount --bind /dev/null /dev/pts/ptmx',
      'mount -t devpts -o newinstance,mode=000,ptmxmode=000 none /dev/pts',
    ];
    for (const trick of tricks) {
      // In the namespace of init, where what enters looks.
      expect({ trick, ...(await inside(rig, 'web', trick)) }).toMatchObject({ status: 0 });
      const { status, stderr, timedOut } = await rig.ctr(['enter', '-t', 'web', '--', 'true'], { timeoutMs: 5000 });
      expect({ trick, timedOut }).toEqual({ trick, timedOut: false });
      // Another devpts serves as well; of anything else it is known before it is opened.
      if (trick.includes('-t devpts')) expect([0, 125]).toContain(status);
      else
        expect({ trick, status, stderr }).toMatchObject({ status: 125, stderr: expect.stringMatching(/ptmx: open: /) });
      const undo = trick.startsWith('mount --bind') ? 'umount /dev/pts/ptmx' : 'umount /dev/pts';
      expect((await inside(rig, 'web', undo)).status).toBe(0);
    }
    expect((await rig.ctr(['enter', '-t', 'web', '--', 'true'])).status).toBe(0);
  });
});

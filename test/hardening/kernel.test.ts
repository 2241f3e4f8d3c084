/** What root inside may ask the kernel for: ids, capabilities, system calls, devices, settings of the host. */
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CAPABILITIES } from '../../src/security/capabilities.js';
import { ctrProgram, describe, domainXml, expect, type Rig, runProgram, slow, test } from '../rig/index.js';
import { inside, installProgram, startVm, startWeb } from './box.js';

/** A start with or without a user namespace. */
async function startEither(rig: Rig, name: string): Promise<string> {
  return name === 'web' ? startWeb(rig) : startVm(rig);
}

const EITHER = ['web', 'vm'] as const;

describe('an id map', () => {
  const line = (start: number | string, target: number | string, count: number | string) =>
    `<uid start='${start}' target='${target}' count='${count}'/>`;
  const gid = "<gid start='0' target='500000' count='65536'/>";
  const nonsense: [string, string][] = [
    ['overlaps inside', line(0, 500000, 10) + line(5, 600000, 10) + gid],
    ['overlaps on the host', line(0, 500000, 10) + line(10, 500005, 10) + gid],
    ['lies within another', line(0, 500000, 100) + line(10, 500010, 1) + gid],
    ['stands there twice', line(0, 500000, 10) + line(0, 500000, 10) + gid],
    ['maps nothing', line(0, 500000, 0) + gid],
    ['misses root', line(1, 500000, 10) + gid],
    ['has no users', gid],
    ['has no groups', line(0, 500000, 10)],
    ['goes beyond the last id on the host', line(0, 4294967290, 10) + gid],
    ['goes beyond the last id inside', line(0, 500000, 1) + line(4294967290, 600000, 10) + gid],
    ['has the id that is none', line(0, 4294967295, 1) + gid],
    ['wraps at 2^32', line(0, 500000, 4294967295) + gid],
    ['has an id of 33 bits', line(0, 4294967296, 1) + gid],
    ['has an id of 65 bits', line(0, '18446744073709551616', 1) + gid],
    ['has a negative id', line(0, -1, 1) + gid],
    ['has a hexadecimal id', line(0, '0x7a120', 1) + gid],
    ['has a fraction', line(0, '500000.5', 1) + gid],
    ['has an empty id', line(0, '', 1) + gid],
    [
      'has more lines than the kernel takes',
      Array.from({ length: 341 }, (_, i) => line(i, 500000 + i, 1)).join('') + gid,
    ],
    ['has a word', line('root', 500000, 1) + gid],
  ];

  test('S40 that is nonsense is refused with its place', { timeout: slow(120_000) }, async ({ rig }) => {
    for (const [what, lines] of nonsense) {
      const file = rig.writeFile('map.xml', domainXml({ name: 'vm', rootfs: '/', idmap: `\n<idmap>${lines}</idmap>` }));
      const { status, stderr } = await rig.ctr(['validate', file]);
      expect({ what, status, stderr }).toEqual({
        what,
        status: 1,
        stderr: expect.stringMatching(/map\.xml:\d+:\d+: .*\n.*\n\s*\^/),
      });
    }
  });

  test('S41 with root of the host is never a default, and define says what it means', async ({ rig }) => {
    const idmap = "<idmap><uid start='0' target='0' count='1'/><gid start='0' target='0' count='1'/></idmap>";
    const file = rig.writeFile('vm.xml', domainXml({ name: 'vm', rootfs: rig.makeRoot(), idmap }));
    const { status, stdout, stderr } = await rig.ctr(['define', file]);
    expect({ status, said: stdout + stderr }).toEqual({
      status: 0,
      said: expect.stringMatching(/vm\.xml:\d+:\d+: warning: a start refuses this: the id map has id 0 of the host/),
    });
    expect(await rig.ctr(['start', 'vm'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/id map has id 0 of the host\nhint: .*ctr:host-root/),
    });
    await rig.bootstrap('web');
    expect(await rig.ctrOk('dumpxml', 'web')).not.toMatch(/target='0'/);
  });
});

describe('capabilities', () => {
  test('S44 unknown ones are refused, and the sets are exactly those of the table', async ({ rig }) => {
    for (const name of ['foo', 'CAP_MKNOD', 'cap_mknod', 'sys_admin2']) {
      const features = `<features><privnet/><capabilities policy='default'><${name} state='off'/></capabilities></features>`;
      const { status } = await rig.ctr([
        'validate',
        rig.writeFile('vm.xml', domainXml({ name: 'vm', rootfs: '/', features })),
      ]);
      expect({ name, status }).toEqual({ name, status: 1 });
    }
    const own = BigInt(`0x${/^CapBnd:\s+(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]}`);
    const dropped = ['sys_module', 'sys_time', 'mknod', 'audit_control', 'mac_admin'] as const;
    const mask = dropped.reduce((bits, name) => bits | (1n << BigInt(CAPABILITIES.indexOf(name))), 0n);
    await startWeb(rig);
    await startVm(rig);
    for (const name of EITHER) {
      const { text } = await inside(rig, name, 'grep -h CapBnd /proc/1/status /proc/self/status');
      // In a user namespace init has all of them to begin with.
      const all =
        name === 'web' ? (1n << BigInt(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8').trim())) * 2n - 1n : own;
      const expected = (all & ~mask).toString(16).padStart(16, '0');
      expect({ name, sets: text.match(/[0-9a-f]{16}/g) }).toEqual({ name, sets: [expected, expected] });
    }
  });
});

describe('system calls', () => {
  test.for(EITHER)('S46 that are refused, are so by every ABI of the CPU [%s]', async (name, { rig, skip }) => {
    installProgram(await startEither(rig, name), 'forbidden-calls', skip);
    const { status, text } = await inside(rig, name, '/forbidden-calls');
    expect(status).toBe(0);
    const results = text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '));
    expect(results.length).toBeGreaterThan(20);
    for (const [abi, call, errno] of results) {
      const expected = call === 'unknown' || abi === 'x32' ? '38' : call?.startsWith('socket-') ? '97' : '1';
      expect({ abi, call, errno }).toEqual({ abi, call, errno: expected });
    }
  });

  test.for(EITHER)('S58 leave the clock as it is [%s]', async (name, { rig }) => {
    await startEither(rig, name);
    // To what it is anyway.
    const { text } = await inside(rig, name, 'busybox date -s "@$(busybox date +%s)"');
    expect(text).toContain('not permitted');
    expect((await inside(rig, name, 'busybox hwclock -w')).status).not.toBe(0);
  });

  test.for(EITHER)('S55 tell nothing of the kernel’s log, and pull no emergency brake [%s]', async (name, { rig }) => {
    await startEither(rig, name);
    expect(await inside(rig, name, 'busybox dmesg')).toMatchObject({
      status: 1,
      text: expect.stringMatching(/permitted/),
    });
    expect((await inside(rig, name, 'ls /dev/kmsg')).status).not.toBe(0);
    // "h" only prints help to the log of a kernel that has it.
    expect((await inside(rig, name, 'echo h > /proc/sysrq-trigger')).status).not.toBe(0);
    expect((await inside(rig, name, 'cat /proc/kcore /proc/kmsg 2>/dev/null | head -c 1 | wc -c')).text.trim()).toBe(
      '0',
    );
  });

  test('S62 of a reboot end the container, not the host', async ({ rig }) => {
    await startWeb(rig);
    const { pid } = await rig.info('web');
    await rig.ctr(['enter', 'web', '--', 'reboot', '-f']);
    await expect.poll(async () => (await rig.info('web')).pid).not.toBe(pid);
    await expect.poll(async () => (await rig.info('web')).state).toBe('running');
    await rig.ctr(['enter', 'web', '--', 'poweroff', '-f']);
    await expect.poll(() => rig.info('web')).toMatchObject({ state: 'stopped', exit: { reason: 'poweroff' } });
  });
});

describe('devices', () => {
  test.for(EITHER)('S47 of the host can neither be made nor opened [%s]', async (name, { rig }) => {
    const root = await startEither(rig, name);
    mkdirSync(join(root, 'nodes'));
    const nodes: [string, string, number, number][] = [
      ['disk', 'b', 8, 0],
      ['loop', 'b', 7, 0],
      ['mem', 'c', 1, 1],
      ['kmsg', 'c', 1, 11],
      ['kvm', 'c', 10, 232],
      ['fuse', 'c', 10, 229],
      ['console', 'c', 5, 1],
    ];
    for (const [node, type, major, minor] of nodes) {
      await runProgram(['mknod', '-m', '666', join(root, 'nodes', node), type, String(major), String(minor)]);
      const made = await inside(rig, name, `mknod /tmp/${node} ${type} ${major} ${minor}`);
      expect({ node, ...made }).toMatchObject({ status: 1, text: expect.stringMatching(/permitted/) });
      for (const use of [`: < /nodes/${node}`, `: > /nodes/${node}`]) {
        const { status, text } = await inside(rig, name, use);
        expect({ use, status, text }).toEqual({
          use,
          status: expect.toSatisfy(Boolean),
          text: expect.stringMatching(/permitted|denied/),
        });
      }
    }
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });
});

describe('settings of the host', () => {
  test.for(EITHER)('S54 stay as they are [%s]', async (name, { rig }) => {
    await startEither(rig, name);
    const files = [
      '/proc/sys/kernel/core_pattern',
      '/proc/sys/kernel/modprobe',
      '/proc/sys/kernel/hotplug',
      '/proc/sys/kernel/panic',
      '/proc/sys/vm/drop_caches',
      '/proc/sys/fs/binfmt_misc/register',
      '/sys/kernel/uevent_helper',
      '/sys/kernel/mm/transparent_hugepage/enabled',
      '/sys/power/state',
    ].filter(existsSync);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      // What stands there already, so that a hole does no harm.
      const { status } = await inside(rig, name, `v=$(head -n 1 ${file}); echo "$v" > ${file}`);
      expect({ file, status }).not.toEqual({ file, status: 0 });
    }
  });

  test('S56 and its links are not in sight', async ({ rig }) => {
    await startWeb(rig);
    await startVm(rig);
    for (const name of EITHER) {
      expect({ name, text: (await inside(rig, name, 'ls /sys/class/net; ls /sys/devices/virtual/net')).text }).toEqual({
        name,
        text: 'lo\nlo\n',
      });
      expect((await inside(rig, name, 'grep -c : /proc/net/dev')).text).toBe('1\n');
    }
    const namespaces = await Promise.all(
      ['web', 'vm'].map((name) => rig.ctrOk('enter', name, '--', 'readlink', '/proc/self/ns/net')),
    );
    expect(new Set(namespaces).size).toBe(2);
  });
});

/** Native programs of this rig's commands, the monitors left out. */
function commandsOf(rig: Rig): number[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        if (!/(clone-helper|\/ctr)( \(deleted\))?$/.test(readlinkSync(`/proc/${pid}/exe`))) return false;
        return ['cmdline', 'environ'].some((file) =>
          readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(rig.scratch),
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe('the memory of the native programs', () => {
  test('S60 is in no core file when they crash', async ({ rig, skip }) => {
    const crash = (directory: string, script: string) =>
      runProgram(['bash', '-c', `ulimit -c unlimited; cd ${directory}; ${script}`], { env: rig.env });
    const coresIn = (directory: string) =>
      readdirSync(directory)
        .filter((name) => /^core(\.\d+)?$/.test(name))
        .map((name) => `${name} of ${statSync(join(directory, name)).mtimeMs}`);
    const before = coresIn('/');
    const control = join(rig.scratch, 'control');
    const empty = join(rig.scratch, 'empty');
    for (const directory of [control, empty]) mkdirSync(directory);
    await crash(control, 'kill -SEGV $BASHPID');
    if (coresIn(control).length === 0) skip('needs a host that writes core files into the working directory');
    const root = await startVm(rig, { init: 'echo ready > /ready; sleep 3600\n' });
    await rig.ctrOk('destroy', 'vm');
    expect((await crash(empty, `${ctrProgram} start vm`)).status).toBe(0);
    await expect.poll(() => existsSync(join(root, 'ready'))).toBe(true);
    const entering = crash(empty, `exec ${ctrProgram} enter vm -- sh -c 'touch /entered; sleep 60'`);
    await expect.poll(() => existsSync(join(root, 'entered'))).toBe(true);
    const commands = commandsOf(rig);
    expect(commands.length).toBeGreaterThan(0);
    for (const pid of commands) process.kill(pid, 'SIGSEGV');
    await entering;
    process.kill(Number((await rig.info('vm')).monitorPid), 'SIGSEGV');
    await expect.poll(async () => (await rig.info('vm')).state).toBe('crashed');
    expect([...coresIn(empty), ...coresIn('/')]).toEqual(before);
  });
});

import { readFileSync, readlinkSync } from 'node:fs';
import type { ContainerSpec } from '../../src/config/spec.js';
import { describe, expect, IDS, makeSpec, runProgram, startByHelper, startMadeSpec, test } from '../rig/index.js';

type Namespaces = NonNullable<ContainerSpec['namespaces']>;

function namespaceOf(pid: unknown, kind: string): string {
  return readlinkSync(`/proc/${pid}/ns/${kind}`);
}

/** Ends by itself when the test's process is gone. */
const SLEEP_FOR_EVER = 'while read -r x; do :; done < /dev/console\n';

describe('namespaces of another container', () => {
  test.for([
    ['without', undefined],
    ['with', IDS],
  ] as const)('are shared as they are, also by what enters [%s user namespace]', async ([, idmap], { rig }) => {
    const root = rig.makeRoot();
    const first = await startMadeSpec(rig, makeSpec(root, { name: 'first' }));
    const kinds = ['net', 'ipc', 'uts', 'pid'] as const;
    const namespaces = Object.fromEntries(
      kinds.map((kind) => [kind, { kind: 'container', name: 'first' }]),
    ) as Namespaces;
    const features = { privnet: false, capabilities: { policy: 'default' as const, states: [] } };
    const second = await startMadeSpec(
      rig,
      makeSpec(root, { name: 'second', namespaces, features, ...(idmap === undefined ? {} : { idmap }) }),
    );
    for (const kind of kinds) expect([kind, namespaceOf(second, kind)]).toEqual([kind, namespaceOf(first, kind)]);
    for (const kind of ['mnt', 'cgroup']) expect(namespaceOf(second, kind)).not.toBe(namespaceOf(first, kind));
    const links = kinds.map((kind) => `readlink /proc/self/ns/${kind}`).join('; ');
    const entered = await rig.ctrOk('enter', 'second', '--', 'sh', '-c', links);
    expect(entered.trimEnd().split('\n')).toEqual(kinds.map((kind) => namespaceOf(first, kind)));
    expect(await rig.ctrOk('enter', 'second', '--', 'cat', '/proc/1/comm')).toBe('init\n');
    // One ends, the other goes on.
    await rig.ctrOk('destroy', 'second');
    expect(await rig.info('first')).toMatchObject({ state: 'running' });
  });

  test('are looked for at the start: it must run', async ({ rig }) => {
    const namespaces: Namespaces = { ipc: { kind: 'container', name: 'other' } };
    expect(await startByHelper(rig, makeSpec(rig.makeRoot(), { namespaces }))).toMatchObject({
      ok: false,
      step: "share the ipc namespace of 'other'",
      message: 'that container does not run',
    });
  });

  test('end with it: the one that shares its pid namespace is gone, too', async ({ rig }) => {
    const root = rig.makeRoot();
    await startMadeSpec(rig, makeSpec(root, { name: 'first' }));
    await startMadeSpec(
      rig,
      makeSpec(root, { name: 'second', namespaces: { pid: { kind: 'container', name: 'first' } } }),
    );
    await rig.ctrOk('destroy', 'first');
    await rig.ctrOk('wait', 'second', '--timeout', '10').catch(() => undefined);
    expect(await rig.info('second')).toMatchObject({ state: 'crashed', exit: { signal: 9 } });
  });
});

describe('namespaces by pid and by path', () => {
  test('are those of that process, and of that file', async ({ rig }) => {
    const features = { privnet: false, capabilities: { policy: 'default' as const, states: [] } };
    const other = await startMadeSpec(rig, makeSpec(rig.makeRoot(), { name: 'other' }));
    const namespaces: Namespaces = {
      net: { kind: 'path', path: `/proc/${other}/ns/net` },
      uts: { kind: 'pid', pid: other },
    };
    const pid = await startMadeSpec(rig, makeSpec(rig.makeRoot(), { namespaces, features }));
    for (const kind of ['net', 'uts']) expect(namespaceOf(pid, kind)).toBe(namespaceOf(other, kind));
    expect(namespaceOf(pid, 'ipc')).not.toBe(namespaceOf(other, 'ipc'));
    // Its /sys shows the links of the namespace that it shares.
    expect(await rig.ctrOk('enter', 'vm', '--', 'ls', '/sys/class/net')).toBe('lo\n');
  });

  test.for([
    ['of another kind', '/proc/self/ns/uts'],
    ['that is none', '/etc/passwd'],
    ['that is a device', '/dev/zero'],
  ])('a file %s is refused', async ([, path = ''], { rig }) => {
    const namespaces: Namespaces = { ipc: { kind: 'path', path } };
    expect(await startByHelper(rig, makeSpec(rig.makeRoot(), { namespaces }))).toMatchObject({
      ok: false,
      message: 'it is no namespace of that kind',
    });
  });
});

describe('namespaces of the host', () => {
  test.for([
    ['without', undefined],
    ['with', IDS],
  ] as const)(
    'are left as they are, and all of the container is killed with it [%s user namespace]',
    async ([, idmap], { rig }) => {
      const kinds = ['pid', 'uts', 'ipc', 'net', 'cgroup'] as const;
      const namespaces = Object.fromEntries(kinds.map((kind) => [kind, { kind: 'host' }])) as Namespaces;
      const features = { privnet: false, capabilities: { policy: 'default' as const, states: [] } };
      const root = rig.makeRoot(`(setsid sleep 4321 &)\n${SLEEP_FOR_EVER}`);
      const pid = await startMadeSpec(
        rig,
        makeSpec(root, { namespaces, features, ...(idmap === undefined ? {} : { idmap }) }),
      );
      for (const kind of kinds) expect([kind, namespaceOf(pid, kind)]).toEqual([kind, namespaceOf('self', kind)]);
      const find = async () => (await runProgram(['pgrep', '-f', '^sleep 4321$'])).stdout.trim();
      await expect.poll(find).toMatch(/^\d+$/);
      await rig.ctrOk('destroy', 'vm');
      expect(await find()).toBe('');
    },
  );

  test('the pid namespace takes the right to reboot the host away', async ({ rig }) => {
    const pid = await startMadeSpec(rig, makeSpec(rig.makeRoot(), { namespaces: { pid: { kind: 'host' } } }));
    const bounding = BigInt(`0x${/^CapBnd:\t([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]}`);
    expect((bounding >> 22n) & 1n).toBe(0n);
  });
});

describe('a time namespace', () => {
  test.for([
    ['without', undefined],
    ['with', IDS],
  ] as const)(
    'has clocks that are ahead or behind, also for what enters [%s user namespace]',
    async ([, idmap], { rig }) => {
      const uptime = (text: string) => Number(text.split(' ')[0]);
      const process = { timeOffsets: { boottimeNs: '1000000000000000', monotonicNs: '500000000' } };
      const pid = await startMadeSpec(
        rig,
        makeSpec(rig.makeRoot(), { process, ...(idmap === undefined ? {} : { idmap }) }),
      );
      expect(namespaceOf(pid, 'time')).not.toBe(namespaceOf('self', 'time'));
      expect(readFileSync(`/proc/${pid}/timens_offsets`, 'utf8')).toMatch(
        /^monotonic\s+0\s+500000000\nboottime\s+1000000\s+0\n$/,
      );
      const inside = uptime(await rig.ctrOk('enter', 'vm', '--', 'cat', '/proc/uptime'));
      expect(inside - uptime(readFileSync('/proc/uptime', 'utf8'))).toBeGreaterThan(999_000);
      const { monitorPid } = await rig.info('vm');
      expect(namespaceOf(monitorPid, 'time')).toBe(namespaceOf('self', 'time'));
    },
  );

  test('an offset that would make a clock negative is the kernel’s error', async ({ rig }) => {
    const process = { timeOffsets: { boottimeNs: '-9000000000000000000' } };
    expect(await startByHelper(rig, makeSpec(rig.makeRoot(), { process }))).toMatchObject({
      ok: false,
      errnoName: 'ERANGE',
    });
  });
});

test('the host and domain name are those of the configuration', async ({ rig }) => {
  const pid = await startMadeSpec(rig, makeSpec(rig.makeRoot(), { hostname: 'web.example', domainname: 'lan' }));
  expect(await rig.ctrOk('enter', 'vm', '--', 'cat', '/proc/sys/kernel/hostname', '/proc/sys/kernel/domainname')).toBe(
    'web.example\nlan\n',
  );
  expect(namespaceOf(pid, 'uts')).not.toBe(namespaceOf('self', 'uts'));
});

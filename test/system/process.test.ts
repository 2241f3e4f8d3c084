import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec } from '../../src/config/spec.js';
import { describe, expect, IDS, makeSpec, type Rig, slow, startByHelper, startMadeSpec, test } from '../rig/index.js';

/** The container runs its root's /init; what it writes is there when this returns. */
async function runToEnd(rig: Rig, spec: ContainerSpec): Promise<void> {
  await startMadeSpec(rig, spec);
  await rig.ctr(['wait', spec.name, '--timeout', String(slow(20))]);
}

/** A root that ids of a user namespace may write to. */
function ownedRoot(rig: Rig, init?: string): string {
  const root = rig.makeRoot(init);
  for (const name of ['', 'tmp', 'run', 'etc']) chownSync(join(root, name), 500_000, 500_000);
  return root;
}

const both = [
  ['without', undefined],
  ['with', IDS],
] as const;

function withIds(idmap: typeof IDS | undefined): Partial<ContainerSpec> {
  return idmap === undefined ? {} : { idmap };
}

describe('init', () => {
  test('is the first of its paths that exists, and is called as the configuration says', async ({ rig }) => {
    const root = rig.makeRoot('echo "$0 $*" > /said\n');
    const init = {
      path: '/lib/systemd/systemd',
      fallbacks: ['/sbin/none', '/init', '/bin/false'],
      args: ['a', 'b c'],
      env: [],
    };
    await runToEnd(rig, makeSpec(root, { init }));
    // A script is told its own path by the kernel, whatever argv[0] was.
    expect(readFileSync(join(root, 'said'), 'utf8')).toBe('/init a b c\n');
  });

  test('has the argv[0] that it is given', async ({ rig }) => {
    const root = rig.makeRoot();
    const init = { path: '/bin/busybox', argv0: 'touch', args: ['/touched'], env: [] };
    await runToEnd(rig, makeSpec(root, { init }));
    expect(existsSync(join(root, 'touched'))).toBe(true);
  });

  test('that exists and cannot be run is an error, fallbacks or not', async ({ rig }) => {
    const root = rig.makeRoot();
    chmodSync(join(root, 'init'), 0o644);
    const init = { path: '/init', fallbacks: ['/bin/true'], args: [], env: [] };
    expect(await startByHelper(rig, makeSpec(root, { init }))).toMatchObject({
      ok: false,
      call: 'execve',
      errnoName: 'EACCES',
    });
  });

  test('that does not exist is named, not its fallbacks', async ({ rig }) => {
    const init = { path: '/none', fallbacks: ['/neither'], args: [], env: [] };
    expect(await startByHelper(rig, makeSpec(rig.makeRoot(), { init }))).toMatchObject({
      ok: false,
      step: "run the init '/none'",
      errnoName: 'ENOENT',
    });
  });

  test.for(both)('has the groups it is given, and no others [%s user namespace]', async ([, idmap], { rig }) => {
    const root = ownedRoot(rig, 'id -G > /tmp/groups; id -u >> /tmp/groups\n');
    chmodSync(join(root, 'tmp'), 0o777);
    const init = { path: '/init', args: [], env: [], user: '1000', group: '1000', supplementaryGids: [7, 1234] };
    await runToEnd(rig, makeSpec(root, { init, ...withIds(idmap) }));
    expect(readFileSync(join(root, 'tmp/groups'), 'utf8')).toBe('1000 7 1234\n1000\n');
  });

  test('of nspawn has HOME, USER and LOGNAME of its user', async ({ rig }) => {
    const root = rig.makeRoot('env > /tmp/env\n');
    chmodSync(join(root, 'tmp'), 0o777);
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nann:x:1000:100:ann:/home/ann:/bin/sh\n');
    const init = { path: '/init', args: [], env: [{ name: 'LOGNAME', value: 'other' }], user: 'ann' };
    await runToEnd(rig, makeSpec(root, { format: 'nspawn', init }));
    const env = readFileSync(join(root, 'tmp/env'), 'utf8').split('\n');
    expect(env).toEqual(
      expect.arrayContaining(['HOME=/home/ann', 'USER=ann', 'LOGNAME=other', 'container=systemd-nspawn']),
    );
  });

  test('without a terminal has pipes, which the log keeps', async ({ rig }) => {
    const root = rig.makeRoot('test -t 1 || echo no terminal; echo again > /dev/stdout; read -r x || echo no input\n');
    await runToEnd(rig, makeSpec(root, { process: { terminal: false } }));
    const log = readFileSync(join(rig.stateDir, 'containers/vm/console0.log'), 'utf8');
    expect(log).toBe('no terminal\nagain\nno input\n');
  });
});

describe('limits and priorities', () => {
  const limited: Partial<ContainerSpec> = {
    process: {
      rlimits: [
        { name: 'nofile', soft: 100, hard: 200 },
        { name: 'core', soft: 0, hard: 'infinity' },
      ],
      oomScoreAdj: 321,
      nice: 5,
      umask: 0o27,
      cpuAffinity: '0',
      procFiles: [{ file: 'timerslack_ns', value: '77777' }],
    },
  };
  const show =
    'ulimit -n; ulimit -Hn; ulimit -c; umask; cat /proc/self/oom_score_adj /proc/$$/timerslack_ns; grep Cpus_allowed_list /proc/self/status; cut -d" " -f19 /proc/$$/stat';
  const expected = '100\n200\n0\n0027\n321\n77777\nCpus_allowed_list:\t0\n5\n';

  test.for(both)('are those of init, and of what enters [%s user namespace]', async ([, idmap], { rig }) => {
    const root = ownedRoot(rig, `exec > /tmp/shown; ${show}; touch /tmp/ready; while :; do sleep 1; done\n`);
    await startMadeSpec(rig, makeSpec(root, { ...limited, ...withIds(idmap) }));
    await expect.poll(() => existsSync(join(root, 'tmp/ready'))).toBe(true);
    expect(readFileSync(join(root, 'tmp/shown'), 'utf8')).toBe(expected);
    expect(await rig.ctrOk('enter', 'vm', '--', 'sh', '-c', show)).toBe(expected);
  });

  test('that the host refuses are named, with what is there and what was wanted', async ({ rig }) => {
    const most = Number(readFileSync('/proc/sys/fs/nr_open', 'utf8'));
    const process = { rlimits: [{ name: 'nofile', soft: 10, hard: most + 1 }] };
    const answer = await startByHelper(rig, makeSpec(rig.makeRoot(), { process }));
    expect(answer).toMatchObject({ ok: false, call: 'prlimit', errnoName: 'EPERM' });
    expect(answer.step).toMatch(new RegExp(`^set the limit 'nofile' from \\d+:\\d+ to 10:${most + 1}$`));
  });

  test('sync calls that are suppressed succeed and do nothing', async ({ rig }) => {
    // The null device cannot be synced: whoever gets to the kernel is told so.
    const init = 'dd if=/dev/zero of=/dev/null bs=1 count=1 conv=fsync 2> /dev/null; echo $? > /said\n';
    const said = async (suppressSync: boolean) => {
      const root = rig.makeRoot(init);
      await runToEnd(rig, makeSpec(root, { name: `vm${Number(suppressSync)}`, process: { suppressSync } }));
      return readFileSync(join(root, 'said'), 'utf8');
    };
    expect(await said(false)).not.toBe('0\n');
    expect(await said(true)).toBe('0\n');
  });
});

describe('kernel parameters', () => {
  const spec = (root: string, changes: Partial<ContainerSpec> = {}) =>
    makeSpec(root, {
      process: {
        sysctls: [
          { name: 'net.ipv4.ip_forward', value: '1' },
          { name: 'kernel.shmmni', value: '123' },
          { name: 'fs.mqueue.msg_max', value: '11' },
          { name: 'kernel.domainname', value: 'lan' },
        ],
      },
      ...changes,
    });

  test.for(both)('are set in the container alone [%s user namespace]', async ([, idmap], { rig }) => {
    const files = ['net/ipv4/ip_forward', 'kernel/shmmni', 'fs/mqueue/msg_max', 'kernel/domainname'];
    const read = (file: string) => readFileSync(`/proc/sys/${file}`, 'utf8');
    const before = files.map(read);
    await startMadeSpec(rig, spec(ownedRoot(rig), withIds(idmap)));
    const inside = await rig.ctrOk('enter', 'vm', '--', 'cat', ...files.map((file) => `/proc/sys/${file}`));
    expect(inside).toBe('1\n123\n11\nlan\n');
    expect(files.map(read)).toEqual(before);
  });

  test('reach no file of the container in place of the kernel’s', async ({ rig }) => {
    const root = rig.makeRoot();
    mkdirSync(join(root, 'proc/sys/net/ipv4'), { recursive: true });
    writeFileSync(join(root, 'proc/sys/net/ipv4/ip_forward'), 'untouched\n');
    await startMadeSpec(rig, spec(root));
    expect(readFileSync(join(root, 'proc/sys/net/ipv4/ip_forward'), 'utf8')).toBe('untouched\n');
  });

  test('that the kernel does not have are an error', async ({ rig }) => {
    const process = { sysctls: [{ name: 'net.core.no_such_thing', value: '1' }] };
    expect(await startByHelper(rig, makeSpec(rig.makeRoot(), { process }))).toMatchObject({
      ok: false,
      step: "set the kernel parameter 'net/core/no_such_thing' to '1'",
      errnoName: 'ENOENT',
    });
  });
});

describe('capabilities', () => {
  const CHOWN = 1n << 0n;
  const BIND = 1n << 10n;
  const hex = (mask: bigint) => mask.toString(16).padStart(16, '0');
  const sets = (status: string) =>
    Object.fromEntries([...status.matchAll(/^Cap(\w+):\t([0-9a-f]+)$/gm)].map(([, set, bits]) => [set, bits]));

  test.for(both)(
    'ambient ones stay with a user that is not root, and with nobody else who enters [%s user namespace]',
    async ([, idmap], { rig }) => {
      const features: ContainerSpec['features'] = {
        privnet: true,
        capabilities: { policy: 'default', states: [], ambient: ['net_bind_service'] },
      };
      const init = { path: '/init', args: [], env: [], user: '1000', group: '1000' };
      await startMadeSpec(rig, makeSpec(ownedRoot(rig), { features, init, ...withIds(idmap) }));
      const status = async (...user: string[]) =>
        sets(await rig.ctrOk('enter', ...user, 'vm', '--', 'cat', '/proc/self/status'));
      const { pid } = await rig.info('vm');
      const of = { Eff: hex(BIND), Prm: hex(BIND), Inh: hex(BIND), Amb: hex(BIND) };
      await expect.poll(() => sets(readFileSync(`/proc/${pid}/status`, 'utf8'))).toMatchObject(of);
      expect(await status('-u', '1000:1000')).toMatchObject(of);
      expect(await status('-u', '1001:1001')).toMatchObject({ Eff: hex(0n), Prm: hex(0n), Inh: hex(0n), Amb: hex(0n) });
      expect(await status()).toMatchObject({ Inh: hex(0n), Amb: hex(0n) });
    },
  );

  test('are exactly those of the bounding set, with no_new_privs where it is asked for', async ({ rig }) => {
    const root = rig.makeRoot('grep -E "Cap|NoNew" /proc/self/status > /said\n');
    const names = ['chown', 'net_bind_service'];
    const states = names.map((name) => ({ name, state: 'on' as const }));
    const capabilities = {
      policy: 'deny' as const,
      states,
      effective: ['chown'],
      permitted: names,
      inheritable: [],
      ambient: [],
    };
    const security = { seccomp: 'os' as const, masks: true, nesting: false, noNewPrivs: true };
    await runToEnd(rig, makeSpec(root, { features: { privnet: true, capabilities }, security }));
    const said = readFileSync(join(root, 'said'), 'utf8');
    expect(sets(said)).toEqual({
      Inh: hex(0n),
      Prm: hex(CHOWN | BIND),
      Eff: hex(CHOWN | BIND),
      Bnd: hex(CHOWN | BIND),
      Amb: hex(0n),
    });
    expect(said).toMatch(/^NoNewPrivs:\t1$/m);
  });
});

describe('masks of the configuration', () => {
  test('come besides ctr’s, or instead of them', async ({ rig }) => {
    const root = rig.makeRoot();
    writeFileSync(join(root, 'etc/secret'), 'secret\n');
    const security = {
      seccomp: 'os' as const,
      masks: false,
      nesting: false,
      maskedPaths: ['/etc/secret', '/none'],
      readonlyPaths: ['/etc'],
    };
    await startMadeSpec(rig, makeSpec(root, { security }));
    expect((await rig.ctr(['enter', 'vm', '--', 'touch', '/etc/x'])).status).not.toBe(0);
    expect(
      await rig.ctrOk('enter', 'vm', '--', 'sh', '-c', 'cat /etc/secret; head -c 1 /proc/interrupts | wc -c'),
    ).toBe('1\n');
  });
});

import { chownSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec } from '../../src/config/spec.js';
import {
  compileProgram,
  defineSpec,
  describe,
  expect,
  IDS,
  lacksStaticCompiler,
  makeSpec,
  projectRoot,
  type Rig,
  slow,
  startByHelper,
  startMadeSpec,
  test,
} from '../rig/index.js';

type Lifecycle = ContainerSpec['lifecycle'];

const DESTROY: Lifecycle = { onPoweroff: 'destroy', onReboot: 'destroy', onCrash: 'destroy' };

/** Notes each start in /starts. The first one ends as the test says, a later one goes on. */
function onceInit(end: string): string {
  return `echo x >> /starts\ntest -e /once && while :; do sleep 1; done\ntouch /once\n${end}\n`;
}

function starts(root: string): number {
  return existsSync(join(root, 'starts')) ? statSync(join(root, 'starts')).size / 2 : 0;
}

async function start(rig: Rig, root: string, lifecycle: Partial<Lifecycle>): Promise<void> {
  await startMadeSpec(rig, makeSpec(root, { lifecycle: { ...DESTROY, ...lifecycle } }));
}

describe('an init that ends', () => {
  test.for([
    ['exits with 0', 'exit 0', 'onPoweroff'],
    ['powers off', 'poweroff -f', 'onPoweroff'],
    ['reboots', 'reboot -f', 'onReboot'],
    ['exits with a status', 'exit 3', 'onCrash'],
  ] as const)(
    'and %s is started again where its policy says so, and by that alone',
    async ([, end, policy], { rig }) => {
      const root = rig.makeRoot(onceInit(end));
      await start(rig, root, { [policy]: 'restart' });
      await expect.poll(() => starts(root), { timeout: slow(5000) }).toBe(2);
      await expect.poll(() => rig.info('vm')).toMatchObject({ state: 'running' });
      await rig.ctrOk('stop', 'vm', '--force');
      const other = rig.makeRoot(onceInit(end));
      const policies = Object.fromEntries(
        Object.keys(DESTROY).map((key) => [key, key === policy ? 'destroy' : 'restart']),
      );
      await startMadeSpec(rig, makeSpec(other, { name: 'other', lifecycle: policies as unknown as Lifecycle }));
      await rig.ctr(['wait', 'other', '--timeout', '10']);
      expect(starts(other)).toBe(1);
    },
  );

  test.for(['restart', 'rename-restart', 'coredump-restart'] as const)(
    'and is killed is started again with on_crash %s',
    async (onCrash, { rig }) => {
      const root = rig.makeRoot('echo x >> /starts\nwhile :; do sleep 1; done\n');
      await start(rig, root, { onCrash });
      await expect.poll(() => starts(root)).toBe(1);
      const { pid } = await rig.info('vm');
      process.kill(Number(pid), 'SIGKILL');
      await expect.poll(() => starts(root), { timeout: slow(5000) }).toBe(2);
    },
  );

  test('at once, each time, is given up after five restarts, a second apart', { timeout: slow(60_000) }, async ({
    rig,
  }) => {
    const root = rig.makeRoot('echo x >> /starts\nexit 9\n');
    const before = performance.now();
    await start(rig, root, { onCrash: 'restart' });
    const { status, stdout } = await rig.ctr(['wait', 'vm', '--timeout', '40']);
    expect(performance.now() - before).toBeGreaterThan(5000);
    expect(starts(root)).toBe(6);
    expect({ status, stdout }).toMatchObject({ status: 9 });
    expect(await rig.info('vm')).toMatchObject({ state: 'crashed', reason: 'exit status 9, after 5 restarts' });
  });

  test('while it waits for its restart obeys a stop', async ({ rig }) => {
    const root = rig.makeRoot('echo x >> /starts\nexit 9\n');
    await start(rig, root, { onCrash: 'restart' });
    await expect.poll(() => starts(root)).toBeGreaterThan(0);
    await rig.ctrOk('destroy', 'vm');
    const count = starts(root);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(starts(root)).toBe(count);
    expect((await rig.info('vm')).state).not.toBe('running');
  });
});

describe('preserve', () => {
  test('keeps what is left until it is destroyed', async ({ rig }) => {
    const root = rig.makeRoot('exit 4\n');
    await start(rig, root, { onCrash: 'preserve' });
    await expect.poll(async () => (await rig.info('vm')).reason).toBe('exit status 4, preserved');
    expect(await rig.info('vm')).toMatchObject({ state: 'crashed', exit: { status: 4 } });
    expect((await rig.ctr(['wait', 'vm', '--timeout', '5'])).status).toBe(4);
    const again = await rig.ctr(['start', 'vm']);
    expect(again.stderr).toContain("cannot start 'vm': it has ended, and is preserved");
    expect(again.stderr).toContain('ctr destroy vm');
    await rig.ctrOk('destroy', 'vm');
    expect(await rig.info('vm')).toMatchObject({ state: 'crashed', reason: 'exit status 4' });
    expect((await rig.ctr(['start', 'vm'])).status).toBe(0);
  });
});

describe('signals of the configuration', () => {
  test('destroy sends its own first', async ({ rig }) => {
    const root = rig.makeRoot("trap 'touch /usr2; exit 0' USR2\ntouch /ready\nwhile :; do sleep 1000 & wait; done\n");
    await start(rig, root, { killSignal: 'USR2' });
    await expect.poll(() => existsSync(join(root, 'ready'))).toBe(true);
    await rig.ctrOk('destroy', 'vm');
    expect(existsSync(join(root, 'usr2'))).toBe(true);
  });
});

describe('READY=1', () => {
  test.for([
    ['without', undefined],
    ['with', IDS],
  ] as const)('is what a start waits for [%s user namespace]', async ([, idmap], { rig, skip }) => {
    const lack = lacksStaticCompiler();
    if (lack !== undefined) skip(lack);
    const root = rig.makeRoot('test "$NOTIFY_SOCKET" = /run/host/notify || exit 1\nsleep 0.5\nexec /bin/notify\n');
    chownSync(join(root, 'run'), 500_000, 500_000);
    compileProgram(join(projectRoot, 'test/system/programs/notify.c'), join(root, 'bin/notify'));
    const before = performance.now();
    await startMadeSpec(
      rig,
      makeSpec(root, { lifecycle: { ...DESTROY, notifyReady: true }, ...(idmap === undefined ? {} : { idmap }) }),
    );
    expect(performance.now() - before).toBeGreaterThan(500);
    expect(await rig.info('vm')).toMatchObject({ state: 'running' });
  });

  test('that never comes, because init ends, fails the start', async ({ rig }) => {
    const root = rig.makeRoot('sleep 0.2\nexit 5\n');
    await defineSpec(rig, makeSpec(root, { lifecycle: { ...DESTROY, notifyReady: true } }));
    const { status, stderr } = await rig.ctr(['start', 'vm']);
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('it ended before it said READY=1'),
    });
  });

  test('of another process than init is none', async ({ rig, skip }) => {
    const lack = lacksStaticCompiler();
    if (lack !== undefined) skip(lack);
    const root = rig.makeRoot('/bin/notify once\nsleep 0.3\nexit 5\n');
    compileProgram(join(projectRoot, 'test/system/programs/notify.c'), join(root, 'bin/notify'));
    await defineSpec(rig, makeSpec(root, { lifecycle: { ...DESTROY, notifyReady: true } }));
    expect((await rig.ctr(['start', 'vm'])).stderr).toContain('it ended before it said READY=1');
  });
});

describe('cgroups', () => {
  test('files of the configuration come after the limits', async ({ rig }) => {
    const isV1 = existsSync('/sys/fs/cgroup/memory');
    const [version, file] = isV1 ? ([1, 'memory.limit_in_bytes'] as const) : ([2, 'memory.max'] as const);
    const value = '33554432';
    await startMadeSpec(rig, makeSpec(rig.makeRoot(), { cgroupFiles: [{ version, file, value }] }));
    const path = `/sys/fs/cgroup/${isV1 ? 'memory/' : ''}${file}`;
    expect(await rig.ctrOk('enter', 'vm', '--', 'cat', path)).toBe(`${value}\n`);
  });

  test('a disk is limited by its numbers, and what is none is named', async ({ rig }) => {
    const device = { path: '/dev/null', readBytesSec: 1_000_000 };
    const answer = await startByHelper(rig, makeSpec(rig.makeRoot(), { blkio: { devices: [device] } }));
    expect(answer).toMatchObject({
      ok: false,
      step: "limit the access to '/dev/null'",
      message: 'it is no block device',
    });
  });

  test('memory comes from the nodes of the configuration', async ({ rig }) => {
    await startMadeSpec(
      rig,
      makeSpec(rig.makeRoot(), { numa: { mode: 'strict', nodeset: '0' }, cpu: { count: 1, cpuset: '0' } }),
    );
    const { pid } = await rig.info('vm');
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Mems_allowed_list:\t0$/m);
  });
});

test('labels of a module that this kernel lacks are an error', async ({ rig, skip }) => {
  if (existsSync('/proc/self/attr/apparmor')) skip('this kernel has AppArmor');
  const labels = [{ model: 'apparmor', type: 'static', label: 'x' }] as const;
  const spec = makeSpec(rig.makeRoot(), { security: { seccomp: 'os', masks: true, nesting: false, labels } });
  await expect(startByHelper(rig, spec)).rejects.toThrow(
    "cannot start 'vm': it asks for a label of AppArmor: this kernel has no AppArmor",
  );
});

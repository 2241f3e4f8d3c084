import { chownSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec } from '../../src/config/spec.js';
import { describe, expect, IDS, makeSpec, type Rig, slow, startMadeSpec, test } from '../rig/index.js';

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

describe('the small init', () => {
  const spec = (root: string, changes: Partial<ContainerSpec> = {}) =>
    makeSpec(root, { init: { path: '/init', args: [], env: [], reaper: true }, ...changes });

  test.for(both)(
    'is PID 1, the program PID 2, and it ends with its status [%s user namespace]',
    async ([, idmap], { rig }) => {
      // Linux before 6.14 names a program that is run by its descriptor after that, until it says otherwise.
      const named = 'until grep ctr-init /proc/1/comm >> /tmp/pid; do usleep 10000; done';
      const root = ownedRoot(rig, `echo $$ > /tmp/pid; ${named}; exit 7\n`);
      await runToEnd(rig, spec(root, withIds(idmap)));
      expect(readFileSync(join(root, 'tmp/pid'), 'utf8')).toBe('2\nctr-init\n');
      expect(await rig.info('vm')).toMatchObject({ exit: { status: 7, reason: 'exited' } });
    },
  );

  test('reaps what is left to it', async ({ rig }) => {
    const orphan = 'sh -c "echo \\$\\$ > /tmp/orphan.new; mv /tmp/orphan.new /tmp/orphan; exec sleep 0.3"';
    const root = rig.makeRoot(`(${orphan} &)\nwhile :; do sleep 1; done\n`);
    await startMadeSpec(rig, spec(root));
    await expect.poll(() => existsSync(join(root, 'tmp/orphan'))).toBe(true);
    const pid = readFileSync(join(root, 'tmp/orphan'), 'utf8').trim();
    // A zombie would stay there.
    const isThere = async () => (await rig.ctr(['enter', 'vm', '--', 'test', '-d', `/proc/${pid}`])).status === 0;
    await expect.poll(isThere, { timeout: slow(5000) }).toBe(false);
  });

  test('hands a stop on to the program, which needs no handler for it', async ({ rig }) => {
    await startMadeSpec(rig, spec(rig.makeRoot('exec sleep 1000\n')));
    await rig.ctrOk('stop', 'vm', '--timeout', '30');
    expect(await rig.info('vm')).toMatchObject({ state: 'stopped', exit: { status: 143, reason: 'stopped' } });
  });

  test('holds nothing of the host: no descriptor, no capability but to send signals, no file that can be written', async ({
    rig,
  }) => {
    await startMadeSpec(rig, spec(rig.makeRoot()));
    const { pid } = await rig.info('vm');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    expect(status).toMatch(/^CapEff:\t0000000000000020$/m);
    expect(status).toMatch(/^CapBnd:\t0000000000000020$/m);
    expect(status).toMatch(/^Seccomp:\t2$/m);
    const fds = await rig.ctrOk(
      'enter',
      'vm',
      '--',
      'sh',
      '-c',
      'ls -l /proc/1/fd | grep -o "[0-9]* -> .*"; readlink /proc/1/exe',
    );
    expect(fds).toBe('0 -> /dev/null\n1 -> /dev/null\n2 -> /dev/null\n/memfd:ctr-init (deleted)\n');
    const { status: written } = await rig.ctr(['enter', 'vm', '--', 'sh', '-c', 'echo x >> /proc/1/exe']);
    expect(written).not.toBe(0);
  });
});

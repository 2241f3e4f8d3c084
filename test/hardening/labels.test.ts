import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecurityLabelSpec } from '../../src/config/spec-security.js';
import { describe, expect, lacksProgram, type Rig, test } from '../rig/index.js';
import { SHIFTED_IDS, startSpec } from '../rig/spec.js';

/** Where the kernel has AppArmor or SELinux: what a definition asks for holds for init, its children, hooks and whoever enters. */

const PROFILE = `ctr-test-${process.pid}`;

/** Everything but one file. */
const PROFILE_TEXT = `profile ${PROFILE} flags=(attach_disconnected,mediate_deleted) {
  file, capability, network, mount, umount, signal, ptrace, unix, dbus,
  deny /etc/denied r,
}
`;

const SECURITY = { seccomp: 'os', masks: true, nesting: false } as const;

async function start(rig: Rig, labels: readonly SecurityLabelSpec[], isMapped: boolean): Promise<string> {
  const rootfs = rig.makeRoot();
  writeFileSync(join(rootfs, 'etc/denied'), 'secret\n', { mode: 0o644 });
  writeFileSync(join(rootfs, 'etc/allowed'), 'word\n', { mode: 0o644 });
  const script = 'read label < /proc/self/attr/current; echo "$label" > /hook-label';
  const hooks = [{ when: 'start', path: '/bin/sh', args: ['-c', script], env: [], convention: 'lxc1' }] as const;
  await startSpec(rig, {
    rootfs,
    security: { ...SECURITY, labels },
    hooks,
    ...(isMapped ? { idmap: SHIFTED_IDS } : {}),
  });
  return rootfs;
}

const inside = async (rig: Rig, script: string) => (await rig.ctr(['enter', 'box', '--', 'sh', '-c', script])).stdout;

function labelOf(pid: unknown): string {
  return readFileSync(`/proc/${pid}/attr/current`, 'utf8').replace(/[\0\n]+$/, '');
}

describe('AppArmor', () => {
  const withProfile = test.extend<{ profile: string }>({
    profile: async ({ rig, skip }, use) => {
      if (!existsSync('/proc/self/attr/apparmor')) skip('needs AppArmor in the kernel');
      const lack = lacksProgram('apparmor_parser');
      if (lack !== undefined) skip(lack);
      const file = join(rig.scratch, 'profile');
      writeFileSync(file, PROFILE_TEXT);
      const parse = (option: string) =>
        spawnSync('sh', ['-c', 'apparmor_parser "$0" -K "$1"', option, file], { encoding: 'utf8' });
      const loaded = parse('-r');
      expect(loaded).toMatchObject({ status: 0 });
      await use(PROFILE);
      await rig.ctr(['destroy', 'box']);
      parse('-R');
    },
  });

  withProfile.for([false, true])(
    'a profile holds for init, hooks and what enters (own ids: %s)',
    async (isMapped, { rig, profile }) => {
      const rootfs = await start(rig, [{ model: 'apparmor', type: 'static', label: profile }], isMapped);
      const enforced = `${profile} (enforce)`;
      expect(labelOf((await rig.info('box')).pid)).toBe(enforced);
      expect((await inside(rig, 'cat /proc/self/attr/current')).trim()).toBe(enforced);
      expect(await inside(rig, 'cat /etc/allowed; cat /etc/denied 2>/dev/null')).toBe('word\n');
      expect(readFileSync(join(rootfs, 'hook-label'), 'utf8').trim()).toBe(enforced);
    },
  );

  withProfile('a profile that is not loaded is an error', async ({ rig, profile }) => {
    await expect(
      start(rig, [{ model: 'apparmor', type: 'static', label: `${profile}-missing` }], false),
    ).rejects.toThrow(/take the label '.*-missing' of apparmor/);
  });
});

describe('SELinux', () => {
  test.for([false, true])('a context holds for init and what enters (own ids: %s)', async (isMapped, { rig, skip }) => {
    if (!existsSync('/sys/fs/selinux/enforce')) skip('needs SELinux in the kernel');
    const label = 'system_u:system_r:container_t:s0';
    await start(rig, [{ model: 'selinux', type: 'static', label }], isMapped);
    expect(labelOf((await rig.info('box')).pid)).toBe(label);
    expect((await inside(rig, 'cat /proc/self/attr/current')).replace(/\0/g, '').trim()).toBe(label);
  });

  test('a context that the policy does not know is an error', async ({ rig, skip }) => {
    if (!existsSync('/sys/fs/selinux/enforce')) skip('needs SELinux in the kernel');
    await expect(start(rig, [{ model: 'selinux', type: 'static', label: 'no:such:thing:s0' }], false)).rejects.toThrow(
      /take the label 'no:such:thing:s0' of selinux/,
    );
  });
});

import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec, HostFilesSpec } from '../../src/config/spec.js';
import { describe, expect, type Rig, SHIFTED_IDS, startSpec, test } from '../rig/index.js';

const IDS = [
  ['in the ids of the host', {}],
  ['in a user namespace', { idmap: SHIFTED_IDS }],
] as const satisfies readonly (readonly [string, Partial<ContainerSpec>])[];

async function inside(rig: Rig, line: string): Promise<string> {
  const { stdout, stderr } = await rig.ctr(['enter', 'box', '--', 'sh', '-c', line]);
  return stdout + stderr;
}

const HOST_RESOLV_CONF = existsSync('/etc/resolv.conf') ? readFileSync('/etc/resolv.conf', 'utf8') : undefined;

/** What a container has as `path` after its start. */
async function carry(rig: Rig, rootfs: string, hostFiles: HostFilesSpec, parts: Partial<ContainerSpec> = {}) {
  await startSpec(rig, { rootfs, hostFiles, ...parts });
}

describe.each(IDS)('%s', (_, ids) => {
  test('the resolver of the host is copied, owned by root inside, once and for good', async ({ rig, skip }) => {
    if (HOST_RESOLV_CONF === undefined) skip('needs /etc/resolv.conf on the host');
    const rootfs = rig.makeRoot();
    await carry(rig, rootfs, { resolvConf: 'copy-host' }, ids);
    expect(await inside(rig, 'cat /etc/resolv.conf')).toBe(HOST_RESOLV_CONF);
    expect(await inside(rig, 'stat -c "%F %u:%g %a" /etc/resolv.conf; ls -A /etc')).toBe(
      'regular file 0:0 644\ngroup\npasswd\nresolv.conf\n',
    );
    expect(lstatSync(join(rootfs, 'etc/resolv.conf')).isFile()).toBe(true);
  });

  test('a bound one cannot be written, and a link in its place is not followed but replaced', async ({ rig, skip }) => {
    if (HOST_RESOLV_CONF === undefined) skip('needs /etc/resolv.conf on the host');
    const rootfs = rig.makeRoot();
    symlinkSync('../run/resolv.conf', join(rootfs, 'etc/resolv.conf'));
    await carry(rig, rootfs, { resolvConf: 'copy-host' }, ids);
    // A link means that somebody inside writes what it leads to.
    expect(readlinkSync(join(rootfs, 'etc/resolv.conf'))).toBe('../run/resolv.conf');
    expect(existsSync(join(rootfs, 'run/resolv.conf'))).toBe(false);
    await rig.ctrOk('destroy', 'box');
    await rig.ctrOk('undefine', 'box');
    await carry(rig, rootfs, { resolvConf: 'replace-host' }, ids);
    expect(await inside(rig, 'cat /etc/resolv.conf')).toBe(HOST_RESOLV_CONF);
    await rig.ctrOk('destroy', 'box');
    await rig.ctrOk('undefine', 'box');
    await carry(rig, rootfs, { resolvConf: 'bind-host' }, ids);
    expect(await inside(rig, 'cat /etc/resolv.conf')).toBe(HOST_RESOLV_CONF);
    expect(await inside(rig, 'echo x > /etc/resolv.conf')).toMatch(/Read-only|Permission/);
  });

  test('what is to be deleted is gone, and no start fails for what the host has not', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    writeFileSync(join(rootfs, 'etc/resolv.conf'), 'mine\n');
    await carry(rig, rootfs, { resolvConf: 'delete', timezone: 'delete' }, ids);
    expect(await inside(rig, 'ls /etc')).toBe('group\npasswd\n');
    await rig.ctrOk('destroy', 'box');
    await rig.ctrOk('undefine', 'box');
    writeFileSync(join(rootfs, 'etc/resolv.conf'), 'mine\n');
    if (!existsSync('/usr/lib/systemd/resolv.conf')) {
      await carry(rig, rootfs, { resolvConf: 'copy-static' }, ids);
      expect(await inside(rig, 'cat /etc/resolv.conf')).toBe('mine\n');
    }
  });

  test('the time zone of the host is a link where the root has the zone, else the file itself', async ({
    rig,
    skip,
  }) => {
    const zone = attemptReadlink('/etc/localtime');
    if (zone === undefined) return skip('needs a link /etc/localtime on the host');
    const rootfs = rig.makeRoot();
    await carry(rig, rootfs, { timezone: 'auto' }, ids);
    const sum = createHash('md5').update(readFileSync('/etc/localtime')).digest('hex');
    expect(await inside(rig, 'md5sum < /etc/localtime')).toBe(`${sum}  -\n`);
    await rig.ctrOk('destroy', 'box');
    await rig.ctrOk('undefine', 'box');
    const file = join(rootfs, zone.startsWith('/') ? zone : join('etc', zone));
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, 'the zone of the root\n');
    rmSync(join(rootfs, 'etc/localtime'));
    await carry(rig, rootfs, { timezone: 'auto' }, ids);
    expect(await inside(rig, 'readlink /etc/localtime; cat /etc/localtime')).toBe(`${zone}\nthe zone of the root\n`);
  });
});

function attemptReadlink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

describe('the journal', () => {
  test('of the container is a directory of the host, when the host keeps one', async ({ rig, skip }) => {
    if (!existsSync('/var/log/journal')) skip('needs /var/log/journal on the host');
    await carry(rig, rig.makeRoot(), { linkJournal: 'auto' });
    expect(await inside(rig, 'cat /proc/1/mountinfo')).not.toContain('/var/log/journal');
  });
});

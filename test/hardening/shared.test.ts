/** What the host and a container both have: directories, and the files that root inside leaves in them. */
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect, lacksProgram, runProgram, test } from '../rig/index.js';
import { asUser, inside, installProgram, startWeb } from './box.js';

const volume = (source: string, target: string) =>
  `<filesystem type='mount'><source dir='${source}'/><target dir='${target}'/></filesystem>`;

describe('a shared directory', () => {
  test.for(['web', 'vm'])('S35 gives nobody a device or another user’s rights [%s]', async (name, { rig, skip }) => {
    const shared = join(rig.scratch, 'shared');
    mkdirSync(shared, { mode: 0o755 });
    await runProgram(['mknod', join(shared, 'disk'), 'b', '7', '0']);
    await runProgram(['mknod', join(shared, 'null'), 'c', '1', '3']);
    const rootfs = rig.makeRoot();
    installProgram(shared, 'effective-user', skip);
    chmodSync(join(shared, 'effective-user'), 0o4755);
    if (name === 'vm') {
      await rig.define(domainXml({ name, rootfs, devices: volume(shared, '/shared') }));
    } else {
      await rig.bootstrap(name);
      const text = (await rig.ctrOk('dumpxml', name)).replace('<console', `${volume(shared, '/shared')}<console`);
      await rig.ctrOk('define', rig.writeFile('web.xml', text));
    }
    await rig.ctrOk('start', name);
    for (const node of ['disk', 'null']) {
      const { status, text } = await inside(rig, name, `head -c 1 /shared/${node}`);
      expect({ node, status, text }).toEqual({ node, status: 1, text: expect.stringMatching(/denied|permitted/) });
    }
    const { stdout } = await rig.ctr(['enter', '-u', '1234:1234', name, '--', '/shared/effective-user']);
    expect(stdout).toBe('1234\n');
  });
});

describe('a set-user-id file that root inside makes', () => {
  test('S36 is out of reach for users of the host', async ({ rig, skip }) => {
    const lack = lacksProgram('setpriv');
    if (lack !== undefined) skip(lack);
    const root = await startWeb(rig);
    await inside(rig, 'web', 'cp /bin/busybox /root-shell; chown 0:0 /root-shell; chmod 4755 /root-shell; chmod 755 /');
    const file = join(root, 'root-shell');
    expect(statSync(file).mode & 0o4000).toBe(0o4000);
    for (const uid of [65534, 1_000_000]) {
      const { status } = await runProgram(asUser(uid, [file, 'id', '-u']));
      expect({ uid, status }).toEqual({ uid, status: expect.toSatisfy((code: number) => code !== 0) });
      expect((await runProgram(asUser(uid, ['ls', root]))).status).not.toBe(0);
    }
    expect(statSync(join(rig.stateDir, 'containers')).mode & 0o077).toBe(0);
  });
});

/** Ordinary users: against each other, and against the host. */
import { chownSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ctrProgram, domainXml, expect, lacksProgram, runProgram } from '../rig/index.js';
import { userTest as test, USER } from '../rig/user.js';
import { asUser } from './box.js';

test('S43 setgroups is denied where root inside is the user outside', async ({ user }) => {
  const single = user.with({ subuid: 'root:100000:65536\n' });
  await single.bootstrap('web');
  await single.ctrOk('start', 'web');
  const script = 'cat /proc/self/setgroups; id -G; chown 1:1 /tmp; echo $?';
  const { stdout } = await single.ctr('enter', 'web', '--', 'sh', '-c', script);
  expect(stdout).toMatch(/^deny\n.*\n1\n$/);
});

test('S85 S84 sees nothing of another user’s containers', async ({ user, rig, skip }) => {
  const lack = lacksProgram('setpriv');
  if (lack !== undefined) skip(lack);
  await user.bootstrap('web');
  await user.ctrOk('start', 'web');
  for (const args of [
    ['list', '--all'],
    ['info', 'web'],
    ['logs', 'web'],
    ['stop', 'web'],
    ['enter', 'web', '--', 'true'],
  ]) {
    const { status, stdout } = await runProgram(asUser(65534, [ctrProgram, ...args]), { env: rig.env });
    expect({ args, status, named: stdout.includes('web') }).toEqual({ args, status: expect.any(Number), named: false });
    if (args[0] !== 'list') expect(status).not.toBe(0);
  }
  expect((await user.info('web')).state).toBe('running');
});

test('S85 has directories of his own where nothing names others, which nobody else reads', async ({ user, rig }) => {
  const home = join(rig.scratch, 'home');
  const runtime = join(home, 'runtime');
  mkdirSync(runtime, { mode: 0o700 });
  chownSync(runtime, USER.uid, USER.gid);
  const unset = { CTR_STATE_DIR: '', CTR_RUN_DIR: '', XDG_DATA_HOME: '' };
  const plain = user.with({ env: { ...unset, HOME: home, XDG_RUNTIME_DIR: runtime } });
  await plain.bootstrap('own');
  await plain.ctrOk('start', 'own');
  expect(await plain.ctrOk('list')).toMatch(/^own\s+running/m);
  expect((await user.ctrOk('list', '--all')).includes('own')).toBe(false);
  for (const dir of [join(home, '.local/share/ctr'), join(runtime, 'ctr')]) {
    expect(existsSync(join(dir, 'containers/own'))).toBe(true);
    expect({ dir, mode: statSync(dir).mode & 0o777, uid: statSync(dir).uid }).toEqual({
      dir,
      mode: 0o700,
      uid: USER.uid,
    });
  }
  await plain.ctrOk('destroy', 'own');
  await plain.ctrOk('undefine', 'own', '--remove-storage');
});

test('S57 joins no namespace that is the host’s or another user’s', async ({ user, rig }) => {
  const root = join(rig.scratch, 'nothing');
  for (const target of [1, process.pid]) {
    const sharing = `<lxc:namespace xmlns:lxc='http://libvirt.org/schemas/domain/lxc/1.0'><lxc:sharenet type='pid' value='${target}'/></lxc:namespace>`;
    const text = domainXml({ name: 'vm', rootfs: root, features: '<features/>' }).replace(
      '</domain>',
      `${sharing}</domain>`,
    );
    const file = rig.writeFile('vm.xml', text);
    await user.ctr('define', file);
    expect((await user.ctr('start', 'vm')).status).not.toBe(0);
    await user.ctr('undefine', 'vm');
  }
});

import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect, type Rig, test } from '../rig/index.js';

/** Says who it is, and where. */
const INIT = `trap 'exit 0' TERM PWR
echo "id $(id -u)" > /said
echo "host $(hostname)" >> /said
while :; do sleep 3600 & wait; done
`;

/** A tree of this name in a directory of its own, as each format has it beside its file. */
function makeTree(rig: Rig, dir: string, name: string): string {
  const tree = join(rig.scratch, dir, name);
  mkdirSync(join(rig.scratch, dir), { recursive: true, mode: 0o755 });
  renameSync(rig.makeRoot(INIT), tree);
  mkdirSync(join(tree, 'usr'), { mode: 0o755 });
  symlinkSync('../init', join(tree, 'sbin/init'));
  return tree;
}

function writeIn(rig: Rig, path: string, text: string): string {
  const file = join(rig.scratch, path);
  writeFileSync(file, text);
  return file;
}

/** Starts it and waits for its first words. */
async function startAndListen(rig: Rig, name: string): Promise<string> {
  await rig.ctrOk('start', name);
  return rig.ctrOk('enter', name, '--', 'sh', '-c', 'until grep -q host /said; do usleep 20000; done; cat /said');
}

const OCI = {
  ociVersion: '1.0.2',
  process: { args: ['/init'], cwd: '/', user: { uid: 0, gid: 0 }, env: ['PATH=/bin:/sbin'] },
  root: { path: 'rootfs' },
  hostname: 'oci-host',
  mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
  linux: { namespaces: ['pid', 'mount', 'ipc', 'uts', 'network'].map((type) => ({ type })) },
};

describe('a container is defined and started', () => {
  test("from libvirt's XML", async ({ rig }) => {
    const rootfs = makeTree(rig, 'xml', 'root');
    await rig.ctrOk('define', writeIn(rig, 'xml/vm.xml', domainXml({ name: 'vm', rootfs })));
    expect(await startAndListen(rig, 'vm')).toBe('id 0\nhost vm\n');
  });

  test('from a .nspawn file with its tree beside it', async ({ rig }) => {
    makeTree(rig, 'machines', 'web');
    const settings = '[Exec]\nParameters=/init\nPrivateUsers=pick\nHostname=front\n[Network]\nPrivate=yes\n';
    await rig.ctrOk('define', writeIn(rig, 'machines/web.nspawn', settings));
    expect(await startAndListen(rig, 'web')).toBe('id 0\nhost front\n');
    const pid = (await rig.info('web')).pid as number;
    expect(readFileSync(`/proc/${pid}/uid_map`, 'utf8')).toMatch(/^\s*0\s+[1-9]\d+\s+65536$/m);
  });

  test('from an LXC configuration with an include', async ({ rig }) => {
    const rootfs = makeTree(rig, 'lxc', 'rootfs');
    const include = writeIn(rig, 'lxc/common.conf', 'lxc.init.cmd = /init\n');
    const text = `lxc.include = ${include}\nlxc.uts.name = u1\nlxc.rootfs.path = dir:${rootfs}\nlxc.net.0.type = empty\n`;
    await rig.ctrOk('define', writeIn(rig, 'lxc/config', text));
    // Everything there is to know was read at define.
    writeFileSync(include, 'lxc.init.cmd = /nothing\n');
    expect(await startAndListen(rig, 'u1')).toBe('id 0\nhost u1\n');
  });

  test('from an OCI bundle', async ({ rig }) => {
    makeTree(rig, 'bundle', 'rootfs');
    writeIn(rig, 'bundle/config.json', JSON.stringify(OCI));
    await rig.ctrOk('define', join(rig.scratch, 'bundle'));
    expect(await startAndListen(rig, 'bundle')).toBe('id 0\nhost oci-host\n');
  });

  test('from a bare tree, booted with ids and a link of its own', async ({ rig }) => {
    const rootfs = makeTree(rig, 'trees', 'db');
    await rig.ctrOk('define', '--rootfs', rootfs);
    expect(await startAndListen(rig, 'db')).toBe('id 0\nhost db\n');
    expect(await rig.ctrOk('enter', 'db', '--', 'ls', '/sys/class/net')).toContain('host0');
  });

  test("from ctr's own JSON, as convert prints it", async ({ rig }) => {
    const rootfs = makeTree(rig, 'json', 'root');
    const xml = writeIn(rig, 'json/vm.xml', domainXml({ name: 'vm', rootfs }));
    await rig.ctrOk('define', writeIn(rig, 'json/vm.json', await rig.ctrOk('convert', xml, '--to', 'json')));
    expect(await startAndListen(rig, 'vm')).toBe('id 0\nhost vm\n');
  });
});

test('a .nspawn file with Boot=, Bind=, PrivateUsers= and VirtualEthernet= is booted as it says', async ({ rig }) => {
  makeTree(rig, 'machines', 'web');
  mkdirSync(join(rig.scratch, 'shared'), { mode: 0o755 });
  writeFileSync(join(rig.scratch, 'shared/file'), 'from the host\n');
  const settings = `[Exec]
Boot=yes
PrivateUsers=pick
[Files]
PrivateUsersOwnership=auto
Bind=${join(rig.scratch, 'shared')}:/data
[Network]
VirtualEthernet=yes
`;
  await rig.ctrOk('define', writeIn(rig, 'machines/web.nspawn', settings));
  expect(await startAndListen(rig, 'web')).toBe('id 0\nhost web\n');
  expect(await rig.ctrOk('enter', 'web', '--', 'cat', '/data/file')).toBe('from the host\n');
  expect(await rig.ctrOk('enter', 'web', '--', 'ls', '/sys/class/net')).toBe('host0\nlo\n');
  await rig.ctrOk('stop', 'web', '--timeout', '1');
});

describe('a definition', () => {
  test('that asks for what no start can give is stored, says so, and is refused at the start', async ({ rig }) => {
    makeTree(rig, 'bundle', 'rootfs');
    const text = JSON.stringify({ ...OCI, linux: { ...OCI.linux, intelRdt: { closID: 'x' } } });
    writeIn(rig, 'bundle/config.json', text);
    const defined = await rig.ctr(['define', join(rig.scratch, 'bundle')]);
    expect(defined.status).toBe(0);
    expect(defined.stderr).toMatch(/: warning: this can be defined, but not started: linux\.intelRdt /);
    const started = await rig.ctr(['start', 'bundle']);
    expect(started.status).toBe(1);
    expect(started.stderr).toMatch(/^ctr: cannot start 'bundle': /);
  });

  test('is changed in the editor, and a fault is told without a terminal', async ({ rig }) => {
    await rig.define(domainXml({ name: 'vm', rootfs: makeTree(rig, 'xml', 'root') }));
    const edit = (script: string) => rig.ctr(['edit', 'vm'], { env: { EDITOR: `sed -i ${script}` } });
    expect(await edit("'s/65536/131072/'")).toMatchObject({ status: 0, stdout: "edited 'vm'\n" });
    expect(await edit("'s/nothing/nobody/'")).toMatchObject({ status: 0, stdout: "'vm' is unchanged\n" });
    const faulty = await edit("'s/131072/lots/'");
    expect(faulty).toMatchObject({ status: 1, stdout: '' });
    expect(faulty.stderr).toMatch(/error: .*'lots'/);
    expect(await rig.info('vm')).toMatchObject({ memory: { limitBytes: 131072 * 1024 } });
  });

  test('is edited again on a terminal until it has no fault', async ({ rig }) => {
    await rig.define(domainXml({ name: 'vm', rootfs: makeTree(rig, 'xml', 'root') }));
    const script = rig.writeFile('editor', 'grep -q lots $1 && sed -i s/lots/2048/ $1 || sed -i s/65536/lots/ $1\n');
    const terminal = rig.terminal(['edit', 'vm'], { before: `export VISUAL='sh ${script}'` });
    await terminal.waitFor('Edit again? [y/n]');
    terminal.type('y\n');
    await terminal.waitFor("edited 'vm'");
    expect(await terminal.ended()).toBe(0);
    expect(await rig.info('vm')).toMatchObject({ memory: { limitBytes: 2048 * 1024 } });
  });
});

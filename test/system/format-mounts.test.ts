import { chmodSync, chownSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, type Rig, test } from '../rig/index.js';

const WAIT = "trap 'exit 0' TERM PWR\nwhile :; do sleep 3600 & wait; done\n";

/** What a shell line in the container prints, with its errors. */
async function inside(rig: Rig, name: string, line: string): Promise<string> {
  const { stdout, stderr } = await rig.ctr(['enter', name, '--', 'sh', '-c', line]);
  return stdout + stderr;
}

/** A directory in the scratch of the test with these files. */
function makeDir(rig: Rig, name: string, files: Readonly<Record<string, string>> = {}): string {
  const dir = join(rig.scratch, name);
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o755);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, file), text);
  return dir;
}

/** Settings beside a tree of their name, defined and started as `web`. */
async function startNspawn(rig: Rig, files: string, prepare: (tree: string) => void = () => undefined): Promise<void> {
  const tree = join(makeDir(rig, 'machines'), 'web');
  renameSync(rig.makeRoot(WAIT), tree);
  prepare(tree);
  const settings = `[Exec]\nParameters=/init\nPrivateUsers=pick\n[Files]\nPrivateUsersOwnership=auto\n${files}`;
  writeFileSync(join(rig.scratch, 'machines/web.nspawn'), settings);
  await rig.ctrOk('define', join(rig.scratch, 'machines/web.nspawn'));
  await rig.ctrOk('start', 'web');
}

describe('the first of the lower directories is at the bottom', () => {
  const LAYERS = 'cat $0/both; cat $0/low; echo new > $0/both';

  function makeLayers(rig: Rig): readonly [string, string, string] {
    return [
      makeDir(rig, 'bottom', { both: 'bottom\n', low: 'only at the bottom\n' }),
      makeDir(rig, 'middle', { both: 'middle\n' }),
      makeDir(rig, 'upper'),
    ];
  }

  test('in settings of nspawn, and in the XML that they become', async ({ rig }) => {
    const layers = makeLayers(rig);
    for (const dir of layers) chownSync(dir, 0, 0);
    await startNspawn(rig, `Overlay=${layers.join(':')}:/over\n`);
    expect(await inside(rig, 'web', LAYERS.replaceAll('$0', '/over').replace(/; echo.*/, ''))).toBe(
      'middle\nonly at the bottom\n',
    );
    await rig.ctrOk('destroy', 'web');
    const xml = rig.writeFile('web.xml', await rig.ctrOk('dumpxml', 'web'));
    await rig.ctrOk('define', '--replace', xml);
    await rig.ctrOk('start', 'web');
    expect(await inside(rig, 'web', 'cat /over/both')).toBe('middle\n');
  });

  test('in an LXC root, where the text has it the other way round', async ({ rig }) => {
    const [bottom, middle, upper] = makeLayers(rig);
    const tree = rig.makeRoot(WAIT);
    const config = `lxc.uts.name = web
lxc.init.cmd = /init
lxc.rootfs.path = overlay:${middle}:${bottom}:${tree}:${upper}
lxc.net.0.type = empty
`;
    await rig.ctrOk('define', rig.writeFile('web.conf', config));
    await rig.ctrOk('start', 'web');
    expect(await inside(rig, 'web', 'cat /both /low; echo new > /both')).toBe('middle\nonly at the bottom\n');
    expect(statSync(join(upper, 'both')).size).toBe(4);
  });
});

test('rootidmap is the owner of the source as root inside, owneridmap as the owner of the target', async ({ rig }) => {
  const source = makeDir(rig, 'data', { file: 'x' });
  for (const path of [source, join(source, 'file')]) chownSync(path, 1234, 4321);
  await startNspawn(rig, `Bind=${source}:/root-is:rootidmap\nBind=${source}:/owner-is:owneridmap\n`, (tree) => {
    mkdirSync(join(tree, 'owner-is'));
    // An id of the tree, which is id-mapped: user 77 inside.
    chownSync(join(tree, 'owner-is'), 77, 78);
  });
  expect(await inside(rig, 'web', 'stat -c %u:%g /root-is/file /owner-is/file')).toBe('0:0\n77:78\n');
  await inside(rig, 'web', 'touch /root-is/new');
  expect(statSync(join(source, 'new'))).toMatchObject({ uid: 1234, gid: 4321 });
});

describe('an OCI tmpfs with tmpcopyup', () => {
  const IDS = [{ containerID: 0, hostID: 500_000, size: 65_536 }];

  test.for([
    ['without a user namespace', undefined],
    ['in a user namespace', IDS],
  ] as const)('begins with what the root has there, and leaves that as it is [%s]', async ([, ids], { rig }) => {
    const bundle = makeDir(rig, 'bundle');
    const root = join(bundle, 'rootfs');
    renameSync(rig.makeRoot(WAIT), root);
    for (const dir of ['kept', 'own']) {
      const path = makeDir(rig, join('bundle/rootfs', dir), { file: 'from the root\n' });
      chmodSync(path, 0o750);
      for (const owned of [path, join(path, 'file'), root])
        chownSync(owned, ids === undefined ? 0 : 500_000, ids === undefined ? 0 : 500_000);
    }
    const namespaces = ['pid', 'mount', 'ipc', 'uts', 'network', ...(ids === undefined ? [] : ['user'])];
    const tmpfs = (destination: string, ...options: readonly string[]) => ({
      destination,
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'nodev', 'tmpcopyup', 'size=1m', ...options],
    });
    const config = {
      ociVersion: '1.0.2',
      process: { args: ['/init'], cwd: '/', user: { uid: 0, gid: 0 }, env: ['PATH=/bin'] },
      root: { path: 'rootfs' },
      mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }, tmpfs('/kept'), tmpfs('/own', 'mode=1777')],
      linux: {
        namespaces: namespaces.map((type) => ({ type })),
        ...(ids === undefined ? {} : { uidMappings: ids, gidMappings: ids }),
      },
    };
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
    await rig.ctrOk('define', bundle);
    await rig.ctrOk('start', 'bundle');
    expect(await inside(rig, 'bundle', 'cat /kept/file /own/file; stat -c %a:%u /kept /own')).toBe(
      'from the root\nfrom the root\n750:0\n1777:0\n',
    );
    expect(await inside(rig, 'bundle', 'echo new > /kept/file; rm /own/file; cat /kept/file; ls /own')).toBe('new\n');
    expect(statSync(join(root, 'kept/file')).size).toBe('from the root\n'.length);
    expect(statSync(join(root, 'own/file')).size).toBe('from the root\n'.length);
    expect(await inside(rig, 'bundle', 'dd if=/dev/zero of=/kept/big bs=1024k count=2 2>&1 | grep -c space')).toBe(
      '1\n',
    );
  });
});

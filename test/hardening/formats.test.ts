/** Definitions that contradict each other, say too much, or name files that are not what they seem; and what lies around. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect, projectRoot, runProgram, test } from '../rig/index.js';

describe('a definition', () => {
  test('S71 takes no name and no uuid of another', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    await rig.define(domainXml({ name: 'vm', rootfs }));
    const { uuid } = await rig.info('vm');
    const same = rig.writeFile('same.xml', domainXml({ name: 'vm', rootfs, init: '/other' }));
    expect((await rig.ctr(['define', same])).stderr).toMatch(/the name is taken/);
    const other = domainXml({ name: 'other', rootfs }).replace('<memory', `<uuid>${String(uuid)}</uuid><memory`);
    expect((await rig.ctr(['define', rig.writeFile('other.xml', other)])).status).toBe(1);
    expect(JSON.parse(await rig.ctrOk('list', '--all', '--json'))).toHaveLength(1);
    expect((await rig.ctr(['define', '--replace', same])).status).toBe(0);
  });

  test('S75 with a word that is unknown or stands there twice is refused with its place', async ({ rig }) => {
    const xml = (from: string, to: string) => domainXml({ name: 'vm', rootfs: '/srv' }).replace(from, to);
    const texts: [string, string][] = [
      ['a.xml', xml('<memory', '<memroy/><memory')],
      ['b.xml', xml('<memory', '<name>two</name><memory')],
      ['c.xml', xml("<console type='pty'/>", "<console tpye='pty'/>")],
      ['d.xml', domainXml({ name: 'vm', rootfs: '/srv', metadata: '<ctr:secomp/>' })],
      ['e.xml', domainXml({ name: 'vm', rootfs: '/srv', metadata: "<ctr:masks state='on'/><ctr:masks state='off'/>" })],
      ['f.conf', 'lxc.uts.name = vm\nlxc.rootfs.path = /srv\nlxc.cap.drpo = sys_admin\n'],
      [
        'g.json',
        '{"ociVersion":"1.0.2","root":{"path":"/srv","path":"/"},"process":{"args":["x"],"cwd":"/","user":{"uid":0,"gid":0}}}',
      ],
    ];
    for (const [name, text] of texts) {
      const file = rig.writeFile(name, text);
      const { status, stderr } = await rig.ctr([
        'validate',
        '--name',
        'vm',
        ...(name === 'g.json' ? ['--format', 'oci'] : []),
        file,
      ]);
      expect({ name, status, stderr }).toEqual({ name, status: 1, stderr: expect.stringMatching(/:\d+:\d+: error: /) });
    }
  });

  test('S81 settings beside an image only restrict', async ({ rig }) => {
    const settings = [
      'Capability=all',
      'AmbientCapability=CAP_SYS_ADMIN',
      'PrivateUsers=no',
      'PrivateUsers=identity',
      'SystemCallFilter=kexec_load',
      'NoNewPrivileges=no',
    ];
    const files = ['Bind=/', 'BindReadOnly=/etc:/host', 'TemporaryFileSystem=/proc', 'Overlay=/etc:/var:/host'];
    const network = ['Private=no', 'VirtualEthernet=no', 'Interface=eth0', 'Bridge=br0', 'Port=22'];
    for (const [section, lines] of [
      ['Exec', settings],
      ['Files', files],
      ['Network', network],
    ] as const) {
      for (const line of lines) {
        const image = join(rig.scratch, 'image');
        if (!existsSync(image)) renameSync(rig.makeRoot(), image);
        writeFileSync(`${image}.nspawn`, '');
        const plain = await rig.ctr(['define', '--rootfs', image, '--name', 'image']);
        expect(plain.status).toBe(0);
        const before = await rig.ctrOk('plan', 'image');
        await rig.ctrOk('undefine', 'image');
        writeFileSync(`${image}.nspawn`, `[${section}]\n${line}\n`);
        const { status, stderr } = await rig.ctr(['define', '--rootfs', image, '--name', 'image']);
        const after = status === 0 ? await rig.ctrOk('plan', 'image') : before;
        await rig.ctr(['undefine', 'image']);
        // Ids are chosen, and names of links are made of a new uuid.
        const same = (plan: string) =>
          plan.replace(
            /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|\d{6,}|v\w{8,}|([0-9a-f]{2}:){5}[0-9a-f]{2}|\d+ bytes/g,
            'N',
          );
        expect({ line, stderr, plan: same(after) }).toEqual({ line, stderr, plan: same(before) });
      }
    }
  });

  test('S86 S33 that is forbidden is forbidden by every way in', async ({ rig }) => {
    const bad = "<filesystem type='mount'><source dir='/srv'/><target dir='/proc/sys'/></filesystem>";
    const rootfs = rig.makeRoot();
    await rig.define(domainXml({ name: 'vm', rootfs }));
    const text = domainXml({ name: 'vm', rootfs, devices: bad });
    const file = rig.writeFile('bad.xml', text);
    const device = rig.writeFile('device.xml', bad);
    const editor = join(rig.scratch, 'editor');
    writeFileSync(editor, `#!/bin/sh\ncat ${file} > "$1"\n`, { mode: 0o755 });
    const oci = rig.writeFile(
      'config.json',
      JSON.stringify({
        ociVersion: '1.0.2',
        root: { path: rootfs },
        process: { args: ['/init'], cwd: '/', user: { uid: 0, gid: 0 } },
        mounts: [{ destination: '/proc/sys', source: '/srv', type: 'bind', options: ['bind'] }],
      }),
    );
    const ways: [string[], NodeJS.ProcessEnv?][] = [
      [['define', file]],
      [['define', '--replace', file]],
      [['validate', file]],
      [['convert', '--to', 'lxc', file]],
      [['edit', 'vm'], { EDITOR: editor, VISUAL: editor }],
      [['attach-device', 'vm', device]],
      [['define', '--name', 'vm2', oci]],
    ];
    const before = await rig.ctrOk('dumpxml', 'vm');
    for (const [args, env = {}] of ways) {
      const { status } = await rig.ctr(args, { env, input: 'n\n' });
      expect({ args, status }).toEqual({ args, status: expect.toSatisfy((code: number) => code !== 0) });
      expect(await rig.ctrOk('dumpxml', 'vm')).toBe(before);
    }
  });

  test('edit hands its text to nobody else, and follows no link that is put in its place', async ({ rig }) => {
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot() }));
    const victim = rig.writeFile('victim', 'precious');
    const seen = join(rig.scratch, 'seen');
    const editor = join(rig.scratch, 'editor');
    const script = `#!/bin/sh\nstat -c '%a %u' "$1" > ${seen}; stat -c '%a' "$(dirname "$1")" >> ${seen}\nrm "$1"; ln -s ${victim} "$1"\n`;
    writeFileSync(editor, script, { mode: 0o755 });
    await rig.ctr(['edit', 'vm'], { env: { EDITOR: editor, VISUAL: editor }, input: 'n\n' });
    const [file, dir] = readFileSync(seen, 'utf8').trim().split('\n');
    expect(file === '600 0' || dir === '700').toBe(true);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect((await rig.info('vm')).state).toBe('stopped');
  });

  test('that names other files reads regular ones alone, and at define only', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    const fifo = join(rig.scratch, 'fifo');
    await runProgram(['mkfifo', fifo]);
    for (const source of [fifo, '/dev/zero', rig.scratch]) {
      const conf = rig.writeFile(
        'c.conf',
        `lxc.uts.name = vm\nlxc.rootfs.path = ${rootfs}\nlxc.mount.fstab = ${source}\n`,
      );
      const { status, timedOut } = await rig.ctr(['define', '--format', 'lxc', conf], { timeoutMs: 10_000 });
      expect({ source, status, timedOut }).toEqual({ source, status: 1, timedOut: false });
    }
    const fstab = rig.writeFile('fstab', 'tmpfs tmp tmpfs size=1m 0 0\n');
    const conf = rig.writeFile(
      'c.conf',
      `lxc.uts.name = vm\nlxc.rootfs.path = ${rootfs}\nlxc.net.0.type = empty\nlxc.mount.fstab = ${fstab}\n`,
    );
    await rig.ctrOk('define', '--format', 'lxc', conf);
    const plan = await rig.ctrOk('plan', 'vm');
    writeFileSync(fstab, '/ host none bind 0 0\n');
    expect(await rig.ctrOk('plan', 'vm')).toBe(plan);
  });
});

test('S78 nothing of the working directory is loaded', async ({ rig }) => {
  const cwd = join(rig.scratch, 'cwd');
  const trap = `require('fs').writeFileSync('${rig.scratch}/ran', 'x')`;
  for (const name of ['ctr', 'commander', 'execa', 'fs', 'vm']) {
    mkdirSync(join(cwd, 'node_modules', name), { recursive: true });
    writeFileSync(join(cwd, 'node_modules', name, 'index.js'), trap);
  }
  for (const name of [
    'main.cjs',
    'index.js',
    '.noderc',
    'ctr.conf',
    '.ctrrc',
    'package.json',
    '.npmrc',
    'templates',
    'clone-helper',
  ])
    writeFileSync(join(cwd, name), trap, { mode: 0o755 });
  for (const args of [
    ['list', '--all'],
    ['check'],
    ['bootstrap', 'web', '--template', 'busybox'],
    ['info', 'web'],
    ['start', 'web'],
  ])
    expect({ args, status: (await rig.ctr(args, { cwd })).status }).toEqual({ args, status: 0 });
  expect(existsSync(join(rig.scratch, 'ran'))).toBe(false);
});

test('S79 no program of ours has rights of its own', async () => {
  const find = await runProgram([
    'find',
    join(projectRoot, 'native/build'),
    join(projectRoot, 'bin'),
    join(projectRoot, 'dist'),
    '-perm',
    '/6000',
  ]);
  expect(find.stdout).toBe('');
  expect(readdirSync(join(projectRoot, 'native/build'))).toContain('clone-helper');
  const caps = await runProgram([
    'sh',
    '-c',
    `command -v getcap >/dev/null && getcap -r ${join(projectRoot, 'native/build')} ${process.execPath}; true`,
  ]);
  expect(caps.stdout).toBe('');
});

import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect, findLeaks, IDMAP, type Rig, takeSnapshot, test } from '../rig/index.js';

/** Runs a command that must fail, and leave nothing that was not there before. */
async function expectFailure(rig: Rig, args: readonly string[], status: number, message: RegExp): Promise<void> {
  const before = takeSnapshot(rig);
  const result = await rig.ctr(args);
  expect({ args, status: result.status, stderr: result.stderr }).toEqual({
    args,
    status,
    stderr: expect.stringMatching(message),
  });
  expect(result.stdout).toBe('');
  expect(result.stderr).not.toMatch(/\n\s+at /);
  expect(await findLeaks(before, rig)).toEqual([]);
}

const LONG_NAME = 'a'.repeat(65);

describe('a name', () => {
  const verbs = [['start'], ['stop'], ['destroy'], ['info'], ['dumpxml'], ['undefine'], ['plan'], ['logs']];

  test('that nobody defined is named by every verb', async ({ rig }) => {
    for (const verb of verbs) await expectFailure(rig, [...verb, 'nosuch'], 1, /^(ctr: )?cannot \w+ .*'nosuch': .*\n/);
    await expectFailure(rig, ['enter', 'nosuch', '--', 'true'], 125, /cannot enter 'nosuch'/);
  });

  test.for(['a/b', '../../etc/x', '.', '..', LONG_NAME, 'a\nb', 'a b', '', '-rf', 'ａ', 'x\u202ey'])(
    '%j is refused by every verb',
    async (name, { rig }) => {
      for (const verb of verbs) {
        const { status } = await rig.ctr([...verb, '--', name]);
        expect({ verb, status: status === 1 || status === 2 }).toEqual({ verb, status: true });
      }
      await expectFailure(rig, ['define', rig.writeFile('x.xml', domainXml({ name, rootfs: '/' }))], 1, /name/);
    },
  );

  test('of a container in the place of a file is told from one that nobody has', async ({ rig }) => {
    await rig.define(domainXml({ name: 'web', rootfs: rig.makeRoot() }));
    const hint = /cannot read 'web': ENOENT.*\nhint: 'web' is a container: ctr dumpxml web > FILE /;
    await expectFailure(rig, ['validate', 'web'], 1, hint);
    await expectFailure(rig, ['convert', '--to', 'lxc', 'web'], 1, hint);
    await expectFailure(rig, ['validate', 'nosuch'], 1, /^ctr: cannot read 'nosuch': ENOENT \(.*\)\n$/);
  });

  test('of 64 characters is fine', async ({ rig }) => {
    await rig.define(domainXml({ name: 'a'.repeat(64), rootfs: rig.makeRoot() }));
    await rig.ctrOk('start', 'a'.repeat(64));
  });

  test('that is taken by another container is refused', async ({ rig }) => {
    await rig.bootstrap('web');
    await expectFailure(
      rig,
      ['bootstrap', 'web', '--template', 'busybox'],
      1,
      /cannot bootstrap 'web': .*(taken|defined|exists)/,
    );
    const text = domainXml({ name: 'web', rootfs: '/' }).replace(
      '<memory',
      '<uuid>6f1a3c9e-5b0d-4c8e-9a51-1d2e3f405162</uuid><memory',
    );
    await expectFailure(rig, ['define', rig.writeFile('other.xml', text)], 1, /cannot define 'web': /);
  });
});

describe('a start that cannot be', () => {
  async function expectNoStart(rig: Rig, parts: Parameters<typeof domainXml>[0], message: RegExp): Promise<void> {
    await rig.define(domainXml(parts));
    await expectFailure(rig, ['start', parts.name], 1, message);
    expect(await rig.info(parts.name)).toMatchObject({ state: 'stopped' });
  }

  test('names a missing root', async ({ rig }) => {
    const rootfs = join(rig.scratch, 'nowhere');
    mkdirSync(rootfs);
    const xml = rig.writeFile('vm.xml', domainXml({ name: 'vm', rootfs }));
    await rig.ctr(['define', xml]);
    rmSync(rootfs, { recursive: true });
    await rig.ctr(['define', xml]);
    await expectFailure(rig, ['start', 'vm'], 1, /nowhere/);
  });

  test('names an init that does not exist', async ({ rig }) => {
    const parts = { name: 'vm', rootfs: rig.makeRoot(), init: '/sbin/nothing' };
    await expectNoStart(rig, parts, /cannot start 'vm': .*'\/sbin\/nothing'.*(does not exist|ENOENT)/s);
  });

  test('names an init that is not executable', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    chmodSync(join(rootfs, 'init'), 0o644);
    await expectNoStart(rig, { name: 'vm', rootfs }, /cannot start 'vm': .*'\/init'.*(is not executable|EACCES)/s);
  });

  test('names an init that is no program', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    writeFileSync(join(rootfs, 'init'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]), { mode: 0o755 });
    await expectNoStart(rig, { name: 'vm', rootfs }, /cannot start 'vm': .*'\/init'.*ENOEXEC/s);
  });

  test('names memory that no init can start in', async ({ rig }) => {
    const file = rig.writeFile('vm.xml', domainXml({ name: 'vm', rootfs: rig.makeRoot(), memoryKiB: 4 }));
    const defined = await rig.ctr(['define', file]);
    if (defined.status === 0) await expectFailure(rig, ['start', 'vm'], 1, /memory/);
    else expect(defined.stderr).toMatch(/:\d+:\d+: .*memory/s);
  });

  test.for(['/dev', '/proc', '/sys'])('refuses a root whose %s is a symbolic link', async (path, { rig }) => {
    const rootfs = rig.makeRoot();
    rmSync(join(rootfs, path), { recursive: true });
    symlinkSync('/tmp', join(rootfs, path));
    await expectNoStart(rig, { name: 'vm', rootfs }, new RegExp(`cannot start 'vm': .*symbolic link.*${path}`, 's'));
    await rig.ctrOk('undefine', 'vm');
    await expectNoStart(
      rig,
      { name: 'vm', rootfs, idmap: IDMAP },
      new RegExp(`cannot start 'vm': .*symbolic link.*${path}`, 's'),
    );
  });

  test('names a host directory that a mount wants and that is not there', async ({ rig }) => {
    const devices = "<filesystem type='mount'><source dir='/no/such/source'/><target dir='/data'/></filesystem>";
    const file = rig.writeFile('vm.xml', domainXml({ name: 'vm', rootfs: rig.makeRoot(), devices }));
    const defined = await rig.ctr(['define', file]);
    if (defined.status === 0) await expectFailure(rig, ['start', 'vm'], 1, /'\/no\/such\/source'/);
    else expect(defined.stderr).toContain('/no/such/source');
  });

  test('undoes the bridge and the links when a later step fails', async ({ rig }) => {
    const devices = "<interface type='network'><source network='default'/></interface>";
    await expectNoStart(
      rig,
      { name: 'vm', rootfs: rig.makeRoot(), init: '/sbin/nothing', devices },
      /'\/sbin\/nothing'/,
    );
  });

  test('can start once its cause is mended', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    chmodSync(join(rootfs, 'init'), 0o644);
    await expectNoStart(rig, { name: 'vm', rootfs }, /not executable|EACCES/);
    chmodSync(join(rootfs, 'init'), 0o755);
    await rig.ctrOk('start', 'vm');
  });
});

describe('a definition that cannot be', () => {
  async function expectNoDefine(rig: Rig, text: string, message: RegExp): Promise<void> {
    const file = rig.writeFile('bad.xml', text);
    await expectFailure(rig, ['define', file], 1, message);
    await expectFailure(rig, ['validate', file], 1, message);
    expect(JSON.parse(await rig.ctrOk('list', '--all', '--json'))).toEqual([]);
  }

  test('has an id map that overlaps itself', async ({ rig }) => {
    const idmap = `<idmap>
    <uid start='0' target='500000' count='1000'/><uid start='1000' target='500500' count='1000'/>
    <gid start='0' target='500000' count='65536'/></idmap>`;
    await expectNoDefine(rig, domainXml({ name: 'vm', rootfs: '/', idmap }), /bad\.xml:\d+:\d+: .*overlap/s);
  });

  test('has an id map that misses root', async ({ rig }) => {
    const idmap =
      "<idmap><uid start='1' target='500000' count='10'/><gid start='1' target='500000' count='10'/></idmap>";
    await expectNoDefine(rig, domainXml({ name: 'vm', rootfs: '/', idmap }), /bad\.xml:\d+:\d+: .*(root|start|0)/s);
  });

  test('has a DOCTYPE', async ({ rig }) => {
    const text = `<!DOCTYPE domain [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n${domainXml({ name: 'vm', rootfs: '/' })}`;
    await expectNoDefine(rig, text, /bad\.xml:1:1: .*DOCTYPE/s);
  });

  test('is 2 MiB long', async ({ rig }) => {
    const text = domainXml({ name: 'vm', rootfs: '/' }).replace(
      '</domain>',
      `<!--${' '.repeat(2 * 1024 * 1024)}--></domain>`,
    );
    await expectNoDefine(rig, text, /bad\.xml.*(large|long|bytes|MiB)/s);
  });

  test('is not XML, is empty, or is cut off', async ({ rig }) => {
    for (const text of ['hello', '', '<domain', domainXml({ name: 'vm' }).slice(0, -12)]) {
      await expectNoDefine(rig, text, /bad\.xml:\d+:\d+: /);
    }
  });

  test('has several faults: all are told, each with its line and a caret', async ({ rig }) => {
    const text = domainXml({ name: 'vm', rootfs: '/', features: '<features><nonsense/></features>' }).replace(
      '>65536<',
      '>lots<',
    );
    const { stderr } = await rig.ctr(['define', rig.writeFile('bad.xml', text)]);
    expect(stderr.match(/bad\.xml:\d+:\d+: /g)?.length).toBeGreaterThanOrEqual(2);
    expect(stderr).toMatch(/<nonsense\/>.*\n\s*\^/);
    expect(stderr).toMatch(/lots.*\n\s*\^/);
  });

  test('is a file that is not there', async ({ rig }) => {
    await expectFailure(rig, ['define', join(rig.scratch, 'none.xml')], 1, /none\.xml.*(ENOENT|no such file)/);
  });
});

describe('a command line that cannot be', () => {
  test.for([['nosuchverb'], ['start'], ['list', '--nosuch'], ['stop', 'x', '--timeout', 'soon'], ['enter']])(
    'ctr %j is a usage error',
    async (args, { rig }) => {
      const { status, stdout, stderr } = await rig.ctr(args);
      expect({ status, stdout }).toEqual({ status: args[0] === 'enter' ? expect.toBeOneOf([2, 125]) : 2, stdout: '' });
      expect(stderr).not.toBe('');
    },
  );

  test('a verb that is nearly one is suggested', async ({ rig }) => {
    expect((await rig.ctr(['strat', 'x'])).stderr).toContain('start');
  });
});

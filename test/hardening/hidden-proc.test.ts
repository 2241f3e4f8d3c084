/** What a process sees of others by /proc, and what enters when its /proc is a fake. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ctrProgram, describe, expect, lacksProgram, runProgram, SHIFTED_IDS, startSpec, test } from '../rig/index.js';
import { inside, installProgram, startWeb } from './box.js';

describe('/proc with hidepid', () => {
  test.for([
    ['noaccess', 'denied|not permitted', true],
    ['invisible', 'nonexistent|No such', false],
    ['ptraceable', 'not permitted|No such', false],
  ] as const)('hides what another user runs [%s]', async ([hidePid, refusal, isListed], { rig }) => {
    const ids = { idmap: SHIFTED_IDS };
    await startSpec(rig, { kernelMounts: { hidePid }, ...ids });
    const look = 'cat /proc/1/environ; ls /proc; cat /proc/self/comm';
    const { stdout, stderr } = await rig.ctr(['enter', '-u', '1000:1000', 'box', '--', 'sh', '-c', look]);
    expect(stderr).toMatch(new RegExp(refusal));
    expect(/^1$/m.test(stdout)).toBe(isListed);
    expect(stdout).toMatch(/cat\n$/);
    expect((await inside(rig, 'box', 'ls /proc')).text).toMatch(/^1$/m);
  });

  test('and subset=pid has nothing of the kernel, masks or not', async ({ rig }) => {
    for (const ids of [{}, { idmap: SHIFTED_IDS }]) {
      await startSpec(rig, { kernelMounts: { procSubset: 'pid' }, ...ids });
      const { text } = await inside(rig, 'box', 'ls -d /proc/sys /proc/kcore /proc/meminfo; ls -d /proc/1 /proc/self');
      expect(text).toMatch(/\/proc\/1\n\/proc\/self\n/);
      expect(text.match(/No such file/g)).toHaveLength(3);
      await rig.ctrOk('destroy', 'box');
      await rig.ctrOk('undefine', 'box');
    }
  });
});

describe('what enters', () => {
  test('S06 S07 trusts no /proc of the container: a fake one changes nothing and is not written to', async ({
    rig,
    skip,
  }) => {
    const root = await startWeb(rig);
    installProgram(root, 'forbidden-calls', skip);
    const files = [
      'self/attr/exec',
      'self/attr/current',
      'self/setgroups',
      'self/uid_map',
      'self/oom_score_adj',
      'self/fd/0',
      'sys/kernel/cap_last_cap',
    ];
    const make = files.map(
      (file) => `mkdir -p $(dirname /proc/${file}); echo fake > /proc/${file}; touch -d @1000 /proc/${file}`,
    );
    const cover = await inside(rig, 'web', `mount -t tmpfs fake /proc && mkdir /proc/self && ${make.join(' && ')}`);
    expect(cover).toEqual({ status: 0, text: '' });
    const { stdout } = await rig.ctr(['enter', 'web', '--', '/forbidden-calls']);
    expect(stdout).toContain('native keyctl 1\n');
    const { text } = await inside(
      rig,
      'web',
      files.map((file) => `stat -c %Y /proc/${file}; cat /proc/${file}`).join(';'),
    );
    expect(text).toBe(files.map(() => '1000\nfake\n').join(''));
    expect((await rig.ctr(['enter', '-t', 'web', '--', 'true'])).status).toBe(0);
  });

  test('S05 S18 opens no library, no nsswitch.conf and nothing of /proc once it is inside', async ({ rig, skip }) => {
    const lack = lacksProgram('strace');
    if (lack !== undefined) skip(lack);
    const root = await startWeb(rig);
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/:/bin/sh\n');
    writeFileSync(join(root, 'etc/nsswitch.conf'), 'passwd: evil\n');
    mkdirSync(join(root, 'lib'), { recursive: true });
    writeFileSync(join(root, 'lib/libnss_evil.so.2'), 'x');
    const log = join(rig.scratch, 'trace');
    const argv = ['strace', '-f', '-y', '-e', 'trace=open,openat,openat2,setns,execve', '-o', log, ctrProgram];
    expect((await runProgram([...argv, 'enter', '-u', 'ann', 'web', '--', 'true'], { env: rig.env })).status).toBe(0);
    const lines = readFileSync(log, 'utf8').split('\n');
    const joined = lines.findLastIndex((line) => line.includes(' setns('));
    const run = lines.findLastIndex((line) => line.includes(' execve(') && line.includes('true'));
    expect(joined).toBeGreaterThan(0);
    expect(run).toBeGreaterThan(joined);
    const between = lines.slice(joined, run);
    expect(between.filter((line) => /\.so\b|nsswitch|ld-linux|ld\.so/.test(line))).toEqual([]);
    expect(between.filter((line) => /openat2?\([^)]*"\/?proc|<\/proc>/.test(line))).toEqual([]);
    expect(lines.some((line) => line.includes('etc/passwd'))).toBe(true);
  });
});

/** Every inode of a tree with what a chown or a write would change. */
function listInodes(path: string): string[] {
  const stat = lstatSync(path, { bigint: true });
  const own = `${stat.ino} ${stat.uid} ${stat.gid} ${stat.ctimeNs} ${stat.mtimeNs}`;
  return stat.isDirectory() ? [own, ...readdirSync(path).flatMap((name) => listInodes(join(path, name)))] : [own];
}

test('an id-mapped start changes no inode of the root', async ({ rig }) => {
  const rootfs = rig.makeRoot('exec sleep 3600\n');
  for (let index = 0; index < 3000; index += 1) {
    if (index % 500 === 0) mkdirSync(join(rootfs, `tmp/${index / 500}`));
    writeFileSync(join(rootfs, `tmp/${Math.floor(index / 500)}/${index}`), '');
  }
  const tmp = join(rootfs, 'tmp');
  const before = [...listInodes(tmp), ...listInodes(join(rootfs, 'bin')), ...listInodes(join(rootfs, 'init'))];
  await startSpec(rig, { rootfs, idmap: SHIFTED_IDS });
  expect((await inside(rig, 'box', 'stat -c %u:%g /tmp/0/1')).text).toBe('0:0\n');
  await rig.ctrOk('destroy', 'box');
  expect([...listInodes(tmp), ...listInodes(join(rootfs, 'bin')), ...listInodes(join(rootfs, 'init'))]).toEqual(before);
});

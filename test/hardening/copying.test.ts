/** Root inside against `cp`: links and exchanges that would lead the copy out of the container, in both directions. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, lacksProgram, slow, test } from '../rig/index.js';
import { inside, installProgram, startVm, startWeb } from './box.js';

const ROUNDS = 100;
const FUZZED = 300;

describe('S37 cp', () => {
  test.for(['web', 'vm'])('follows no link of the container out of it [%s]', async (name, { rig }) => {
    const root = name === 'web' ? await startWeb(rig) : await startVm(rig);
    const secret = join(rig.scratch, 'secret');
    mkdirSync(secret);
    writeFileSync(join(secret, 'file'), 'of the host\n');
    // What the links say is there inside, too: it is what must be found.
    await inside(rig, name, `mkdir -p ${secret}; echo of the container > ${secret}/file`);
    for (const [link, target] of [
      ['absolute', secret],
      ['upwards', `../../../../../../../../..${secret}`],
      ['by-proc', `/proc/self/root${secret}`],
      ['by-cwd', `/proc/1/cwd${secret}`],
    ] as const) {
      symlinkSync(target, join(root, link));
      const out = join(rig.scratch, `out-${link}`);
      const { status } = await rig.ctr(['cp', `${name}:/${link}/file`, out]);
      if (status === 0) expect(readFileSync(out, 'utf8')).not.toBe('of the host\n');
      await rig.ctr(['cp', rig.writeFile('evil', 'evil\n'), `${name}:/${link}/file`]);
      await rig.ctr(['cp', rig.writeFile('evil', 'evil\n'), `${name}:/${link}/`]);
      await rig.ctr(['cp', rig.writeFile('evil', 'evil\n'), `${name}:/${link}`]);
      expect(readFileSync(join(secret, 'file'), 'utf8')).toBe('of the host\n');
      expect(readdirSync(secret)).toEqual(['file']);
    }
  });

  test('writes through no link that the copied tree has, nor one that was there before', async ({ rig }) => {
    await startWeb(rig);
    const host = join(rig.scratch, 'host');
    mkdirSync(host);
    await inside(rig, 'web', `mkdir -p /t/sub; ln -s ${host} /t/a; ln -s ${host}/new /t/file; echo x > /t/sub/x`);
    const out = join(rig.scratch, 'out');
    mkdirSync(out);
    symlinkSync(host, join(out, 'sub'));
    const { status, stderr } = await rig.ctr(['cp', 'web:/t/.', out]);
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('something else than a directory'),
    });
    await rig.ctr(['cp', 'web:/t/.', out]);
    expect(readdirSync(host)).toEqual([]);
  });

  test('S90 S91 unpacks nothing outside of its place, whatever the archive says', async ({ rig, skip }) => {
    const lack = lacksProgram('tar');
    if (lack !== undefined) skip(lack);
    const root = await startVm(rig);
    const host = join(rig.scratch, 'host');
    mkdirSync(host);
    writeFileSync(join(host, 'file'), 'of the host\n');
    writeFileSync(join(root, 'other'), 'of the container\n');
    const tree = join(rig.scratch, 'tree');
    mkdirSync(join(tree, 'sub'), { recursive: true });
    writeFileSync(join(tree, 'sub/file'), 'evil\n');
    symlinkSync(host, join(tree, 'link'));
    linkSync(join(tree, 'sub/file'), join(tree, 'hard'));
    mkdirSync(join(root, 'srv'), { recursive: true });
    const pack = (...args: string[]) => execFileSync('tar', ['-P', '-C', tree, '-c', ...args]);
    const archives: [string, Buffer][] = [
      ['upwards', pack('--transform=s,sub/file,../../../../other,', 'sub/file')],
      ['absolute', pack(`--transform=s,sub/file,${host}/new,`, 'sub/file')],
      ['through a link of its own', pack('--transform=s,sub/file,link/file,', 'link', 'sub/file')],
      [
        'a name of a file outside',
        pack('--transform=s,^sub/file$,../../other,R;s,sub/file,../../other,h', 'sub/file', 'hard'),
      ],
    ];
    for (const [, input] of archives) await rig.ctr(['cp', '-', 'vm:/srv'], { input });
    expect(readdirSync(host)).toEqual(['file']);
    expect(readFileSync(join(host, 'file'), 'utf8')).toBe('of the host\n');
    expect(readFileSync(join(root, 'other'), 'utf8')).toBe('of the container\n');
    expect(statSync(join(root, 'other')).nlink).toBe(1);
    expect(readFileSync(join(root, 'srv', host, 'new'), 'utf8')).toBe('evil\n');
  });

  test('S94 holds against archives of any bytes', { timeout: slow(120_000) }, async ({ rig, skip }) => {
    const lack = lacksProgram('tar');
    if (lack !== undefined) skip(lack);
    await rig.bootstrap('web');
    const tree = join(rig.scratch, 'tree');
    mkdirSync(join(tree, 'n'.repeat(120)), { recursive: true });
    writeFileSync(join(tree, 'n'.repeat(120), 'file'), 'x'.repeat(2000));
    symlinkSync('y'.repeat(150), join(tree, 'link'));
    const archive = execFileSync('tar', ['-C', tree, '--format=pax', '-c', '.']).subarray(0, 12 * 512);
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    for (let round = 0; round < FUZZED; round += 1) {
      const input = Buffer.from(archive);
      for (let change = random(8); change >= 0; change -= 1) {
        const block = random(input.length / 512) * 512;
        const at = block + random(512);
        input[at] = random(2) === 0 ? random(256) : 48 + random(10);
        // The checksum of what may be a header is made right again, or nothing behind it would be read.
        input.fill(32, block + 148, block + 156);
        const sum = input.subarray(block, block + 512).reduce((all, byte) => all + byte, 0);
        input.write(`${sum.toString(8).padStart(6, '0')}\0 `, block + 148, 'latin1');
      }
      const { status } = await rig.ctr(['cp', '-a', '-', 'web:/srv'], { input });
      expect([0, 1]).toContain(status);
    }
  });

  test('stays in the container while its paths are exchanged', { timeout: slow(180_000) }, async ({ rig, skip }) => {
    const root = await startVm(rig);
    installProgram(root, 'exchange', skip);
    const target = join(rig.scratch, 'target');
    mkdirSync(target);
    writeFileSync(join(target, 'file'), 'of the host\n');
    const ready = await inside(
      rig,
      'vm',
      `mkdir /x; echo of the container > /x/file; ln -s ${target} /y; (setsid /exchange /x /y > /dev/null 2>&1 < /dev/null &)`,
    );
    expect(ready.status).toBe(0);
    const evil = rig.writeFile('evil', 'evil\n');
    let reached = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const out = join(rig.scratch, `out-${round}`);
      const read = await rig.ctr(['cp', 'vm:/x/file', out]);
      if (read.status === 0) reached += 1;
      if (existsSync(out)) expect(['of the container\n', 'evil\n']).toContain(readFileSync(out, 'utf8'));
      await rig.ctr(['cp', evil, 'vm:/x/file']);
      const tree = join(rig.scratch, `tree-${round}`);
      await rig.ctr(['cp', 'vm:/x', tree]);
    }
    expect(reached).toBeGreaterThan(0);
    expect(readFileSync(join(target, 'file'), 'utf8')).toBe('of the host\n');
    expect(readdirSync(target)).toEqual(['file']);
    await rig.ctrOk('destroy', 'vm');
  });

  test('runs no program of the container, and gives it no descriptor', async ({ rig }) => {
    const root = await startWeb(rig);
    for (const program of ['sh', 'tar', 'cp', 'cat']) {
      writeFileSync(join(root, 'bin', `${program}.evil`), '#!/bin/busybox sh\ntouch /was-run\n', { mode: 0o755 });
      await inside(rig, 'web', `ln -sf ${program}.evil /bin/${program} 2>/dev/null || true`);
    }
    rmSync(join(root, 'was-run'), { force: true });
    await rig.ctrOk('cp', rig.writeFile('a', 'a'), 'web:/root/a');
    await rig.ctrOk('cp', 'web:/root/a', join(rig.scratch, 'b'));
    expect(existsSync(join(root, 'was-run'))).toBe(false);
  });
});

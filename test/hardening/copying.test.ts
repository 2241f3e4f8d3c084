/** Root inside against `cp`: links and exchanges that would lead the copy out of the container, in both directions. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, slow, test } from '../rig/index.js';
import { inside, installProgram, startVm, startWeb } from './box.js';

const ROUNDS = 100;

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

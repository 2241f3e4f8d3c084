/** Environments, directories and files that somebody else on the host has prepared. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import { runProgram as runTool } from '../../src/system/run.js';
import { ctrProgram, describe, domainXml, expect, lacksProgram, type Rig, runProgram, test } from '../rig/index.js';
import { asUser, inside, installProgram } from './box.js';

describe('what the caller has', () => {
  test('S77 flows neither into the container nor into the tools', async ({ rig }) => {
    const evil = join(rig.scratch, 'evil');
    mkdirSync(evil);
    for (const name of [
      'ip',
      'mount',
      'umount',
      'tar',
      'newuidmap',
      'busybox',
      'apt-get',
      'dpkg-deb',
      'flock',
      'cp',
      'modprobe',
      'nsenter',
    ]) {
      writeFileSync(join(evil, name), `#!/bin/sh\necho ${name} >> ${rig.scratch}/ran\n`, { mode: 0o755 });
    }
    writeFileSync(join(evil, 'required.cjs'), `require('fs').appendFileSync('${rig.scratch}/ran', 'node');`);
    const env = {
      PATH: `${evil}:${process.env.PATH}`,
      LD_PRELOAD: join(evil, 'nothing.so'),
      LD_LIBRARY_PATH: evil,
      NODE_OPTIONS: `--require=${join(evil, 'required.cjs')}`,
      NODE_PATH: evil,
      SECRET: 'of-the-caller',
      BASH_ENV: join(evil, 'ip'),
      ENV: join(evil, 'ip'),
      IFS: 'x',
    };
    const network = "<interface type='network'><source network='default'/></interface>";
    const hook = join(rig.scratch, 'hook');
    writeFileSync(hook, `#!/bin/sh\nenv > ${rig.scratch}/hook-env\n`, { mode: 0o755 });
    const metadata = `<ctr:hooks><ctr:hook when='pre-start' path='${hook}' convention='lxc'/></ctr:hooks>`;
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot(), devices: network, metadata }));
    for (const args of [
      ['bootstrap', 'web', '--template', 'busybox'],
      ['start', 'web'],
      ['start', 'vm'],
      ['check'],
      ['list'],
      ['info', 'web'],
    ]) {
      expect({ args, status: (await rig.ctr(args, { env })).status }).toEqual({ args, status: 0 });
    }
    const { stdout } = await rig.ctr(['enter', 'web', '--', 'sh', '-c', 'cat /proc/1/environ /proc/self/environ'], {
      env,
    });
    const toHook = readFileSync(join(rig.scratch, 'hook-env'), 'utf8');
    expect(toHook).toContain('PWD=');
    for (const name of ['SECRET', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'NODE_', 'BASH_ENV', 'IFS', evil]) {
      expect(stdout).not.toContain(name);
      expect(toHook).not.toContain(name);
    }
    expect(stdout).not.toContain(rig.scratch);
    await rig.ctr(['stop', 'web', 'vm', '--force'], { env });
    expect(existsSync(join(rig.scratch, 'ran')) ? readFileSync(join(rig.scratch, 'ran'), 'utf8') : '').toBe('');
  });

  test('S77 tools get an environment of their own, and are found in the directories of the system', async ({ rig }) => {
    const evil = join(rig.scratch, 'evil');
    mkdirSync(evil);
    writeFileSync(join(evil, 'env'), '#!/bin/sh\necho evil\n', { mode: 0o755 });
    vi.stubEnv('PATH', `${evil}:${process.env.PATH}`);
    for (const name of ['SECRET', 'LD_LIBRARY_PATH', 'NODE_OPTIONS', 'BASH_ENV', 'IFS']) vi.stubEnv(name, 'x');
    try {
      const lines = (await runTool('env', [], 'look')).trimEnd().split('\n');
      const names = lines.map((line) => line.split('=', 1)[0]).filter((name) => !/_proxy$|^TMPDIR$/.test(name ?? ''));
      expect(names.toSorted()).toEqual(['LC_ALL', 'PATH']);
      expect(lines).toContain('PATH=/usr/sbin:/usr/bin:/sbin:/bin');
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('S03 S77 as signals, umask, limits and closed descriptors reaches neither init nor what enters, nor a run', async ({
    rig,
    skip,
  }) => {
    installProgram(rig.scratch, 'dirty-parent', skip);
    const dirty = (...args: string[]) =>
      runProgram([join(rig.scratch, 'dirty-parent'), ctrProgram, ...args], { env: rig.env });
    const look = 'cat /proc/self/limits /proc/self/status; ls /proc/self/fd; touch';
    const rootfs = rig.makeRoot(
      `(${look} /made) > /said 2>&1; dd if=/dev/zero bs=1024 count=300 2>/dev/null; exec sleep 3600\n`,
    );
    await rig.define(domainXml({ name: 'vm', rootfs }));
    expect(await dirty('start', 'vm')).toMatchObject({ status: 0 });
    const said = (name: string) => join(rootfs, name);
    await expect.poll(() => existsSync(said('made'))).toBe(true);
    expect(await dirty('enter', 'vm', '--', 'sh', '-c', `(${look} /made2) > /said2 2>&1`)).toMatchObject({ status: 0 });
    const bound = join(rig.scratch, 'bound');
    mkdirSync(bound);
    const words = ['--bind', `${bound}:/tmp/b`, '--', 'sh', '-c', `(${look} /tmp/b/made) > /tmp/b/said 2>&1`];
    expect(await dirty('run', ...words)).toMatchObject({ status: 0 });
    for (const [file, made] of [
      [said('said'), said('made')],
      [said('said2'), said('made2')],
      [join(bound, 'said'), join(bound, 'made')],
    ] as const) {
      const text = readFileSync(file, 'utf8');
      expect(text).toMatch(/^SigBlk:\s+0{16}$/m);
      // A shell that is not interactive has its background jobs ignore two.
      expect(text).toMatch(/^SigIgn:\s+0{15}[046]$/m);
      expect(text).toMatch(/^Umask:\s+0022$/m);
      expect(text).toMatch(/^0\n1\n2\n/m);
      for (const unlimited of ['Max file size', 'Max cpu time', 'Max file locks'])
        expect(text).toMatch(new RegExp(`^${unlimited}\\s+unlimited`, 'm'));
      expect(Number(/^Max open files\s+(\d+)/m.exec(text)?.[1])).toBeGreaterThanOrEqual(1024);
      expect(Number(/^Max stack size\s+(\d+)/m.exec(text)?.[1])).toBeGreaterThanOrEqual(8 << 20);
      expect(Number(/^Max pending signals\s+(\d+)/m.exec(text)?.[1])).toBeGreaterThan(5);
      expect(statSync(made).mode & 0o777).toBe(0o644);
    }
    // The monitor outlives a log that is longer than the caller's files may be.
    await expect.poll(() => statSync(join(rig.stateDir, 'containers/vm/console0.log')).size).toBeGreaterThan(200_000);
    expect((await rig.info('vm')).state).toBe('running');
  });

  test('S83 made by somebody else beforehand is not used', async ({ rig }) => {
    await rig.bootstrap('web');
    const start = (env: NodeJS.ProcessEnv) => rig.ctr(['start', 'web'], { env });
    const real = join(rig.scratch, 'real');
    mkdirSync(real, { mode: 0o700 });
    symlinkSync(real, join(rig.scratch, 'link'));
    mkdirSync(join(rig.scratch, 'open'));
    chmodSync(join(rig.scratch, 'open'), 0o777);
    mkdirSync(join(rig.scratch, 'foreign'), { mode: 0o700 });
    chownSync(join(rig.scratch, 'foreign'), 65534, 65534);
    // What lies below a foreign directory is not used either, whoever owns it.
    mkdirSync(join(rig.scratch, 'filled'), { mode: 0o700 });
    mkdirSync(join(rig.scratch, 'ours/web'), { recursive: true, mode: 0o700 });
    symlinkSync(join(rig.scratch, 'ours'), join(rig.scratch, 'filled/containers'));
    chownSync(join(rig.scratch, 'filled'), 65534, 65534);
    for (const name of ['link', 'open', 'foreign', 'filled']) {
      // The front door looks, and so does the rest: of both directories.
      const define = (env: NodeJS.ProcessEnv) =>
        rig.ctr(['bootstrap', 'other', '--template', 'busybox', '--network', 'none'], { env });
      const dir = join(rig.scratch, name);
      for (const attempt of [
        () => start({ CTR_RUN_DIR: dir }),
        () => define({ CTR_RUN_DIR: dir }),
        () => define({ CTR_STATE_DIR: dir }),
        () => rig.ctr(['run', '--', 'true'], { env: { CTR_RUN_DIR: dir } }),
      ]) {
        const { status, stderr } = await attempt();
        expect({ name, status, stderr }).toEqual({
          name,
          status: expect.toBeOneOf([1, 125]),
          stderr: expect.stringMatching(/symbolic link|another user|by other/),
        });
      }
    }
    expect((await rig.info('web')).state).toBe('stopped');
    expect(readdirSync(real)).toEqual([]);
    expect(readdirSync(join(rig.scratch, 'ours/web'))).toEqual([]);
    // The files of a container's own directory, too.
    const victim = join(rig.scratch, 'victim');
    writeFileSync(victim, 'precious');
    await rig.ctrOk('start', 'web');
    await rig.ctrOk('destroy', 'web');
    const run = join(rig.runDir, 'containers/web');
    for (const name of ['plan', 'state', 'exit', 'definition']) {
      await runProgram(['rm', '-f', join(run, name)]);
      symlinkSync(victim, join(run, name));
    }
    await runProgram(['rm', '-f', join(rig.stateDir, 'containers/web/console0.log')]);
    symlinkSync(victim, join(rig.stateDir, 'containers/web/console0.log'));
    await rig.ctr(['start', 'web']);
    await rig.ctr(['logs', 'web']);
    await rig.ctr(['destroy', 'web']);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  test('S84 tells another user nothing of what he may not see', async ({ rig, skip }) => {
    const lack = lacksProgram('setpriv');
    if (lack !== undefined) skip(lack);
    await rig.bootstrap('web');
    chmodSync(rig.stateDir, 0o700);
    chmodSync(rig.runDir, 0o700);
    const say = async (args: readonly string[]) => {
      const { status, stdout, stderr } = await runProgram(asUser(65534, [ctrProgram, ...args]), {
        env: rig.env,
      });
      return { status, text: (stdout + stderr).replaceAll(/web|nosuch/g, 'NAME') };
    };
    for (const verb of ['info', 'dumpxml', 'logs', 'start', 'stop', 'undefine', 'plan']) {
      expect({ verb, ...(await say([verb, 'web'])) }).toEqual({ verb, ...(await say([verb, 'nosuch'])) });
    }
    chmodSync(rig.stateDir, 0o711);
    chmodSync(rig.runDir, 0o711);
  });

  test('S84 is not removed by what did not make it', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    await rig.define(domainXml({ name: 'vm', rootfs }));
    await rig.ctrOk('undefine', 'vm', '--remove-storage');
    expect(existsSync(join(rootfs, 'init'))).toBe(true);
    await rig.bootstrap('web');
    await startAndLink(rig, rootfs);
    expect(existsSync(join(rootfs, 'init'))).toBe(true);
  });
});

/** Root inside makes links to what is the host's; then its root is removed. */
async function startAndLink(rig: Rig, victim: string): Promise<void> {
  await rig.ctrOk('start', 'web');
  await inside(rig, 'web', `mkdir /d; ln -s ${victim} /d/link; ln -s / /d/root; ln -s ../../../../.. /d/up`);
  await rig.ctrOk('destroy', 'web');
  await rig.ctrOk('undefine', 'web', '--remove-storage');
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, slow } from '../rig/index.js';
import { alone, BEYOND, get, HOST, isThere, lacksUserNetwork, worldTest as test } from '../rig/user-network.js';

describe("the network of an ordinary user's run", () => {
  test('leads out, and goes with it', async ({ user, rig, world, skip }) => {
    const lack = lacksUserNetwork('pasta');
    if (lack !== undefined) skip(lack);
    const his = user.with({ before: alone('pasta'), network: world.host });
    const run = (script: string) => his.ctr('run', '--net', 'user', '--timeout', '20', '--', 'sh', '-c', script);
    expect(await run(get(BEYOND, 7000))).toMatchObject({ stdout: 'beyond\n' });
    expect((await run(get(HOST, 7001))).stdout).toBe('');
    const running = his.ctr('run', '--name', 'box', '--net', 'user', '--', 'sleep', '1000');
    const record = join(rig.runDir, 'containers/box/network');
    await expect.poll(() => existsSync(record), { timeout: slow(20_000) }).toBe(true);
    const pid = Number(readFileSync(record, 'utf8').split(' ')[0]);
    await expect.poll(async () => (await his.ctr('destroy', 'box')).status, { timeout: slow(20_000) }).toBe(0);
    await running;
    expect(isThere(pid)).toBe(false);
  });

  test('is there for ports that lead inside, without a word about it', async ({ user, rig, world, skip }) => {
    const lack = lacksUserNetwork('pasta');
    if (lack !== undefined) skip(lack);
    const his = user.with({ before: alone('pasta'), network: world.host });
    const script = 'cd /tmp; echo inside > word; busybox httpd -p 80; busybox httpd -p 81; exec sleep 1000';
    const running = his.ctr('run', '--name', 'box', '-p', '7080:80', '--', 'sh', '-c', script);
    const fetch = async (port: number) => (await his.run(['sh', '-c', get('127.0.0.1', port)])).stdout;
    await expect.poll(() => fetch(7080), { timeout: slow(20_000) }).toBe('inside\n');
    expect(await fetch(81)).toBe('');
    const taken = await his.ctr('run', '-p', '7080:80', '--', 'true');
    expect(taken).toMatchObject({
      status: 125,
      stderr: expect.stringMatching(/bind any port.*\nhint: the port is taken/),
    });
    await his.ctrOk('destroy', 'box');
    await running;
    expect(existsSync(join(rig.runDir, 'containers/box'))).toBe(false);
  });

  test('and its ports, without a program for them, are an error that names the package', async ({ user }) => {
    const hidden = 'for p in pasta slirp4netns; do test ! -e /usr/bin/$p || mount --bind /dev/null /usr/bin/$p; done';
    const none = user.with({ before: hidden });
    for (const words of [
      ['-p', '7080:80'],
      ['--net', 'user'],
    ]) {
      expect(await none.ctr('run', ...words, '--', 'true')).toMatchObject({
        status: 125,
        stderr: expect.stringMatching(/pasta or slirp4netns\nhint: neither is installed: apt-get install passt/),
      });
    }
    expect(await none.ctr('run', '-p', '7080', '--net', 'default', '--', 'true')).toMatchObject({
      status: 125,
      stderr: expect.stringMatching(/'default': links and bridges need root\nhint: --net user/),
    });
  });

  test('opens no port where slirp4netns is the only program', async ({ user, skip }) => {
    const lack = lacksUserNetwork('slirp4netns');
    if (lack !== undefined) skip(lack);
    const his = user.with({ before: alone('slirp4netns') });
    expect(await his.ctr('run', '-p', '7080:80', '--', 'true')).toMatchObject({
      status: 125,
      stderr: expect.stringMatching(/slirp4netns, which is installed, opens none\nhint: apt-get install passt/),
    });
  });

  test('whose program cannot work is told with what helps', async ({ user, skip }) => {
    const lack = lacksUserNetwork('pasta');
    if (lack !== undefined) skip(lack);
    const his = user.with({ before: `${alone('pasta')}; mount --bind /dev/null /dev/net/tun` });
    const { status, stderr } = await his.ctr('run', '--net', 'user', '--', 'true');
    expect(status).toBe(125);
    expect(stderr).toMatch(
      /^ctr: cannot run: connect the network by '\/usr\/bin\/pasta': .*\nhint: .*\/dev\/net\/tun/m,
    );
  });
});

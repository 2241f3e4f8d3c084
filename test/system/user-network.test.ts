import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, domainXml, expect, type Rig, slow } from '../rig/index.js';
import type { User } from '../rig/user.js';
import { alone, BEYOND, get, HOST, isThere, lacksUserNetwork, worldTest as test } from '../rig/user-network.js';

async function define(user: User, rig: Rig, link: string, extension = ''): Promise<void> {
  const xml = domainXml({ name: 'web', rootfs: rig.makeRoot(), onReboot: 'restart' })
    .replace(/<memory.*<\/memory>/, "<memory unit='KiB'>9007199254740991</memory>")
    .replace('</devices>', `${link}</devices>`)
    .replace(
      '<os>',
      `<metadata><ctr:container xmlns:ctr='urn:ctr:container:1.0'>${extension}</ctr:container></metadata><os>`,
    );
  const file = join(rig.scratch, 'web.xml');
  writeFileSync(file, xml);
  await user.ctrOk('define', file);
}

const USER_LINK = "<interface type='user'/>";
const NETWORK_LINK = "<interface type='network'><source network='default'/></interface>";

/** Programs that connect this container. */
function connectors(rig: Rig): number[] {
  const record = join(rig.runDir, 'containers/web/network');
  return existsSync(record) ? [Number(readFileSync(record, 'utf8').split(' ')[0])] : [];
}

describe.for(['pasta', 'slirp4netns'] as const)("an ordinary user's network by %s", (kind) => {
  const ask = (user: User, address: string, port: number) =>
    user.ctr('enter', 'web', '--', 'sh', '-c', get(address, port));

  test.for([USER_LINK, NETWORK_LINK])(
    '%s leads out, and to no port of the host alone',
    async (link, { user, rig, world, skip }) => {
      const lack = lacksUserNetwork(kind);
      if (lack !== undefined) skip(lack);
      const his = user.with({ before: alone(kind), network: world.host });
      await define(his, rig, link);
      await his.ctrOk('start', 'web');
      expect(await ask(his, BEYOND, 7000)).toMatchObject({ stdout: 'beyond\n' });
      expect((await his.run(['sh', '-c', get('127.0.0.1', 7001)])).stdout).toBe('host\n');
      for (const address of [BEYOND, HOST, '10.0.2.2']) expect((await ask(his, address, 7001)).stdout).toBe('');

      const [pid = 0] = connectors(rig);
      expect(isThere(pid)).toBe(true);
      await his.ctrOk('destroy', 'web');
      expect(isThere(pid)).toBe(false);
      expect(readdirSync(join(rig.runDir, 'containers/web')).filter((file) => file.startsWith('network'))).toEqual([]);
    },
  );

  test('its program ends with a monitor that is killed', async ({ user, rig, world, skip }) => {
    const lack = lacksUserNetwork(kind);
    if (lack !== undefined) skip(lack);
    const his = user.with({ before: alone(kind), network: world.host });
    await define(his, rig, USER_LINK);
    await his.ctrOk('start', 'web');
    const [pid = 0] = connectors(rig);
    process.kill(Number((await his.info('web')).monitorPid), 'SIGKILL');
    await expect.poll(() => isThere(pid)).toBe(false);
    await his.ctrOk('start', 'web');
    expect(await ask(his, BEYOND, 7000)).toMatchObject({ stdout: 'beyond\n' });
  });
});

describe("an ordinary user's network", () => {
  test('is there again after a reboot inside, by another program', async ({ user, rig, world, skip }) => {
    const lack = lacksUserNetwork('slirp4netns');
    if (lack !== undefined) skip(lack);
    const his = user.with({ before: alone('slirp4netns'), network: world.host });
    await define(his, rig, USER_LINK);
    await his.ctrOk('start', 'web');
    const [before = 0] = connectors(rig);
    const { pid } = await his.info('web');
    await his.ctr('enter', 'web', '--', 'busybox', 'reboot', '-f');
    await expect
      .poll(async () => (await his.info('web')).pid, { timeout: slow(15_000) })
      .not.toBeOneOf([pid, undefined]);
    await expect
      .poll(() => connectors(rig), { timeout: slow(15_000) })
      .toEqual([expect.not.toSatisfy((one: number) => one === before)]);
    expect(isThere(before)).toBe(false);
    const fetched = await his.ctr('enter', 'web', '--', 'sh', '-c', get(BEYOND, 7000));
    expect(fetched.stdout).toBe('beyond\n');
  });

  test('has the ports of the host that are asked for', async ({ user, rig, world, skip }) => {
    const lack = lacksUserNetwork('pasta');
    if (lack !== undefined) skip(lack);
    const his = user.with({ before: alone('pasta'), network: world.host });
    await define(his, rig, USER_LINK, "<ctr:ports><ctr:port protocol='tcp' host='7080' container='80'/></ctr:ports>");
    await his.ctrOk('start', 'web');
    const script = 'cd /dev/shm; echo inside > word; busybox httpd -p 80; busybox httpd -p 81';
    await his.ctrOk('enter', 'web', '--', 'sh', '-c', script);
    const fetch = (port: number) => his.run(['sh', '-c', get('127.0.0.1', port)]);
    await expect.poll(async () => (await fetch(7080)).stdout).toBe('inside\n');
    expect((await fetch(81)).stdout).toBe('');
  });

  test('asked for without a program is an error that names the package', async ({ user, rig }) => {
    const hidden = 'for p in pasta slirp4netns; do test ! -e /usr/bin/$p || mount --bind /dev/null /usr/bin/$p; done';
    const his = user.with({ before: hidden });
    await define(his, rig, NETWORK_LINK);
    expect(await his.ctr('start', 'web')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/pasta or slirp4netns, and neither is installed\nhint: apt-get install passt/),
    });
    await his.ctrOk('undefine', 'web');
  });

  test('tells what its program says when it fails, and leaves nothing', async ({ user, rig, skip }) => {
    const lack = lacksUserNetwork('pasta');
    if (lack !== undefined) skip(lack);
    // Without the device.
    const his = user.with({ before: `${alone('pasta')}; mount --bind /dev/null /dev/net/tun` });
    await define(his, rig, USER_LINK);
    const { status, stderr } = await his.ctr('start', 'web');
    expect(status).toBe(1);
    expect(stderr).toMatch(/connect the network by '\/usr\/bin\/pasta': \S+/);
    expect(connectors(rig)).toEqual([]);
  });
});

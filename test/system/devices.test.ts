import { existsSync, readFileSync } from 'node:fs';
import type { ContainerSpec, DeviceNodeSpec, DevicesSpec } from '../../src/config/spec.js';
import {
  describe,
  expect,
  lacksLoopDevices,
  makeImage,
  makeTree,
  type Rig,
  refuseSpec,
  SHIFTED_IDS,
  startSpec,
  test,
  withoutV1Devices,
} from '../rig/index.js';

const IDS = [
  ['in the ids of the host', {}],
  ['in a user namespace', { idmap: SHIFTED_IDS }],
] as const satisfies readonly (readonly [string, Partial<ContainerSpec>])[];

async function inside(rig: Rig, line: string): Promise<string> {
  const { stdout, stderr } = await rig.ctr(['enter', 'box', '--', 'sh', '-c', line]);
  return stdout + stderr;
}

const node = (path: string, parts: Partial<DeviceNodeSpec>): DeviceNodeSpec => ({
  path,
  kind: 'char',
  access: 'rwm',
  ...parts,
});

/** Allows the six of each container and ptys, so that a container runs. */
const BASE: NonNullable<DevicesSpec['rules']> = [
  { allow: false, kind: 'all', access: 'rwm' },
  { allow: true, kind: 'char', major: 136, access: 'rwm' },
  { allow: true, kind: 'char', major: 5, access: 'rwm' },
  { allow: true, kind: 'char', major: 1, minor: 3, access: 'rwm' },
];

describe.each(IDS)('%s', (_, ids) => {
  const idsAreShifted = 'idmap' in ids;

  test('a node has the numbers of its source or its own, mode and owner, and opens', async ({ rig }) => {
    const nodes = [
      node('/dev/zeroes', { source: '/dev/zero', mode: 0o666 }),
      node('/dev/sub/full', { numbers: { major: 1, minor: 7 }, mode: 0o640, uid: 3, gid: 5 }),
      node('/dev/null', { source: '/dev/null', mode: 0o600 }),
      node('/dev/fuse', { numbers: { major: 10, minor: 229 }, access: '' }),
    ];
    await startSpec(rig, { devices: { nodes }, ...ids });
    expect(await inside(rig, 'stat -c "%n %F %a %u:%g %t:%T" /dev/zeroes /dev/sub/full /dev/null')).toBe(
      [
        '/dev/zeroes character special file 666 0:0 1:5',
        '/dev/sub/full character special file 640 3:5 1:7',
        '/dev/null character special file 600 0:0 1:3',
        '',
      ].join('\n'),
    );
    expect(await inside(rig, 'head -c 3 /dev/zeroes | wc -c; echo x > /dev/sub/full')).toMatch(/^3\n.*No space left/);
    expect(await inside(rig, 'head -c 1 /dev/fuse')).toMatch(/Operation not permitted/);
  });

  test('a disk image is a block device for as long as the container runs', async ({ rig, skip }) => {
    const lack = lacksLoopDevices();
    if (lack !== undefined) skip(lack);
    const source = await makeImage(makeTree(rig, { hello: 'x' }));
    const disk = { kind: 'block', source, loop: true } as const;
    await startSpec(rig, { devices: { nodes: [node('/dev/sda', disk)] }, ...ids });
    // ext4 says what it is at byte 0x438.
    expect(await inside(rig, 'dd if=/dev/sda bs=1 skip=1080 count=1 2>/dev/null')).toBe('S');
    expect(await inside(rig, 'echo y | dd of=/dev/sda bs=1 seek=10 conv=notrunc 2>/dev/null && echo written')).toBe(
      'written\n',
    );
    await rig.ctrOk('destroy', 'box');
    expect(readFileSync(source).subarray(10, 11).toString()).toBe('y');
    await startSpec(rig, {
      name: 'reader',
      devices: { nodes: [node('/dev/sda', { ...disk, access: 'r' })] },
      ...ids,
    });
    const { stdout, stderr } = await rig.ctr(['enter', 'reader', '--', 'sh', '-c', 'echo z > /dev/sda']);
    expect(stdout + stderr).toMatch(/not permitted|Read-only/);
  });

  test('the rules of the configuration stand in the place of ctr’s, in their order', async ({ rig }) => {
    const nodes = [
      node('/dev/zeroes', { numbers: { major: 1, minor: 5 } }),
      node('/dev/full2', { numbers: { major: 1, minor: 7 } }),
    ];
    const rules = [
      ...BASE,
      { allow: true, kind: 'char', major: 1, access: 'rwm' },
      { allow: false, kind: 'char', major: 1, minor: 7, access: 'rwm' },
      { allow: false, kind: 'char', major: 1, minor: 5, access: 'w' },
    ] as const;
    await startSpec(rig, { devices: { nodes, rules }, ...ids });
    expect(await inside(rig, 'head -c 2 /dev/zeroes | wc -c')).toBe('2\n');
    expect(await inside(rig, 'echo x > /dev/zeroes')).toMatch(/not permitted/);
    expect(await inside(rig, 'head -c 2 /dev/full2')).toMatch(/not permitted/);
  });

  test('without cgroup v1 a program lets through what the nodes are for, and no more', async ({ rig, skip }) => {
    if (!existsSync('/sys/fs/cgroup/unified') && !existsSync('/sys/fs/cgroup/cgroup.controllers'))
      skip('needs cgroup v2');
    const nodes = [
      node('/dev/fuse1', { numbers: { major: 10, minor: 229 }, access: 'm' }),
      node('/dev/kernel-log', { source: '/dev/kmsg', access: 'r' }),
    ];
    await startSpec(rig, { devices: { nodes }, ...ids }, withoutV1Devices);
    expect(await inside(rig, 'head -c 1 /dev/fuse1')).toMatch(/not permitted/);
    expect(await inside(rig, 'echo x > /dev/kernel-log')).toMatch(/not permitted/);
    expect(await inside(rig, 'head -c 1 /dev/kernel-log | wc -c; echo x > /dev/null && echo fine')).toMatch(
      idsAreShifted ? /fine/ : /^1\nfine\n$/,
    );
  });

  test('the root’s own /dev stays, with terminals and the nodes of the configuration', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    const nodes = [
      node('/dev/zeroes', { source: '/dev/zero' }),
      node('/dev/null', { numbers: { major: 1, minor: 3 }, mode: 0o666 }),
    ];
    await startSpec(rig, { rootfs, kernelMounts: { dev: 'none' }, devices: { nodes }, ...ids });
    expect(await inside(rig, 'head -c 2 /dev/zeroes | wc -c; echo x > /dev/null; ls /dev')).toBe(
      '2\nconsole\nnull\npts\ntty1\nzeroes\n',
    );
    // On disk there are empty files in their place.
    expect(existsSync(`${rootfs}/dev/zeroes`) && readFileSync(`${rootfs}/dev/zeroes`).length).toBe(0);
  });
});

test('a device that is none is refused by its name', async ({ rig }) => {
  const refuse = (parts: Partial<DeviceNodeSpec>) => refuseSpec(rig, { devices: { nodes: [node('/dev/x', parts)] } });
  expect(await refuse({ source: '/dev/null', kind: 'block' })).toMatchObject({
    step: "find the device '/dev/null'",
    message: 'it is no block device',
  });
  expect(await refuse({ source: '/etc/passwd' })).toMatchObject({ message: 'it is no character device' });
  expect(await refuse({ source: '/dev/missing' })).toMatchObject({ errnoName: 'ENOENT' });
});

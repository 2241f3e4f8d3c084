import { describe, expect, test } from 'vitest';
import type { DeviceNodeSpec } from '../../../src/config/spec.js';
import { type DeviceNodesRequest, planDeviceNodes } from '../../../src/devnodes/plan-device-nodes.js';
import { OPTION } from '../../../src/exec/plan.js';

const REQUEST: DeviceNodesRequest = {
  mapUid: (id) => (id < 10 ? 1000 + id : undefined),
  mapGid: (id) => (id < 10 ? 2000 + id : undefined),
  ownDev: true,
};

const node = (parts: Partial<DeviceNodeSpec>): DeviceNodeSpec => ({
  path: '/dev/x',
  kind: 'block',
  access: 'rw',
  ...parts,
});

describe('planDeviceNodes', () => {
  test('leaves the numbers of a source to the start, and counts the sources', () => {
    const nodes = [
      node({ source: '/dev/vdb' }),
      node({ numbers: { major: 7, minor: 1 } }),
      node({ source: '/a.img', loop: true }),
    ];
    const plan = planDeviceNodes(nodes, REQUEST);
    expect(plan.devices).toEqual([
      { op: 'device', source: '/dev/vdb', kind: 'block', options: 0 },
      { op: 'device', source: '/a.img', kind: 'block', options: OPTION.LOOP },
    ]);
    const owner = { uid: 1000, gid: 2000 };
    expect(plan.nodes).toEqual([
      { op: 'device-node', device: 0, path: '/dev/x', mode: 0o060700, ...owner },
      { op: 'node', path: '/dev/x', mode: 0o060700, major: 7, minor: 1, ...owner },
      { op: 'device-node', device: 1, path: '/dev/x', mode: 0o060700, ...owner },
    ]);
    expect(plan.uses).toEqual([
      { type: 'b', numbers: { device: 0 }, access: 'rw' },
      { type: 'b', numbers: { major: 7, minor: 1 }, access: 'rw' },
      { type: 'b', numbers: { device: 1 }, access: 'rw' },
    ]);
  });

  test('opens a disk image for reading where nobody may write', () => {
    const { devices } = planDeviceNodes([node({ source: '/a.img', loop: true, access: 'rm' })], REQUEST);
    expect(devices).toMatchObject([{ options: OPTION.LOOP | OPTION.READ_ONLY }]);
  });

  test('binds nodes where /dev is the root’s own', () => {
    const nodes = [
      node({ source: '/dev/vdb' }),
      node({ numbers: { major: 7, minor: 1 }, mode: 0o640, uid: 1, gid: 2 }),
    ];
    expect(planDeviceNodes(nodes, { ...REQUEST, ownDev: false }).nodes).toEqual([
      { op: 'bound-node', path: '/dev/x', mode: 0o060700, major: 0, minor: 0, uid: 1000, gid: 2000, device: 1 },
      { op: 'bound-node', path: '/dev/x', mode: 0o060640, major: 7, minor: 1, uid: 1001, gid: 2002, device: 0 },
    ]);
  });

  test.each([
    [{ path: '/etc/x', numbers: { major: 1, minor: 3 } }, /does not lie below \/dev/],
    [{ path: '/dev/../etc/x', numbers: { major: 1, minor: 3 } }, /does not lie below \/dev/],
    [{ path: '/dev', numbers: { major: 1, minor: 3 } }, /does not lie below \/dev/],
    [{}, /neither a source nor numbers/],
    [{ source: '/dev/vdb', uid: 10 }, /owner 10:0 is no id of the container/],
  ] as const)('refuses %j', (parts, message) => {
    expect(() => planDeviceNodes([node(parts)], REQUEST)).toThrow(message);
  });
});

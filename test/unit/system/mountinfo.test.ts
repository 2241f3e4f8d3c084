import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findCgroupMounts } from '../../../src/system/host-cgroups.js';
import { mountsBelow, parseMountinfo } from '../../../src/system/mountinfo.js';

const TEXT = `22 27 0:21 / /proc rw,relatime - proc proc rw
36 35 98:0 /mnt1 /mnt/a\\040b\\134c rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue
40 31 0:37 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
41 31 0:38 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
42 31 0:39 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate
43 31 0:40 / /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids
45 31 0:43 / /sys/fs/cgroup/memory rw - cgroup cgroup ro,memory
garbage
44 31 0:41
`;

describe('parseMountinfo', () => {
  test('reads every field, optional ones aside, and undoes octal escapes', () => {
    const mounts = parseMountinfo(TEXT);
    expect(mounts).toHaveLength(7);
    expect(mounts[1]).toEqual({
      id: 36,
      parentId: 35,
      device: '98:0',
      root: '/mnt1',
      mountpoint: '/mnt/a b\\c',
      options: ['rw', 'noatime'],
      fstype: 'ext3',
      source: '/dev/root',
      superOptions: ['rw', 'errors=continue'],
    });
  });

  test('finds every line of this machine', () => {
    const text = readFileSync('/proc/self/mountinfo', 'utf8');
    expect(parseMountinfo(text)).toHaveLength(text.trimEnd().split('\n').length);
  });

  test('mountsBelow takes whole path components', () => {
    const mounts = parseMountinfo('1 0 0:1 / /a rw - t s rw\n2 1 0:2 / /a/b rw - t s rw\n3 1 0:3 / /ab rw - t s rw\n');
    expect(mountsBelow(mounts, '/a').map(({ id }) => id)).toEqual([1, 2]);
    expect(mountsBelow(mounts, '/').map(({ id }) => id)).toEqual([1, 2, 3]);
  });
});

describe('findCgroupMounts', () => {
  test('finds controllers mounted together, named hierarchies and v2; a read-only one is not usable', () => {
    expect(findCgroupMounts(parseMountinfo(TEXT))).toEqual({
      v1: {
        cpu: '/sys/fs/cgroup/cpu,cpuacct',
        cpuacct: '/sys/fs/cgroup/cpu,cpuacct',
        'name=systemd': '/sys/fs/cgroup/systemd',
      },
      v2: '/sys/fs/cgroup/unified',
    });
  });

  test('finds nothing where nothing is mounted', () => {
    expect(findCgroupMounts([])).toEqual({ v1: {} });
  });
});

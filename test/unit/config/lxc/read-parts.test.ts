import { describe, expect, test } from 'vitest';
import { readLxc } from '../../../../src/config/lxc/read-lxc.js';
import type { ContainerSpec } from '../../../../src/config/spec.js';
import { sourcesOf } from './sources.js';

const HEAD = 'lxc.uts.name = web\n';

function read(text: string, root = '/srv/web'): ContainerSpec {
  const sources = sourcesOf({ '/deny': '2\ndenylist\nmknod errno 0\n' });
  const { definition, diagnostics } = readLxc(`${HEAD}lxc.rootfs.path = ${root}\n${text}`, { file: 'config', sources });
  if (definition === undefined) throw new Error(JSON.stringify(diagnostics));
  return definition.spec;
}

describe('the root', () => {
  test.each([
    ['dir:/dev/shm/x', { type: 'mount', source: '/dev/shm/x' }],
    ['/dev/sda2', { type: 'block', source: '/dev/sda2' }],
    ['loop:/img', { type: 'file', source: '/img', driver: 'loop' }],
    ['nbd:/img', { type: 'file', source: '/img', driver: 'nbd' }],
    ['overlay:/top:/bottom:/upper', { type: 'overlay', lowers: ['/bottom', '/top'], upper: '/upper' }],
    ['lvm:/dev/vg/lv', { type: 'block', source: '/dev/vg/lv' }],
    ['btrfs:/sub', { type: 'mount', source: '/sub' }],
  ])('%s', (path, expected) => {
    expect(read('', path).filesystems[0]).toMatchObject({ ...expected, target: '/' });
  });

  test.each(['zfs:tank/x', 'rbd:pool/x', 'nbd:/img:1'])('%s is kept for the print, and a start refuses it', (path) => {
    const spec = read('', path);
    expect(spec.filesystems).toEqual([]);
    expect(spec.kept).toEqual([{ format: 'lxc', key: 'lxc.rootfs.path', value: path }]);
    expect(spec.refusals).toEqual([`lxc.rootfs.path asks for storage of type ${path.split(':')[0]}`]);
  });

  test('options of its mount', () => {
    expect(read('lxc.rootfs.options = ro,nosuid,idmap=container\n').filesystems[0]).toEqual({
      type: 'mount',
      source: '/srv/web',
      target: '/',
      readonly: true,
      flags: ['nosuid'],
      accessMode: 'mapped',
    });
  });
});

describe('mounts', () => {
  const mount = (entry: string) => read(`lxc.mount.entry = ${entry}\n`).filesystems[1];

  test.each([
    [
      '/a b none bind 0 0',
      { type: 'mount', source: '/a', target: '/b', readonly: false, flags: [], accessMode: 'passthrough' },
    ],
    [
      '/a\\040b c\\134d none rbind,ro,nosuid',
      { source: '/a b', target: '/c\\d', recursive: true, readonly: true, flags: ['nosuid'] },
    ],
    ['dev/null proc/kcore none bind,relative', { type: 'bind', source: '/dev/null', target: '/proc/kcore' }],
    ['/a /srv/web/b none bind', { target: '/b' }],
    ['/a /srv/webb none bind', { target: '/srv/webb' }],
    [
      'tmpfs tmp tmpfs size=8m,mode=1777,nr_inodes=5k,optional,create=dir',
      { type: 'ram', sizeBytes: 8388608, mode: 0o1777, data: 'nr_inodes=5k', optional: true, create: 'dir' },
    ],
    ['tmpfs tmp tmpfs size=10%', { type: 'ram', data: 'size=10%' }],
    [
      '/dev/sdb1 data ext4 noatime,discard',
      { type: 'block', source: '/dev/sdb1', fstype: 'ext4', flags: ['noatime'], data: 'discard' },
    ],
    ['proc dev/.lxc/proc proc create=dir,optional', { type: 'special', fstype: 'proc', target: '/dev/.lxc/proc' }],
    ['/a b none bind,idmap=container,rslave', { accessMode: 'mapped', propagation: 'rslave' }],
  ])('%s', (entry, expected) => {
    expect(mount(entry)).toMatchObject(expected);
  });

  test('what ctr mounts by itself is told by words or by entries, and words count more', () => {
    const mounts = (text: string) => read(text).kernelMounts;
    expect(mounts('lxc.mount.auto = proc:rw sys cgroup:ro\n')).toEqual({
      proc: 'writable',
      sys: 'mixed',
      cgroup: 'readonly',
    });
    expect(mounts('lxc.mount.auto = proc:rw\nlxc.mount.auto = proc:mixed\n')).toMatchObject({ proc: 'guarded' });
    expect(
      mounts('lxc.mount.entry = proc proc proc nodev,rw 0 0\nlxc.mount.entry = sysfs sys sysfs defaults\n'),
    ).toMatchObject({
      proc: 'writable',
      sys: 'mixed',
    });
    expect(mounts('lxc.mount.auto = sys:ro\nlxc.mount.entry = sysfs sys sysfs rw\n')).toMatchObject({
      sys: 'readonly',
    });
    expect(mounts('lxc.autodev = 0\nlxc.autodev.tmpfs.size = 100000\n')).toMatchObject({
      dev: 'none',
      devSizeBytes: 100000,
    });
  });

  test('what cannot be given is kept, and a start refuses it', () => {
    const spec = read('lxc.mount.entry = /a b none bind,idmap=/proc/1/ns/user\nlxc.mount.entry = proc proc proc ro\n');
    expect(spec.refusals).toEqual([
      "lxc.mount.entry asks for the id map '/proc/1/ns/user' of the mount on '/b'",
      'lxc.mount.entry asks for a read-only /proc',
    ]);
    expect(spec.kept).toHaveLength(2);
  });
});

describe('networks', () => {
  const links = (text: string) => read(text).interfaces;

  test('types and what they need', () => {
    expect(links('lxc.net.0.type = veth\nlxc.net.0.link = br0\nlxc.net.0.flags = up\n')).toMatchObject([
      { type: 'bridge', source: 'br0', linkState: 'up' },
    ]);
    expect(links('lxc.net.0.type = veth\nlxc.net.0.veth.ipv4.route = 10.0.0.0/8\n')).toMatchObject([
      { type: 'ethernet', linkState: 'down', hostRoutes: [{ family: 'ipv4', address: '10.0.0.0', prefix: 8 }] },
    ]);
    expect(links('lxc.net.0.type = macvlan\nlxc.net.0.link = e\n')).toMatchObject([
      { type: 'direct', mode: 'private' },
    ]);
    expect(links('lxc.net.0.type = macvlan\nlxc.net.0.link = e\nlxc.net.0.macvlan.mode = passthru\n')).toMatchObject([
      { mode: 'passthrough' },
    ]);
    expect(links('lxc.net.0.type = ipvlan\nlxc.net.0.link = e\n')).toMatchObject([{ type: 'ipvlan', mode: 'l3' }]);
    expect(links('lxc.net.0.type = vlan\nlxc.net.0.link = e\nlxc.net.0.vlan.id = 5\n')).toMatchObject([
      { type: 'vlan', vlanId: 5 },
    ]);
    expect(links('lxc.net.0.type = phys\nlxc.net.0.link = e\n')).toMatchObject([
      { type: 'phys', source: 'e', guestName: 'e' },
    ]);
  });

  test('in the order of their numbers', () => {
    expect(
      links('lxc.net.7.type = veth\nlxc.net.7.name = b\nlxc.net.1.type = veth\nlxc.net.1.name = a\n').map(
        ({ guestName }) => guestName,
      ),
    ).toEqual(['a', 'b']);
  });

  test('addresses and default routes', () => {
    const [link] = links(
      'lxc.net.0.type = veth\nlxc.net.0.ipv4.address = 10.1.2.3\nlxc.net.0.ipv4.address = 10.1.2.4/24 10.1.2.255\nlxc.net.0.ipv6.address = 2001:DB8::1\nlxc.net.0.ipv4.gateway = 10.1.2.1\nlxc.net.0.ipv6.gateway = dev\n',
    );
    expect(link?.ips).toEqual([
      { family: 'ipv4', address: '10.1.2.3', prefix: 8 },
      { family: 'ipv4', address: '10.1.2.4', prefix: 24, broadcast: '10.1.2.255' },
      { family: 'ipv6', address: '2001:db8::1', prefix: 64 },
    ]);
    expect(link?.routes).toEqual([
      { family: 'ipv4', address: '0.0.0.0', prefix: 0, gateway: '10.1.2.1' },
      { family: 'ipv6', address: '::', prefix: 0 },
    ]);
  });

  test("only 'none' alone shares the host's", () => {
    const shape = (text: string) => {
      const { features, namespaces, interfaces } = read(text);
      return [features.privnet, namespaces?.net?.kind, interfaces.length];
    };
    expect(shape('')).toEqual([true, undefined, 0]);
    expect(shape('lxc.net.0.type = empty\n')).toEqual([true, undefined, 0]);
    expect(shape('lxc.net.0.type = none\n')).toEqual([false, 'host', 0]);
    expect(shape('lxc.net.0.type = none\nlxc.net.1.type = veth\n')).toEqual([false, undefined, 1]);
    expect(shape('lxc.net.0.type = none\nlxc.net.1.type = empty\n')).toEqual([true, undefined, 0]);
    expect(shape('lxc.namespace.share.net = other\n')).toEqual([false, 'container', 0]);
  });

  test('digits of an address that are made up are the same at every reading, and make a unicast address', () => {
    const mac = (name: string) =>
      readLxc(`lxc.net.0.type = veth\nlxc.net.0.hwaddr = xx:xx:6A:00:00:1x\n`, { file: 'c', name, rootfs: '/r' })
        .definition?.spec.interfaces[0]?.mac;
    expect(mac('web')).toMatch(/^[0-9a-f][26ae]:[0-9a-f]{2}:6a:00:00:1[0-9a-f]$/);
    expect(mac('web')).toBe(mac('web'));
    expect(mac('web')).not.toBe(mac('db'));
  });

  test('a second type begins the network anew', () => {
    expect(links('lxc.net.0.type = veth\nlxc.net.0.link = br0\nlxc.net.0.type = veth\n')).toMatchObject([
      { type: 'ethernet' },
    ]);
  });
});

describe('rights', () => {
  test('ids inside come first, and ranges are sorted by them', () => {
    expect(read('lxc.idmap = u 1000 5000 10\nlxc.idmap = u 0 100000 1000\nlxc.idmap = g 0 200000 5\n').idmap).toEqual({
      uid: [
        { inside: 0, outside: 100000, count: 1000 },
        { inside: 1000, outside: 5000, count: 10 },
      ],
      gid: [{ inside: 0, outside: 200000, count: 5 }],
    });
  });

  test('capabilities', () => {
    const capabilities = (text: string) => read(text).features.capabilities;
    expect(capabilities('lxc.cap.drop = sys_module 16 mac_admin\n')).toEqual({
      policy: 'allow',
      states: [
        { name: 'sys_module', state: 'off' },
        { name: 'mac_admin', state: 'off' },
      ],
    });
    expect(capabilities('lxc.cap.keep = chown none kill\n')).toEqual({
      policy: 'deny',
      states: [{ name: 'kill', state: 'on' }],
    });
    expect(capabilities('lxc.cap.keep = none\n')).toEqual({ policy: 'deny', states: [] });
    expect(capabilities('lxc.cap.keep = chown\nlxc.cap.keep = none\nlxc.cap.keep = kill\n').states).toEqual([
      { name: 'kill', state: 'on' },
    ]);
  });

  test("rules for system calls are ctr's, none by name, or those of a file", () => {
    expect(read('lxc.seccomp.profile =\n').security.seccomp).toBe('os');
    expect(read('lxc.seccomp.profile = none\n').security.seccomp).toBe('none');
    expect(read('lxc.seccomp.profile = /deny\n').security.seccomp).toEqual({
      file: '/deny',
      defaultAction: 'allow',
      rules: [{ names: ['mknod'], action: 'errno', errno: 0 }],
    });
  });

  test('labels', () => {
    const labels = (text: string) => read(text).security.labels;
    expect(labels('lxc.apparmor.profile = mine\n')).toEqual([{ model: 'apparmor', type: 'static', label: 'mine' }]);
    expect(labels('lxc.apparmor.profile = unconfined\nlxc.selinux.context = a:b:c\n')).toEqual([
      { model: 'apparmor', type: 'none' },
      { model: 'selinux', type: 'static', label: 'a:b:c' },
    ]);
    expect(labels('lxc.aa_profile = generated\n')).toEqual([{ model: 'apparmor', type: 'dynamic', optional: true }]);
  });
});

import { expect, test } from 'vitest';
import { formatLxc } from '../../../../src/config/lxc/format-lxc.js';
import { readLxc } from '../../../../src/config/lxc/read-lxc.js';
import type { ContainerSpec } from '../../../../src/config/spec.js';

const SPEC: ContainerSpec = {
  format: 'libvirt',
  name: 'web',
  memory: { totalBytes: 64 * 1024 * 1024, swapHardLimitBytes: 65 * 1024 * 1024 },
  cpu: { count: 1, shares: 512, quotaUs: -1, periodUs: 100000 },
  init: { path: '/sbin/init', args: [], env: [{ name: 'A', value: ' b' }], user: 'www' },
  features: { privnet: false, capabilities: { policy: 'default', states: [{ name: 'mknod', state: 'on' }] } },
  filesystems: [
    { type: 'mount', source: '/srv/web', target: '/', readonly: false, accessMode: 'mapped' },
    { type: 'mount', source: '/a b', target: '/data', readonly: true, accessMode: 'passthrough' },
    { type: 'bind', source: '/data/x', target: '/x', readonly: false },
    { type: 'ram', target: '/tmp', sizeBytes: 1024, readonly: false },
    { type: 'inaccessible', target: '/secret', readonly: false },
  ],
  interfaces: [],
  consoles: [{ type: 'pty' }, { type: 'pty' }],
  lifecycle: { onPoweroff: 'destroy', onReboot: 'restart', onCrash: 'destroy', stopSignal: 'TERM' },
  security: { seccomp: 'none', masks: true, nesting: false },
};

test('a container of another format, with all that LXC has a word for', () => {
  expect(formatLxc(SPEC)).toBe(`lxc.uts.name = web
lxc.environment = A= b
lxc.signal.halt = SIGTERM
lxc.rootfs.path = /srv/web
lxc.rootfs.options = idmap=container
lxc.mount.auto = proc:mixed sys:ro cgroup:ro
lxc.mount.entry = /a\\040b data none bind,ro,nosuid,nodev 0 0
lxc.mount.entry = data/x x none bind,relative 0 0
lxc.mount.entry = tmpfs tmp tmpfs nosuid,nodev,size=1024 0 0
lxc.tty.max = 1
lxc.net.0.type = none
lxc.cap.drop = sys_module sys_time audit_control mac_admin
lxc.seccomp.profile = none
lxc.cgroup2.memory.max = 67108864
lxc.cgroup2.memory.swap.max = 1048576
lxc.cgroup2.cpu.max = max 100000
lxc.cgroup.cpu.shares = 512
`);
});

test('links of all types', () => {
  const common = { ips: [], routes: [], hostIps: [], hostRoutes: [] };
  const print = formatLxc({
    ...SPEC,
    interfaces: [
      { ...common, type: 'network', source: 'default', ips: [{ family: 'ipv4', address: '10.0.0.5', prefix: 8 }] },
      { ...common, type: 'direct', source: 'eth0', mode: 'passthrough', linkState: 'down', mtu: 1400 },
      {
        ...common,
        type: 'vlan',
        source: 'eth0',
        vlanId: 5,
        routes: [{ family: 'ipv6', address: '::', prefix: 0, gateway: 'fe80::1' }],
      },
      { ...common, type: 'phys', source: 'eth1', guestName: 'lan' },
    ],
  });
  expect(print.split('\n').filter((line) => line.startsWith('lxc.net'))).toEqual([
    'lxc.net.0.type = veth',
    'lxc.net.0.link = default',
    'lxc.net.0.flags = up',
    'lxc.net.0.ipv4.address = 10.0.0.5/8',
    'lxc.net.1.type = macvlan',
    'lxc.net.1.link = eth0',
    'lxc.net.1.mtu = 1400',
    'lxc.net.1.macvlan.mode = passthru',
    'lxc.net.2.type = vlan',
    'lxc.net.2.link = eth0',
    'lxc.net.2.vlan.id = 5',
    'lxc.net.2.ipv6.gateway = fe80::1',
    'lxc.net.3.type = phys',
    'lxc.net.3.link = eth1',
    'lxc.net.3.name = lan',
  ]);
});

test('a value that no line can say is left out, and one that looks quoted gets quotes of its own', () => {
  const env = ['A=1\n2', '"x"', ' y '].map((name) => ({ name, value: '' }));
  const print = formatLxc({ ...SPEC, init: { ...SPEC.init, env: [{ name: "'q'", value: "'" }, ...env] } });
  expect(print).not.toContain('A=1');
  const { definition } = readLxc(print, { file: 'config' });
  expect(definition?.spec.init.env).toEqual([
    { name: "'q'", value: "'" },
    { name: '"x"', value: '' },
    { name: ' y ', value: '' },
  ]);
});

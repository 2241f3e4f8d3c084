/** Specs and hosts that the tests of plans share. */
import type { ContainerSpec } from '../../../src/config/spec.js';
import type { CgroupLayout, HostFacts } from '../../../src/system/host-facts.js';

export const UUID = '6e1c1f0e-4a53-4d7a-9c36-2d0b7a7b9f10';

/** The least a container says: the host's root, one console, no namespace that is not always there. */
export const MINIMAL: ContainerSpec = {
  format: 'libvirt',
  name: 'vm1',
  memory: { totalBytes: 512_000_000 },
  cpu: { count: 1 },
  init: { path: '/bin/sh', args: [], env: [] },
  features: { privnet: false, capabilities: { policy: 'default', states: [] } },
  filesystems: [],
  interfaces: [],
  consoles: [{ type: 'pty' }],
  lifecycle: { onPoweroff: 'destroy', onReboot: 'restart', onCrash: 'destroy' },
  security: { seccomp: 'os', masks: true, nesting: false },
};

/** A whole system as `bootstrap` makes it. */
export const SYSTEM: ContainerSpec = {
  ...MINIMAL,
  name: 'web',
  memory: { totalBytes: 64 * 1024 * 1024 },
  pids: { max: 256 },
  init: { path: '/sbin/init', args: [], env: [] },
  idmap: {
    uid: [{ inside: 0, outside: 1_000_000, count: 65_536 }],
    gid: [{ inside: 0, outside: 1_000_000, count: 65_536 }],
  },
  filesystems: [
    { type: 'mount', source: '/var/lib/ctr/containers/web/rootfs', target: '/', readonly: false, accessMode: 'mapped' },
  ],
  interfaces: [
    { type: 'network', source: 'default', mac: '52:54:00:6b:3c:58', ips: [], routes: [], hostIps: [], hostRoutes: [] },
  ],
};

/** Something of everything. */
export const FULL: ContainerSpec = {
  ...SYSTEM,
  name: 'all.of-it',
  memory: {
    totalBytes: 512 * 1024 * 1024,
    hardLimitBytes: 256 * 1024 * 1024,
    softLimitBytes: 128 * 1024 * 1024,
    swapHardLimitBytes: 384 * 1024 * 1024,
  },
  cpu: { count: 2, cpuset: '0-1', shares: 512, periodUs: 50_000, quotaUs: 25_000 },
  blkio: { weight: 200 },
  arch: 'i686',
  init: {
    path: '/usr/bin/app server',
    args: ['--name', 'two words'],
    env: [
      { name: 'TERM', value: 'vt100' },
      { name: 'GREETING', value: 'hello world' },
    ],
    dir: '/srv',
    user: 'app',
    group: '+100',
    cmdline: 'quiet',
  },
  features: {
    privnet: true,
    capabilities: {
      policy: 'default',
      states: [
        { name: 'mknod', state: 'on' },
        { name: 'net_raw', state: 'off' },
      ],
    },
  },
  filesystems: [
    { type: 'mount', source: '/srv/roots/all', target: '/', readonly: true, accessMode: 'passthrough' },
    { type: 'mount', source: '/srv/data', target: '/data', readonly: false, accessMode: 'mapped' },
    { type: 'bind', source: '/data/log', target: '/var/log', readonly: true },
    { type: 'ram', target: '/tmp', sizeBytes: 1_048_576, readonly: false },
  ],
  interfaces: [
    {
      type: 'bridge',
      source: 'br0',
      ips: [{ family: 'ipv4', address: '192.0.2.10', prefix: 24 }],
      routes: [{ family: 'ipv4', address: '0.0.0.0', prefix: 0, gateway: '192.0.2.1' }],
      hostIps: [],
      hostRoutes: [],
    },
    {
      type: 'ethernet',
      guestName: 'lan0',
      targetName: 'all-lan0',
      linkState: 'up',
      ips: [{ family: 'ipv6', address: '2001:db8::10', prefix: 64 }],
      routes: [{ family: 'ipv6', address: '2001:db8:1::5', prefix: 48, gateway: '2001:db8::1', metric: 50 }],
      hostIps: [{ family: 'ipv4', address: '198.51.100.1', prefix: 32, peer: '198.51.100.2' }],
      hostRoutes: [{ family: 'ipv4', address: '203.0.113.0', prefix: 24, gateway: '198.51.100.2' }],
    },
  ],
  consoles: [{ type: 'pty' }, { type: 'pty' }, { type: 'pty' }],
  lifecycle: { onPoweroff: 'destroy', onReboot: 'destroy', onCrash: 'destroy', stopSignal: 'RTMIN+3' },
};

/** Every word for what is mounted, and for devices. */
export const MOUNTS: ContainerSpec = {
  ...SYSTEM,
  name: 'mounts',
  filesystems: [
    {
      type: 'file',
      source: '/srv/root.img',
      target: '/',
      readonly: false,
      accessMode: 'mapped',
      fstype: 'ext4',
      data: 'errors=remount-ro',
    },
    {
      type: 'mount',
      source: '/srv/a',
      target: '/a',
      readonly: true,
      accessMode: 'owner',
      recursive: true,
      flags: ['noexec', 'noatime'],
      propagation: 'rshared',
      optional: false,
    },
    { type: 'mount', source: '/srv/b', target: '/b', readonly: false, accessMode: 'root', optional: true },
    { type: 'bind', source: '/a', target: '/c', readonly: false, recursive: true, propagation: 'slave' },
    { type: 'ram', target: '/tmp', readonly: false, mode: 0o1777, data: 'size=10%,uid=7' },
    { type: 'block', source: '/dev/vdb', target: '/disk', readonly: true },
    { type: 'special', fstype: 'mqueue', source: 'mqueue', target: '/dev/mqueue', readonly: false },
    { type: 'overlay', lowers: ['/srv/low', '+/usr'], target: '/usr', readonly: false },
    { type: 'overlay', lowers: ['/srv/low'], upper: '/srv/up', target: '/kept', readonly: false },
    { type: 'inaccessible', target: '/proc/kallsyms', readonly: false, optional: true },
  ],
  rootMode: 'overlay',
  kernelMounts: { proc: 'writable', sys: 'mixed', cgroup: 'writable', devSizeBytes: 4096 },
  devices: {
    nodes: [
      { path: '/dev/sda', kind: 'block', source: '/srv/disk.img', loop: true, access: 'r' },
      { path: '/dev/net/tun', kind: 'char', numbers: { major: 10, minor: 200 }, mode: 0o666, access: 'rwm' },
      { path: '/dev/kvm', kind: 'char', source: '/dev/kvm', gid: 5, access: 'rw' },
    ],
  },
  hostFiles: { resolvConf: 'bind-host', timezone: 'auto', linkJournal: 'try-host' },
};

export const LAYOUTS = {
  v1: {
    v1: {
      memory: '/sys/fs/cgroup/memory',
      pids: '/sys/fs/cgroup/pids',
      devices: '/sys/fs/cgroup/devices',
      cpuset: '/sys/fs/cgroup/cpuset',
      cpu: '/sys/fs/cgroup/cpu,cpuacct',
      cpuacct: '/sys/fs/cgroup/cpu,cpuacct',
      blkio: '/sys/fs/cgroup/blkio',
      freezer: '/sys/fs/cgroup/freezer',
      'name=systemd': '/sys/fs/cgroup/systemd',
    },
  },
  hybrid: {
    v1: {
      memory: '/sys/fs/cgroup/memory',
      pids: '/sys/fs/cgroup/pids',
      devices: '/sys/fs/cgroup/devices',
      cpuset: '/sys/fs/cgroup/cpuset',
      cpu: '/sys/fs/cgroup/cpu',
      cpuacct: '/sys/fs/cgroup/cpuacct',
      blkio: '/sys/fs/cgroup/blkio',
      freezer: '/sys/fs/cgroup/freezer',
    },
    v2: { mountpoint: '/sys/fs/cgroup/unified', base: '', controllers: ['hugetlb'], freezes: true },
  },
  v2: {
    v1: {},
    v2: {
      mountpoint: '/sys/fs/cgroup',
      base: 'user.slice/ctr.service',
      controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'],
      freezes: true,
    },
  },
  none: { v1: {} },
} as const satisfies Record<string, CgroupLayout>;

export type LayoutName = keyof typeof LAYOUTS;

/** An x86_64 host with these cgroups. */
export function makeHost(layout: LayoutName, changes: Partial<HostFacts> = {}): HostFacts {
  return {
    kernelRelease: '6.1.0',
    arch: 'x86_64',
    lastCapability: 40,
    cgroups: LAYOUTS[layout],
    cgroupPrefix: 'ctr',
    containerStateDir: '/var/lib/ctr/containers/x',
    securityfs: true,
    seccomp: true,
    ...changes,
  };
}

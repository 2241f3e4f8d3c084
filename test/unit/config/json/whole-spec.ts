import type { ContainerSpec } from '../../../../src/config/spec.js';

/** Objects with every property they may have. */
type Whole<T> = T extends readonly (infer Item)[]
  ? readonly Whole<Item>[]
  : T extends object
    ? { readonly [K in keyof T]-?: Whole<Exclude<T[K], undefined>> }
    : T;

const mount = {
  readonly: true,
  flags: ['nosuid', 'nosymfollow'],
  propagation: 'rslave',
  optional: true,
  create: 'dir',
} as const;

const content = { fstype: 'ext4', data: 'noload', accessMode: 'mapped' } as const;

/** A spec in which each property of the model stands; the compiler says when one is missing. Its parts need not fit together. */
export const WHOLE: Omit<Whole<ContainerSpec>, 'idRange'> = {
  format: 'lxc',
  name: 'web',
  uuid: '6e1c1f0e-4a53-4d7a-9c36-2d0b7a7b9f10',
  title: 'Web',
  description: 'two\nlines',
  hostname: 'web.example',
  domainname: 'example',
  memory: { totalBytes: 1, hardLimitBytes: 2, softLimitBytes: 3, swapHardLimitBytes: 4 },
  cpu: { count: 2, cpuset: '0-1', shares: 512, periodUs: 1000, quotaUs: -1 },
  blkio: {
    weight: 10,
    devices: [{ path: '/dev/sda', weight: 1, readIopsSec: 2, writeIopsSec: 3, readBytesSec: 4, writeBytesSec: 5 }],
  },
  numa: { mode: 'strict', nodeset: '0' },
  pids: { max: 9 },
  cgroupFiles: [{ version: 1, file: 'cpu.cfs_burst_us', value: '5', twin: 'cpu.max.burst' }],
  partition: '/machine',
  arch: 'x86_64',
  init: {
    path: '/sbin/init',
    fallbacks: ['/bin/sh'],
    argv0: 'init',
    args: ['a', ''],
    reaper: true,
    env: [{ name: 'A', value: '' }],
    dir: '/srv',
    user: 'app',
    group: '100',
    supplementaryGids: [7],
    cmdline: 'quiet',
  },
  idmap: {
    uid: [{ inside: 0, outside: 100_000, count: 65_536 }],
    gid: [{ inside: 0, outside: 100_000, count: 65_536 }],
  },
  namespaces: {
    net: { kind: 'netns', name: 'blue' },
    ipc: { kind: 'host' },
    uts: { kind: 'own' },
    pid: { kind: 'pid', pid: 7 },
    user: { kind: 'path', path: '/proc/7/ns/user' },
    cgroup: { kind: 'container', name: 'db' },
    mnt: { kind: 'own' },
    time: { kind: 'own' },
  },
  features: {
    privnet: true,
    capabilities: {
      policy: 'deny',
      states: [{ name: 'kill', state: 'on' }],
      ambient: ['kill'],
      effective: ['kill'],
      permitted: ['kill'],
      inheritable: [],
    },
  },
  filesystems: [
    { type: 'mount', source: '/srv/root', target: '/', accessMode: 'mapped', recursive: true, ...mount },
    { type: 'bind', source: '/a', target: '/b', recursive: false, ...mount },
    { type: 'ram', target: '/tmp', sizeBytes: 1024, mode: 0o1777, copyUp: true, data: 'nr_inodes=4', ...mount },
    { type: 'block', source: '/dev/sda1', target: '/data', ...content, ...mount },
    { type: 'file', source: '/disk.img', target: '/disk', format: 'raw', driver: 'loop', ...content, ...mount },
    { type: 'special', source: 'mqueue', fstype: 'mqueue', target: '/dev/mqueue', data: 'x', ...mount },
    { type: 'overlay', lowers: ['/l', '+/m'], upper: '/u', target: '/o', ...mount },
    { type: 'inaccessible', target: '/secret', ...mount },
    { type: 'template', source: 'fedora', volume: 'v', target: '/t', ...mount },
  ],
  rootMode: 'overlay',
  kernelMounts: { proc: 'writable', sys: 'mixed', cgroup: 'none', dev: 'own', devSizeBytes: 65_536 },
  devices: {
    nodes: [
      {
        path: '/dev/x',
        kind: 'block',
        source: '/dev/loop7',
        numbers: { major: 7, minor: 7 },
        loop: true,
        mode: 0o660,
        uid: 0,
        gid: 6,
        access: 'rw',
      },
    ],
    rules: [{ allow: false, kind: 'all', major: 1, minor: 2, access: 'rwm' }],
  },
  interfaces: [
    {
      type: 'vlan',
      source: 'eth0',
      mode: 'l2',
      vlanId: 5,
      bridgeOnDemand: true,
      mtu: 1400,
      mac: '52:54:00:00:00:01',
      guestName: 'eth0',
      targetName: 'web0',
      linkState: 'up',
      ips: [{ family: 'ipv4', address: '192.0.2.1', prefix: 24, peer: '192.0.2.2', broadcast: '192.0.2.255' }],
      routes: [{ family: 'ipv6', address: '::', prefix: 0, gateway: 'fe80::1', metric: 5 }],
      hostIps: [],
      hostRoutes: [],
    },
  ],
  ports: [{ protocol: 'tcp', host: 8080, container: 80 }],
  consoles: [{ type: 'pty' }],
  lifecycle: {
    onPoweroff: 'destroy',
    onReboot: 'restart',
    onCrash: 'coredump-destroy',
    stopSignal: 'RTMIN+3',
    rebootSignal: 'INT',
    killSignal: 'KILL',
    notifyReady: true,
  },
  autostart: { enabled: true, delaySeconds: 5, order: -1, groups: ['a'] },
  process: {
    rlimits: [{ name: 'nofile', soft: 1024, hard: 'infinity' }],
    oomScoreAdj: -5,
    cpuAffinity: '0',
    nice: 5,
    umask: 0o22,
    sysctls: [{ name: 'net.ipv4.ip_forward', value: '1' }],
    procFiles: [{ file: 'oom_score_adj', value: '1' }],
    suppressSync: true,
    terminal: false,
    timeOffsets: { monotonicNs: '-5', boottimeNs: '86400000000000' },
  },
  hooks: [
    {
      when: 'start-host',
      path: '/bin/busybox',
      argv0: 'touch',
      args: ['/x'],
      env: [{ name: 'A', value: 'b=c' }],
      timeoutSeconds: 5,
      convention: 'oci',
    },
  ],
  security: {
    seccomp: {
      defaultAction: 'errno',
      defaultErrno: 38,
      architectures: ['SCMP_ARCH_X86_64'],
      flags: ['SECCOMP_FILTER_FLAG_LOG'],
      file: '/etc/profile',
      rules: [
        {
          names: ['clone'],
          action: 'trace',
          errno: 1,
          args: [{ index: 0, op: 'masked-eq', value: '18446744073709551615', valueTwo: 0 }],
        },
      ],
    },
    masks: true,
    maskedPaths: ['/proc/x'],
    readonlyPaths: ['/proc/y'],
    nesting: false,
    noNewPrivs: true,
    labels: [{ model: 'selinux', type: 'static', label: 'a:b:c', baselabel: 'd', relabel: true, optional: true }],
  },
  hostFiles: { resolvConf: 'copy-host', timezone: 'bind', linkJournal: 'try-guest' },
  kept: [{ format: 'oci', key: 'vm', value: '{}' }],
  annotations: [{ name: '__proto__', value: 'harmless' }],
  refusals: ['it asks for too much'],
};

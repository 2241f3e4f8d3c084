/** A spec with something of each word for processes, namespaces and lifecycle. */
import type { ContainerSpec } from '../../../src/config/spec.js';
import { MINIMAL } from './example-specs.js';

export const PROCESS: ContainerSpec = {
  ...MINIMAL,
  format: 'oci',
  name: 'job',
  hostname: 'job.example',
  domainname: 'lan',
  memory: {},
  cpu: { count: 2, cpuset: '0-1' },
  numa: { mode: 'interleave', nodeset: '0-1' },
  blkio: { devices: [{ path: '/dev/sda', weight: 50, readBytesSec: 1_000_000, writeIopsSec: 100 }] },
  cgroupFiles: [{ version: 2, file: 'cgroup.max.depth', value: '10' }],
  init: {
    path: '/usr/lib/systemd/systemd',
    fallbacks: ['/lib/systemd/systemd', '/sbin/init'],
    argv0: 'init',
    args: ['--system'],
    reaper: true,
    env: [{ name: 'LANG', value: 'C.UTF-8' }],
    user: '1000',
    group: '1000',
    supplementaryGids: [5, 44, 5],
  },
  namespaces: {
    net: { kind: 'container', name: 'web' },
    cgroup: { kind: 'host' },
    pid: { kind: 'path', path: '/proc/99/ns/pid' },
  },
  features: {
    privnet: false,
    capabilities: {
      policy: 'deny',
      states: [
        { name: 'net_bind_service', state: 'on' },
        { name: 'chown', state: 'on' },
      ],
      effective: ['net_bind_service'],
      permitted: ['net_bind_service'],
      ambient: ['net_bind_service'],
    },
  },
  lifecycle: {
    onPoweroff: 'preserve',
    onReboot: 'rename-restart',
    onCrash: 'coredump-restart',
    stopSignal: 'RTMIN+3',
    rebootSignal: 'INT',
    killSignal: 'QUIT',
    notifyReady: true,
  },
  process: {
    rlimits: [
      { name: 'nofile', soft: 1024, hard: 'infinity' },
      { name: 'core', soft: 0, hard: 0 },
    ],
    oomScoreAdj: -100,
    cpuAffinity: '0,2-3',
    nice: -5,
    umask: 0o27,
    sysctls: [
      { name: 'kernel.shmmax', value: '65536' },
      { name: 'fs.mqueue.msg_max', value: '20' },
    ],
    procFiles: [{ file: 'coredump_filter', value: '0x33' }],
    suppressSync: true,
    terminal: false,
    timeOffsets: { boottimeNs: '-1500000000', monotonicNs: '90000000000' },
  },
  hooks: [
    { when: 'pre-start', path: '/usr/share/hook', args: ['a b'], convention: 'lxc' },
    {
      when: 'stop',
      path: '/bin/sh',
      args: ['-c', 'true'],
      convention: 'lxc1',
      env: [{ name: 'X', value: '1' }],
      timeoutSeconds: 5,
    },
    { when: 'create-container', path: '/usr/bin/oci', args: [], convention: 'oci' },
  ],
  security: {
    seccomp: 'none',
    masks: false,
    nesting: false,
    noNewPrivs: true,
    maskedPaths: ['/proc/kcore'],
    readonlyPaths: ['/proc/bus'],
    labels: [{ model: 'apparmor', type: 'static', label: 'ctr-job' }],
  },
  annotations: [{ name: 'org.example.build', value: '7' }],
};

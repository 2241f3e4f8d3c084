import { describe, expect, test } from 'vitest';
import type { ContainerSpec } from '../../../src/config/spec.js';
import { planSysctls } from '../../../src/namespaces/plan-sysctls.js';
import { MINIMAL } from '../container/example-specs.js';

function plan(name: string, changes: Partial<ContainerSpec> = {}) {
  const features = { ...MINIMAL.features, privnet: true };
  return planSysctls({ ...MINIMAL, features, ...changes, process: { sysctls: [{ name, value: '1' }] } });
}

describe('planSysctls', () => {
  test.each([
    ['net.ipv4.ip_forward', 'net/ipv4/ip_forward'],
    ['net/ipv4/conf/eth0.100/forwarding', 'net/ipv4/conf/eth0.100/forwarding'],
    ['net.ipv4.conf.eth0/100.forwarding', 'net/ipv4/conf/eth0.100/forwarding'],
    ['kernel.shmmax', 'kernel/shmmax'],
    ['kernel.shm_rmid_forced', 'kernel/shm_rmid_forced'],
    ['kernel.msgmnb', 'kernel/msgmnb'],
    ['kernel.sem', 'kernel/sem'],
    ['fs.mqueue.queues_max', 'fs/mqueue/queues_max'],
  ])('takes %s for %s', (name, path) => {
    expect(plan(name)).toEqual([{ op: 'sysctl', path, value: '1' }]);
  });

  test('sets the names of the uts namespace by their calls', () => {
    expect(plan('kernel.hostname')).toEqual([{ op: 'hostname', name: '1' }]);
    expect(plan('kernel/domainname')).toEqual([{ op: 'domainname', name: '1' }]);
  });

  test.each([
    'kernel.core_pattern',
    'kernel/core_pattern',
    'kernel.modprobe',
    'kernel.shm/../core_pattern',
    'kernel.semantics',
    'kernel.sysrq',
    'net/../kernel/core_pattern',
    'net/./core',
    'net//core',
    'net..core',
    '/proc/sys/net/core',
    'net',
    '',
    'vm.swappiness',
    'fs.mqueue',
    'fs.mqueue.a/b',
    'fs.suid_dumpable',
    'net.ipv4.ip forward',
  ])("refuses '%s'", (name) => {
    expect(() => plan(name)).toThrow(/^cannot start 'vm1': kernel parameter '.*' (is of the host|is no name)/);
  });

  test.each([
    ['net.core.somaxconn', { features: MINIMAL.features }, 'a network namespace'],
    ['net.core.somaxconn', { namespaces: { net: { kind: 'host' } } }, 'a network namespace'],
    ['net.core.somaxconn', { namespaces: { net: { kind: 'container', name: 'x' } } }, 'a network namespace'],
    ['kernel.shmmax', { namespaces: { ipc: { kind: 'host' } } }, 'an ipc namespace'],
    ['fs.mqueue.msg_max', { namespaces: { ipc: { kind: 'pid', pid: 7 } } }, 'an ipc namespace'],
    ['kernel.hostname', { namespaces: { uts: { kind: 'host' } } }, 'a uts namespace'],
  ] as const)('refuses %s of a namespace that is somebody else’s', (name, changes, whose) => {
    expect(() => plan(name, changes as Partial<ContainerSpec>)).toThrow(`belongs to ${whose} that is not its own`);
  });
});

import { expect, test } from 'vitest';
import { listEnforced } from '../../../src/container/check-enforced.js';

const V1 = Object.fromEntries(['memory', 'pids', 'cpu', 'cpuset', 'blkio', 'devices'].map((name) => [name, '/x']));
const V2 = { mountpoint: '/sys/fs/cgroup', base: '', controllers: ['memory', 'pids', 'io'], freezes: true };
const USER = { uid: 1000, gid: 1000, subordinate: { uid: [], gid: [] } };

const absentOf = (host: Parameters<typeof listEnforced>[0]) =>
  listEnforced(host)
    .filter(({ status }) => status !== 'ok')
    .map(({ name }) => name);

test('a host with cgroup v1 holds what its controllers can', () => {
  expect(absentOf({ cgroups: { v1: V1 }, seccomp: true, securityModules: ['apparmor', 'selinux'] })).toEqual([
    'huge pages',
  ]);
});

test('a host with cgroup v2 alone has device rules by a program', () => {
  expect(absentOf({ cgroups: { v1: {}, v2: V2 }, seccomp: true, securityModules: ['apparmor'] })).toEqual([
    'cpu time',
    'cpus',
    'huge pages',
    'SELinux',
  ]);
});

test('what is missing is told with its reason', () => {
  const items = listEnforced({ user: USER, cgroups: { v1: {} }, seccomp: false });
  const said = (name: string) => items.find((item) => item.name === name);
  expect(said('memory')).toMatchObject({
    status: 'absent',
    detail: "no cgroup controller 'memory' is delegated to you",
  });
  expect(said('devices')).toMatchObject({ status: 'ok' });
  expect(said('system calls')).toMatchObject({ status: 'absent' });
  expect(said('AppArmor')).toMatchObject({ status: 'absent', detail: expect.stringContaining('is refused') });
});

import { describe, expect, test } from 'vitest';
import type { ContainerSpec } from '../../../src/config/spec.js';
import { CLONE } from '../../../src/exec/plan.js';
import { mapId, mapRoot } from '../../../src/namespaces/map-id.js';
import { hasOwnNetwork, planHostname, planNamespaces } from '../../../src/namespaces/plan-namespaces.js';
import { MINIMAL, SYSTEM } from '../container/example-specs.js';

const ALWAYS = CLONE.NEWPID | CLONE.NEWUTS | CLONE.NEWIPC | CLONE.NEWCGROUP;

describe('planNamespaces', () => {
  test('gives every container pid, uts, ipc and cgroup namespaces', () => {
    expect(planNamespaces(MINIMAL)).toEqual([{ op: 'clone', flags: ALWAYS }]);
  });

  test('adds the network namespace for an interface, and for privnet alone', () => {
    expect(hasOwnNetwork(MINIMAL)).toBe(false);
    expect(planNamespaces({ ...MINIMAL, interfaces: SYSTEM.interfaces })).toEqual([
      { op: 'clone', flags: ALWAYS | CLONE.NEWNET },
    ]);
    expect(planNamespaces({ ...MINIMAL, features: { ...MINIMAL.features, privnet: true } })).toEqual([
      { op: 'clone', flags: ALWAYS | CLONE.NEWNET },
    ]);
  });

  test('adds the user namespace with the id map, users before groups', () => {
    const idmap = {
      uid: [
        { inside: 0, outside: 1000, count: 1 },
        { inside: 1, outside: 5000, count: 10 },
      ],
      gid: [{ inside: 0, outside: 2000, count: 1 }],
    };
    expect(planNamespaces({ ...MINIMAL, idmap })).toEqual([
      { op: 'clone', flags: ALWAYS | CLONE.NEWUSER },
      { op: 'idmap', kind: 'uid', inside: 0, outside: 1000, count: 1 },
      { op: 'idmap', kind: 'uid', inside: 1, outside: 5000, count: 10 },
      { op: 'idmap', kind: 'gid', inside: 0, outside: 2000, count: 1 },
    ]);
  });
});

describe('planNamespaces of what is shared', () => {
  const plan = (changes: Partial<ContainerSpec>) => planNamespaces({ ...MINIMAL, ...changes });

  test('makes no namespace that it joins or leaves as the host has it', () => {
    const namespaces = {
      net: { kind: 'netns', name: 'blue' },
      uts: { kind: 'host' },
      cgroup: { kind: 'own' },
    } as const;
    expect(plan({ namespaces })).toEqual([
      { op: 'clone', flags: CLONE.NEWPID | CLONE.NEWIPC | CLONE.NEWCGROUP },
      { op: 'namespace', kind: 'net', from: 'path', source: '/run/netns/blue' },
    ]);
    expect(hasOwnNetwork({ ...MINIMAL, namespaces: { net: { kind: 'own' } } })).toBe(true);
  });

  test('writes clocks as seconds and what is left, never negative', () => {
    const timeOffsets = { monotonicNs: '1', boottimeNs: '-1500000000' };
    expect(plan({ process: { timeOffsets } }).at(-1)).toEqual({
      op: 'time-namespace',
      monotonic: '0 1',
      boottime: '-2 500000000',
    });
    expect(plan({ namespaces: { time: { kind: 'own' } } }).at(-1)).toMatchObject({ monotonic: '', boottime: '' });
  });

  test.each([
    [{ namespaces: { mnt: { kind: 'host' } } }, 'it shares a mount namespace'],
    [{ namespaces: { user: { kind: 'container', name: 'x' } } }, 'it shares a user namespace'],
    [{ namespaces: { user: { kind: 'own' } } }, 'its user namespace has no id map'],
    [
      { namespaces: { user: { kind: 'host' } }, idmap: SYSTEM.idmap },
      "it has an id map, and the host's user namespace",
    ],
    [
      { namespaces: { net: { kind: 'host' } }, interfaces: SYSTEM.interfaces },
      "it has interfaces, and the host's network",
    ],
    [
      { namespaces: { net: { kind: 'container', name: 'x' } }, interfaces: SYSTEM.interfaces },
      'it has interfaces, and somebody',
    ],
    [{ namespaces: { net: { kind: 'pid', pid: 1 } }, features: { ...MINIMAL.features, privnet: true } }, '(privnet)'],
    [{ namespaces: { ipc: { kind: 'container', name: '../x' } } }, "the ipc namespace of '../x', which is no name"],
    [{ namespaces: { ipc: { kind: 'container', name: 'vm1' } } }, 'it shares its own ipc namespace'],
    [{ namespaces: { ipc: { kind: 'netns', name: 'x' } } }, 'it names a network namespace as its ipc namespace'],
    [{ namespaces: { net: { kind: 'netns', name: '../x' } } }, "'../x' is no name of a network namespace"],
    [{ namespaces: { pid: { kind: 'path', path: 'x' } } }, 'is not absolute'],
    [
      { namespaces: { uts: { kind: 'host' } }, hostname: 'x' },
      'it has a host name, and its uts namespace is not its own',
    ],
    [
      { namespaces: { time: { kind: 'host' } }, process: { timeOffsets: { monotonicNs: '1' } } },
      'its clocks have offsets',
    ],
    [{ process: { timeOffsets: { monotonicNs: '1s' } } }, "'1s' is no offset of a clock"],
  ])('refuses %o', (changes, reason) => {
    expect(() => plan(changes as Partial<ContainerSpec>)).toThrow(reason);
  });
});

describe('planHostname', () => {
  test('takes the names of the configuration as they are, and none for a namespace that is shared', () => {
    expect(planHostname({ name: 'a', hostname: 'b.c', domainname: 'd' })).toEqual([
      { op: 'hostname', name: 'b.c' },
      { op: 'domainname', name: 'd' },
    ]);
    expect(planHostname({ name: 'a', hostname: '' })).toEqual([]);
    expect(planHostname({ name: 'a', namespaces: { uts: { kind: 'host' } } })).toEqual([]);
    expect(() => planHostname({ name: 'a', hostname: 'x'.repeat(65) })).toThrow('is longer than 64 bytes');
  });

  test.each([
    ['web-1', 'web-1'],
    ['my.web_server', 'mywebserver'],
    ['.-web', 'web'],
    ['--web', '-web'],
  ])('makes a host name of %s as libvirt does', (name, hostname) => {
    expect(planHostname({ name })).toEqual([{ op: 'hostname', name: hostname }]);
  });

  test('leaves the host name alone when nothing remains', () => {
    expect(planHostname({ name: '_' })).toEqual([]);
  });
});

describe('mapId', () => {
  const ranges = [
    { inside: 0, outside: 1000, count: 2 },
    { inside: 5, outside: 3000, count: 1 },
  ];

  test.each([
    [0, 1000],
    [1, 1001],
    [2, undefined],
    [4, undefined],
    [5, 3000],
    [6, undefined],
  ])('maps %i to %s', (inside, outside) => {
    expect(mapId(ranges, inside)).toBe(outside);
  });

  test('leaves ids as they are without a map', () => {
    expect(mapId(undefined, 5)).toBe(5);
    expect(mapRoot(undefined)).toEqual({ uid: 0, gid: 0 });
  });

  test('finds root in both maps', () => {
    expect(mapRoot({ uid: ranges, gid: [{ inside: 0, outside: 7, count: 1 }] })).toEqual({ uid: 1000, gid: 7 });
  });
});

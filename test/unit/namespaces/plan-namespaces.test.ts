import { describe, expect, test } from 'vitest';
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

describe('planHostname', () => {
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

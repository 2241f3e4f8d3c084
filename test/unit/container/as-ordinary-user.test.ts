import { describe, expect, test } from 'vitest';
import type { ContainerSpec, InterfaceSpec } from '../../../src/config/spec.js';
import { asOrdinaryUser } from '../../../src/container/as-ordinary-user.js';
import { MINIMAL } from './example-specs.js';

const USER = { uid: 1000, gid: 1000, subordinate: { uid: [], gid: [] } };

const link = (changes: Partial<InterfaceSpec> = {}): InterfaceSpec => ({
  ...{ type: 'network', source: 'default', ips: [], routes: [], hostIps: [], hostRoutes: [] },
  ...changes,
});

const links = (...interfaces: InterfaceSpec[]): ContainerSpec => ({ ...MINIMAL, interfaces });

describe('the interfaces of an ordinary user', () => {
  test('in a network are by a program of his', () => {
    const { interfaces } = asOrdinaryUser(links(link({ guestName: 'wan' })), USER);
    expect(interfaces).toEqual([{ type: 'user', guestName: 'wan', ips: [], routes: [], hostIps: [], hostRoutes: [] }]);
  });

  test.each(['bridge', 'ethernet', 'direct', 'ipvlan', 'vlan', 'phys'] as const)('of type %s need root', (type) => {
    expect(() => asOrdinaryUser(links(link({ type, source: 'br0' })), USER)).toThrow(
      new RegExp(`an interface of type '${type}' needs root`),
    );
  });

  test('are refused where their program can be seen from inside', () => {
    const spec: ContainerSpec = { ...links(link()), namespaces: { pid: { kind: 'host' } } };
    expect(() => asOrdinaryUser(spec, USER)).toThrow(/the program that connects it/);
    expect(asOrdinaryUser({ ...spec, interfaces: [] }, USER).interfaces).toEqual([]);
  });
});

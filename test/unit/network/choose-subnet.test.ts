import { describe, expect, test } from 'vitest';
import { formatAddressBytes, toAddressBytes } from '../../../src/network/address-bytes.js';
import { chooseAddress } from '../../../src/network/choose-address.js';
import { chooseIpv4Subnet, chooseIpv6Subnet, contains, overlaps } from '../../../src/network/choose-subnet.js';

describe('the subnet of a network', () => {
  test('is the same for the same host and name, and another one for others', () => {
    const first = chooseIpv4Subnet('machine default', []);
    expect(first).toEqual(chooseIpv4Subnet('machine default', []));
    expect(first).not.toEqual(chooseIpv4Subnet('machine web', []));
    expect(first?.address).toMatch(/^10\.\d+\.\d+\.1$/);
  });

  test('evades what the host has a route to', () => {
    const first = chooseIpv4Subnet('machine default', []);
    if (first === undefined) throw new Error('none');
    const second = chooseIpv4Subnet('machine default', [first]);
    expect(second && overlaps(first, second)).toBe(false);
    expect(chooseIpv4Subnet('machine default', [{ address: '10.0.0.0', prefix: 8 }])?.address).toMatch(/^172\./);
  });

  test('is none where everything private is taken', () => {
    const taken = [
      { address: '10.0.0.0', prefix: 8 },
      { address: '172.16.0.0', prefix: 12 },
      { address: '192.168.0.0', prefix: 16 },
    ];
    expect(chooseIpv4Subnet('machine default', taken)).toBeUndefined();
  });

  test('of version 6 is a unique local one', () => {
    const { address, prefix } = chooseIpv6Subnet('machine default');
    expect(prefix).toBe(64);
    expect(address).toMatch(/^fd[0-9a-f]{2}:[0-9a-f]{1,4}:[0-9a-f]{1,4}::1$/);
    expect(formatAddressBytes(toAddressBytes(address))).toBe(address);
  });

  test.each([
    ['10.0.0.1', 24, '10.0.0.255', 32, true],
    ['10.0.0.1', 24, '10.0.1.0', 24, false],
    ['10.0.0.0', 8, '10.9.9.9', 24, true],
    ['0.0.0.0', 0, '10.9.9.9', 24, false],
    ['fd00::1', 64, '10.9.9.9', 24, false],
  ])('%s/%i and %s/%i overlap: %s', (a, aBits, b, bBits, expected) => {
    expect(overlaps({ address: a, prefix: aBits }, { address: b, prefix: bBits })).toBe(expected);
  });

  test('contains its own addresses', () => {
    expect(contains({ address: '10.0.0.1', prefix: 24 }, '10.0.0.77')).toBe(true);
    expect(contains({ address: '10.0.0.1', prefix: 24 }, '10.0.1.77')).toBe(false);
  });
});

describe('the address of a container', () => {
  const subnet = { address: '10.0.0.1', prefix: 24 };

  test('is the lowest that is free', () => {
    expect(chooseAddress({ subnet, ranges: [], taken: new Set() })).toBe('10.0.0.2');
    expect(chooseAddress({ subnet, ranges: [], taken: new Set(['10.0.0.2', '10.0.0.3']) })).toBe('10.0.0.4');
  });

  test('lies outside what is lent, where there is room', () => {
    const ranges = [{ start: '10.0.0.2', end: '10.0.0.100' }];
    expect(chooseAddress({ subnet, ranges, taken: new Set() })).toBe('10.0.0.101');
  });

  test('is else the last that is lent', () => {
    const ranges = [{ start: '10.0.0.2', end: '10.0.0.254' }];
    expect(chooseAddress({ subnet, ranges, taken: new Set(['10.0.0.254']) })).toBe('10.0.0.253');
  });

  test('is neither the broadcast address nor one that is not there', () => {
    const small = { address: '10.0.0.1', prefix: 30 };
    expect(chooseAddress({ subnet: small, ranges: [], taken: new Set() })).toBe('10.0.0.2');
    expect(chooseAddress({ subnet: small, ranges: [], taken: new Set(['10.0.0.2']) })).toBeUndefined();
  });

  test('of version 6 as well', () => {
    const taken = new Set(['fd00::2']);
    expect(chooseAddress({ subnet: { address: 'fd00::1', prefix: 64 }, ranges: [], taken })).toBe('fd00::3');
  });
});

import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  defaultPrefix,
  formatIpAddress,
  isNetworkAddress,
  parseIpAddress,
  prefixOfNetmask,
} from '../../../src/config/ip-address.js';

function bytes(text: string): Uint8Array {
  const parsed = parseIpAddress(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

test.each([
  ['192.168.122.1', '192.168.122.1'],
  ['2001:DB8::0001', '2001:db8::1'],
  ['2003:db8:1:0:214:1234:fe0b:3596', '2003:db8:1:0:214:1234:fe0b:3596'],
  ['::', '::'],
  ['::1', '::1'],
  ['fe80::', 'fe80::'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
  ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
])('%s is printed as %s', (text, canonical) => {
  expect(formatIpAddress(bytes(text))).toBe(canonical);
});

test.each([
  '',
  '1',
  '1.2.3',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.4.5',
  ':',
  ':::',
  '1:2',
  '1::2::3',
  '12345::',
  'g::',
  'fe80::1%eth0',
  '1:2:3:4:5:6:7:8::',
  '::1.2.3',
  '1.2.3.4::',
])('%j is no address', (text) => {
  expect(parseIpAddress(text)).toBeUndefined();
});

test('what is printed reads back as the same bytes', () => {
  const octets = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(octets, (address) => {
      expect(bytes(formatIpAddress(address))).toEqual(address);
    }),
  );
});

test("agrees with Node's own reader about what is an address", () => {
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom('0', '1', 'f', ':', '.'), maxLength: 20 }),
  );
  fc.assert(
    fc.property(text, (address) => {
      expect(parseIpAddress(address) !== undefined).toBe(isIP(address) !== 0);
    }),
  );
});

test.each([
  ['0.0.0.0', 0],
  ['10.1.2.3', 8],
  ['172.16.0.1', 16],
  ['192.168.0.1', 24],
  ['224.0.0.1', undefined],
  ['::', 0],
  ['2001:db8::1', 64],
])('%s has the prefix %s when none is given', (text, prefix) => {
  expect(defaultPrefix(bytes(text))).toBe(prefix);
});

test.each([
  ['255.255.255.0', 24],
  ['0.0.0.0', 0],
  ['255.255.255.255', 32],
  ['255.0.255.0', undefined],
])('netmask %s is prefix %s', (text, prefix) => {
  expect(prefixOfNetmask(bytes(text))).toBe(prefix);
});

test('a network has no bits behind its prefix', () => {
  expect(isNetworkAddress(bytes('192.168.124.0'), 24)).toBe(true);
  expect(isNetworkAddress(bytes('192.168.124.1'), 24)).toBe(false);
  expect(isNetworkAddress(bytes('192.168.124.128'), 25)).toBe(true);
  expect(isNetworkAddress(bytes('192.168.124.1'), 32)).toBe(true);
  expect(isNetworkAddress(bytes('0.0.0.0'), 0)).toBe(true);
});

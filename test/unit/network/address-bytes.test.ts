import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../../src/exec/format-values.js';
import { toAddressBytes, toMacBytes, toNetworkBytes } from '../../../src/network/address-bytes.js';

describe('toAddressBytes', () => {
  test.each([
    ['0.0.0.0', '00000000'],
    ['192.168.122.1', 'c0a87a01'],
    ['255.255.255.255', 'ffffffff'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['fe80::', 'fe800000000000000000000000000000'],
    ['2001:DB8::a:b', '20010db80000000000000000000a000b'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
  ])('reads %s', (text, hex) => {
    expect(Buffer.from(toAddressBytes(text)).toString('hex')).toBe(hex);
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '01.2.3.4',
    '1.2.3.4 ',
    '0x1.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '1.2.3.4::',
    '::1.2.3',
  ])('refuses %j', (text) => {
    expect(() => toAddressBytes(text)).toThrow(`cannot plan network: '${text}' is no address`);
  });

  test('reads back every address that is printed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(isIPv6(formatAddress(bytes))).toBe(true);
        expect(toAddressBytes(formatAddress(bytes))).toEqual(bytes);
      }),
    );
  });
});

describe('toNetworkBytes', () => {
  test.each([
    ['192.168.122.77', 24, '192.168.122.0'],
    ['192.168.122.77', 32, '192.168.122.77'],
    ['192.168.122.77', 0, '0.0.0.0'],
    ['192.168.122.77', 26, '192.168.122.64'],
    ['2001:db8:ffff::1', 33, '2001:db8:8000::'],
  ])('keeps of %s/%i only the network', (address, prefix, network) => {
    expect(formatAddress(toNetworkBytes(toAddressBytes(address), prefix))).toBe(network);
  });
});

describe('toMacBytes', () => {
  test('reads six bytes', () => {
    expect([...toMacBytes('52:54:00:Ab:cd:EF')]).toEqual([0x52, 0x54, 0, 0xab, 0xcd, 0xef]);
  });

  test.each(['', '52:54:00:ab:cd', '52:54:00:ab:cd:ef:00', '52-54-00-ab-cd-ef', '52:54:0:ab:cd:ef'])(
    'refuses %j',
    (text) => {
      expect(() => toMacBytes(text)).toThrow('is no MAC address');
    },
  );
});

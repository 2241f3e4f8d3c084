import { expect, test } from 'vitest';
import { parseLeases } from '../../../src/network/parse-leases.js';

test('reads leases of both families, and nothing of what is none', () => {
  const text = `1795380361 52:54:00:d0:78:cc 10.77.0.2 web 01:52:54:00:d0:78:cc
0 52:54:00:d0:78:cd 10.77.0.3 * *
duid 00:01:00:01:2c
1795380361 13662412 fd77::140 * 00:01:00:01
garbage
`;
  expect(parseLeases(text)).toEqual([
    {
      expires: 1795380361,
      mac: '52:54:00:d0:78:cc',
      address: '10.77.0.2',
      hostName: 'web',
      clientId: '01:52:54:00:d0:78:cc',
    },
    { mac: '52:54:00:d0:78:cd', address: '10.77.0.3' },
    { expires: 1795380361, address: 'fd77::140', clientId: '00:01:00:01' },
  ]);
  expect(parseLeases('')).toEqual([]);
});

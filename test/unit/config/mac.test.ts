import { expect, test } from 'vitest';
import { deriveMac } from '../../../src/config/mac.js';
import { nameLinks } from '../../../src/network/name-links.js';

const UUID = '8369f1ac-7e46-e869-4ca5-759d51478066';

test('a derived address is unicast, stable and different for each interface', () => {
  const addresses = Array.from({ length: 50 }, (_, index) => deriveMac(UUID, index));
  for (const address of addresses) expect(address).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
  expect(new Set(addresses).size).toBe(50);
  expect(deriveMac(UUID, 0)).toBe(addresses[0]);
});

test('a dump shows the address that the network planner gives', () => {
  const link = { type: 'bridge', source: 'br0', ips: [], routes: [], hostIps: [], hostRoutes: [] } as const;
  const planned = nameLinks([link, link], UUID).map(({ mac }) => mac);
  expect(planned).toEqual([deriveMac(UUID, 0), deriveMac(UUID, 1)]);
});

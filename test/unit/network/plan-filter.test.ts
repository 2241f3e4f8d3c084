import { describe, expect, test } from 'vitest';
import type { InterfaceSpec } from '../../../src/config/spec.js';
import { planFilter } from '../../../src/network/plan-filter.js';

const link = (changes: Partial<InterfaceSpec>) => ({
  spec: { type: 'bridge', source: 'br0', ips: [], routes: [], hostIps: [], hostRoutes: [], ...changes } as const,
  host: 'vc1',
  guest: 'eth0',
  mac: '52:54:00:00:00:01',
});
const CLEAN = { name: 'clean-traffic', addresses: [] } as const;
const IP4 = { family: 'ipv4', address: '192.0.2.7', prefix: 24 } as const;
const IP6 = { family: 'ipv6', address: 'fd00::7', prefix: 64 } as const;

const EXIT = 0x95;

/** Constants of 32 bits that the program compares with. */
function constantsOf(changes: Partial<InterfaceSpec>): Set<number> {
  const [op] = planFilter(link(changes));
  if (op?.op !== 'port-filter') throw new Error('no filter');
  const view = new DataView(op.program.buffer);
  const count = op.program.length / 8;
  return new Set(Array.from({ length: count }, (_, index) => view.getUint32(index * 8 + 4)));
}

describe('planFilter', () => {
  test('is nothing where nothing is asked for', () => {
    expect(planFilter(link({ ips: [IP4] }))).toEqual([]);
  });

  test('is a program of the end on the host that knows the addresses given and those said', () => {
    expect(planFilter(link({ filter: CLEAN, ips: [IP4] }))).toMatchObject([{ op: 'port-filter', link: 'vc1' }]);
    const known = constantsOf({ filter: { ...CLEAN, addresses: ['192.0.2.8'] }, ips: [IP4, IP6] });
    expect(known).toContain(0xc0000207);
    expect(known).toContain(0xc0000208);
    expect(known).toContain(0xfd000000);
    expect(known).not.toContain(0xc0000209);
  });

  test('knows what the kernel makes of the MAC address', () => {
    const known = constantsOf({ filter: CLEAN, ips: [IP4] });
    for (const word of [0xfe800000, 0x505400ff, 0xfe000001]) expect(known).toContain(word);
  });

  test('leads all jumps to instructions of the program', () => {
    const [op] = planFilter(link({ filter: CLEAN, ips: [IP4, IP6] }));
    if (op?.op !== 'port-filter') throw new Error('no filter');
    const view = new DataView(op.program.buffer);
    const count = op.program.length / 8;
    for (let index = 0; index < count; index += 1) {
      const code = view.getUint8(index * 8);
      const isJump = [5, 6].includes(code & 7) && code !== EXIT;
      if (!isJump) continue;
      const target = index + 1 + view.getInt16(index * 8 + 2, true);
      expect(target).toBeGreaterThan(index);
      expect(target).toBeLessThan(count);
    }
  });

  test('refuses a link whose addresses nobody knows', () => {
    expect(() => planFilter(link({ filter: CLEAN }))).toThrow(/nothing says which addresses it has/);
  });
});

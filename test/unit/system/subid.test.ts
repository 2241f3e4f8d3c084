import { describe, expect, test } from 'vitest';
import { parseOwnSubids, parseSubids } from '../../../src/system/subid.js';

const OWNER = { uid: 1000, gid: 1000, name: 'ann' };
const own = (text: string) => parseOwnSubids('/etc/subuid', text, OWNER, 1000);

test('ranges of everybody are read, and what is none is skipped', () => {
  expect(parseSubids('# x\nann:100000:65536\nbob:1:x\n1001:200000:2\n')).toEqual([
    { outside: 100_000, count: 65_536 },
    { outside: 200_000, count: 2 },
  ]);
});

describe('the ranges of one user', () => {
  test('are those of his name and of his number, in order', () => {
    expect(own('bob:100000:65536\nann:400000:65536\n1000:200000:131072\nannie:5:1\n')).toEqual([
      { outside: 400_000, count: 65_536 },
      { outside: 200_000, count: 131_072 },
    ]);
    expect(own('')).toEqual([]);
  });

  test.for([
    ['ann:100000', /line 1 is malformed: 'ann:100000'/],
    ['ann:0x10:65536', /line 1 is malformed/],
    ['bob:1:1\nann:100000:10', /line 2 gives 10 ids/],
    ['ann:0:65536', /gives the host's root/],
    ['ann:900:65536', /gives 1000, which is an id of your own/],
    ['ann:4294967000:65536', /beyond the last id/],
    ['ann:100000:65536\nann:165535:65536', /line 2 overlaps/],
  ] as const)('are refused: %s', ([text, expected]) => {
    expect(() => own(text)).toThrow(expected);
  });

  test('a refusal proposes ids that nobody has', () => {
    try {
      own('bob:100000:65536\nann:7\n');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'CTR_UNSUPPORTED', hint: expect.stringContaining('ann:165536:65536') });
    }
  });
});

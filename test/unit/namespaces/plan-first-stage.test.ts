import { expect, test } from 'vitest';
import { mapToFirstStage, planFirstStage } from '../../../src/namespaces/plan-first-stage.js';

const USER = {
  uid: 1000,
  gid: 100,
  subordinate: { uid: [{ outside: 100_000, count: 65_536 }], gid: [{ outside: 200_000, count: 65_536 }] },
};

test('0 of a first stage is the user, and what is given to him follows', () => {
  expect(planFirstStage(USER)).toEqual([
    { op: 'stage-idmap', kind: 'uid', inside: 0, outside: 1000, count: 1 },
    { op: 'stage-idmap', kind: 'uid', inside: 1, outside: 100_000, count: 65_536 },
    { op: 'stage-idmap', kind: 'gid', inside: 0, outside: 100, count: 1 },
    { op: 'stage-idmap', kind: 'gid', inside: 1, outside: 200_000, count: 65_536 },
  ]);
});

test('host ids of a map become those of the first stage', () => {
  const idmap = {
    uid: [
      { inside: 0, outside: 1000, count: 1 },
      { inside: 1, outside: 100_005, count: 10 },
    ],
    gid: [{ inside: 0, outside: 200_000, count: 65_536 }],
  };
  expect(mapToFirstStage('web', idmap, USER)).toEqual({
    uid: [
      { inside: 0, outside: 0, count: 1 },
      { inside: 1, outside: 6, count: 10 },
    ],
    gid: [{ inside: 0, outside: 1, count: 65_536 }],
  });
});

test('without a map, ids inside are those of the first stage, line by line as the kernel wants it', () => {
  expect(mapToFirstStage('web', undefined, USER).uid).toEqual([
    { inside: 0, outside: 0, count: 1 },
    { inside: 1, outside: 1, count: 65_536 },
  ]);
});

test.for([0, 99_999, 100_001, 1001])('host ids from %i on are refused: not all are his', (outside) => {
  const ranges = [{ inside: 0, outside, count: 65_536 }];
  expect(() => mapToFirstStage('web', { uid: ranges, gid: ranges }, USER)).toThrow(/yours are 1000, 100000–165535/);
});

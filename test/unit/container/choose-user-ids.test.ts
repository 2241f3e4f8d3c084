import { describe, expect, test } from 'vitest';
import { chooseUserIds, countUserRanges } from '../../../src/container/choose-user-ids.js';

const range = (outside: number, count = 65_536) => ({ outside, count });
const user = (uid: readonly ReturnType<typeof range>[], gid = uid) => ({
  uid: 1000,
  gid: 100,
  subordinate: { uid, gid },
});

describe('ids for a container of an ordinary user', () => {
  test('are a range that no other container of his has', () => {
    const ann = user([range(100_000, 140_000), range(500_000)]);
    expect(countUserRanges(ann)).toBe(3);
    expect(chooseUserIds(ann, [])).toEqual({ uid: range(100_000), gid: range(100_000), isShared: false });
    expect(chooseUserIds(ann, [range(100_000)]).uid).toEqual(range(165_536));
    expect(chooseUserIds(ann, [range(100_000, 131_072)]).uid).toEqual(range(500_000));
  });

  test('are shared when there are no more', () => {
    expect(chooseUserIds(user([range(100_000)]), [range(100_000)])).toMatchObject({
      isShared: true,
      uid: range(100_000),
    });
  });

  test('go in pairs where users and groups differ', () => {
    expect(chooseUserIds(user([range(100_000)], [range(200_000)]), [])).toMatchObject({
      uid: range(100_000),
      gid: range(200_000),
    });
  });

  test('are his own alone when he has no others', () => {
    expect(countUserRanges(user([]))).toBe(0);
    expect(chooseUserIds(user([]), [])).toMatchObject({ uid: range(1000, 1), gid: range(100, 1) });
  });
});

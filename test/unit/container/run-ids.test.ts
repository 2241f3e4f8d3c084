import { describe, expect, test } from 'vitest';
import { mapRunIds, mapRunIdsOfUser, type RunIds, type RunOwners } from '../../../src/container/run-ids.js';
import type { OrdinaryUser } from '../../../src/system/host-facts.js';

const SUB = { outside: 200_000, count: 131_072 };
const USER: OrdinaryUser = { uid: 1000, gid: 100, subordinate: { uid: [SUB], gid: [SUB] } };
const SINGLE: OrdinaryUser = { ...USER, subordinate: { uid: [], gid: [] } };
const RANGE = { outside: 200_000, count: 65_536 };
const IDS: RunIds = { uid: RANGE, gid: RANGE };
const OWN: RunIds = { uid: { outside: 1000, count: 1 }, gid: { outside: 100, count: 1 } };

const mapOf = (owners: Partial<RunOwners> = {}, user = USER, ids = IDS) =>
  mapRunIdsOfUser(user, ids, { hasWritableBinds: false, ...owners });

describe('mapRunIds', () => {
  test('is the range of the slot, unless the root has a map of its own', () => {
    expect(mapRunIds(IDS).uid).toEqual([{ inside: 0, ...RANGE }]);
    const idmap = { uid: [{ inside: 0, outside: 5, count: 1 }], gid: [] };
    expect(mapRunIds(IDS, { idmap })).toBe(idmap);
  });
});

describe('mapRunIdsOfUser', () => {
  test('has nobody inside be the user while nothing of his is written', () => {
    expect(mapOf()).toEqual(mapRunIds(IDS));
    expect(mapOf({ user: 'nobody' })).toEqual(mapRunIds(IDS));
  });

  test('has root be the user where something is bound writable, and others his subordinate ids', () => {
    expect(mapOf({ hasWritableBinds: true })).toEqual({
      uid: [
        { inside: 0, outside: 1000, count: 1 },
        { inside: 1, ...RANGE },
      ],
      gid: [
        { inside: 0, outside: 100, count: 1 },
        { inside: 1, ...RANGE },
      ],
    });
  });

  test('has the user asked for be him instead, with no id twice', () => {
    const { uid, gid } = mapOf({ hasWritableBinds: true, user: '1234:5' });
    expect(uid).toEqual([
      { inside: 0, outside: 200_000, count: 1234 },
      { inside: 1234, outside: 1000, count: 1 },
      { inside: 1235, outside: 201_234, count: 65_536 - 1234 },
    ]);
    expect(gid[1]).toEqual({ inside: 5, outside: 100, count: 1 });
  });

  test('is one id alone for who has no other', () => {
    const single = {
      uid: [{ inside: 0, outside: 1000, count: 1 }],
      gid: [{ inside: 0, outside: 100, count: 1 }],
    };
    expect(mapOf({}, SINGLE, OWN)).toEqual(single);
    expect(mapOf({ hasWritableBinds: true, user: '0:0' }, SINGLE, OWN)).toEqual(single);
  });

  test('keeps the ids of a tree that was made with subordinate ones', () => {
    expect(mapOf({ root: { uid: 265_536, gid: 265_536 } }).uid).toEqual([
      { inside: 0, outside: 265_536, count: 65_536 },
    ]);
    expect(mapOf({ root: { uid: 1000, gid: 100 } }).uid[0]).toEqual({ inside: 0, outside: 1000, count: 1 });
  });

  test.for<[string, Partial<RunOwners>, OrdinaryUser, RegExp]>([
    ['another user without subordinate ids', { user: '1234' }, SINGLE, /as '1234'.*no subordinate ids/],
    ['a user by name where he is to own files', { user: 'me', hasWritableBinds: true }, USER, /'me'.*by number/],
    ['a tree of root', { root: { uid: 0, gid: 0 } }, USER, /tree: it belongs to user 0/],
    [
      'files of his in a tree that has not him inside',
      { root: { uid: 200_000, gid: 200_000 }, hasWritableBinds: true },
      USER,
      /writable: .* subordinate ids/,
    ],
  ])('refuses %s', ([, owners, user, message]) => {
    expect(() => mapOf(owners, user, user === SINGLE ? OWN : IDS)).toThrow(message);
  });
});

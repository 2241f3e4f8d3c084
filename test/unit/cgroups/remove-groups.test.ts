import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPlaces, listGroups, removeEmptyPartitions, removeGroups } from '../../../src/cgroups/remove-groups.js';

/** Directories in place of a hierarchy: what is looked for and removed is the same. */
let top: string;
const make = (...paths: string[]) => {
  for (const path of paths) mkdirSync(join(top, path), { recursive: true });
};
const names = () => listGroups(findPlaces([top], 'ctr'), 'ctr').sort();

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'ctr-groups-'));
});
afterEach(() => rmSync(top, { recursive: true }));

test('groups of containers are found at the top and in partitions, by the prefix of their run directory', () => {
  make(
    'ctr.web',
    'prod/eu/ctr.db',
    'prod/other',
    'ctr-1234abcd.theirs',
    'prod/ctr-1234abcd.mine',
    'xctr.no',
    'ctr/old',
  );
  expect(names()).toEqual(['db', 'web']);
});

test('what root of a container calls its own groups is no group of ctr, of whatever run directory it is', async () => {
  make('ctr.web/ctr.db', 'ctr.web/sub/ctr.db', 'ctr-1234abcd.theirs/ctr.db');
  expect(names()).toEqual(['web']);
  expect(await removeGroups(findPlaces([top], 'ctr'), 'ctr', 'db')).toEqual([]);
  expect(existsSync(join(top, 'ctr-1234abcd.theirs/ctr.db'))).toBe(true);
});

test('a partition goes where a start has made it and nothing is in it any more', async () => {
  make('prod/eu/ctr.db', 'staff/ctr.db');
  for (const made of ['prod', 'prod/eu']) chmodSync(join(top, made), 0o1755);
  const places = findPlaces([top], 'ctr');
  removeEmptyPartitions(places);
  expect(existsSync(join(top, 'prod/eu'))).toBe(true);
  expect(await removeGroups(places, 'ctr', 'db')).toEqual([]);
  removeEmptyPartitions(places);
  expect(existsSync(join(top, 'prod'))).toBe(false);
  expect(existsSync(join(top, 'staff'))).toBe(true);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseIdRange, ID_COUNT } from '../../../src/container/choose-id-range.js';

test('the first range begins at a million, the next follow', () => {
  expect(chooseIdRange([])).toEqual({ outside: 1_000_000, count: 65536 });
  expect(chooseIdRange([{ outside: 1_000_000, count: 65536 }])).toEqual({ outside: 1_065_536, count: 65536 });
});

test('a gap is used, ranges below do not matter', () => {
  const taken = [
    { outside: 1_065_536, count: 65536 },
    { outside: 100_000, count: 65536 },
  ];
  expect(chooseIdRange(taken).outside).toBe(1_000_000);
});

test('a range that reaches into the middle is stepped over', () => {
  expect(chooseIdRange([{ outside: 999_999, count: 2 }]).outside).toBe(1_065_536);
  expect(chooseIdRange([{ outside: 1_065_535, count: 1 }]).outside).toBe(1_065_536);
});

test('no free ids is an error', () => {
  expect(() => chooseIdRange([{ outside: 0, count: 2 ** 32 - 1 }])).toThrow(
    'cannot choose host ids: no 65536 in a row are free from 1000000 to 4294967294',
  );
});

test('bounds are kept', () => {
  const bounds = { firstId: 70_000, lastId: 70_000 + 2 * ID_COUNT - 1 };
  const first = chooseIdRange([], bounds);
  expect(first.outside).toBe(70_000);
  const second = chooseIdRange([first], bounds);
  expect(second.outside).toBe(70_000 + ID_COUNT);
  expect(() => chooseIdRange([first, second], bounds)).toThrow(/from 70000 to 201071$/);
});

test('what is chosen touches nothing that is taken', () => {
  const range = fc.record({
    outside: fc.integer({ min: 900_000, max: 3_000_000 }),
    count: fc.integer({ min: 1, max: 200_000 }),
  });
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), (taken) => {
      const { outside } = chooseIdRange(taken);
      for (const other of taken) {
        expect(outside + ID_COUNT <= other.outside || other.outside + other.count <= outside).toBe(true);
      }
    }),
  );
});

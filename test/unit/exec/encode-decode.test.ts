import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/container/compile.js';
import { CtrError } from '../../../src/errors.js';
import { crc32 } from '../../../src/exec/crc32.js';
import { decodePlan } from '../../../src/exec/decode.js';
import { encodePlan } from '../../../src/exec/encode.js';
import type { Op, Plan } from '../../../src/exec/plan.js';
import { FULL, MOUNTS, makeHost, UUID } from '../container/example-specs.js';
import { joinedNetworks } from '../network/joined.js';

const HEADER_BYTES = 24;
const SMALL: Plan = { ops: [{ op: 'name', name: 'web' }, { op: 'clone', flags: 0x20000000 }, { op: 'pivot' }] };

/** The plan's bytes with some of them changed, and the checksum made right again unless it is what was changed. */
function damage(change: (view: DataView, bytes: Uint8Array) => void, fixChecksum = true): Uint8Array {
  const bytes = encodePlan(SMALL);
  const view = new DataView(bytes.buffer);
  change(view, bytes);
  if (fixChecksum) view.setUint32(20, crc32(bytes.subarray(HEADER_BYTES)), true);
  return bytes;
}

function readError(bytes: Uint8Array): string {
  try {
    decodePlan(bytes);
  } catch (error) {
    if (error instanceof CtrError && error.code === 'CTR_BAD_STATE') return error.message;
    throw error;
  }
  throw new Error('the plan was accepted');
}

describe('encodePlan', () => {
  test('writes what docs/plan-format.md says, to the byte', () => {
    const body = '01 00 01 00 08 00 00 00' + ' 03 00 00 00 77 65 62 00' + ' 3a 00 00 00 00 00 00 00';
    const bytes = encodePlan({ ops: [{ op: 'name', name: 'web' }, { op: 'pivot' }] });
    expect(Buffer.from(bytes.subarray(0, 8)).toString('latin1')).toBe('CTRPLAN\0');
    const view = new DataView(bytes.buffer);
    expect([8, 12, 16].map((offset) => view.getUint32(offset, true))).toEqual([2, 2, bytes.length - HEADER_BYTES]);
    expect(Buffer.from(bytes.subarray(HEADER_BYTES)).toString('hex')).toBe(body.replaceAll(' ', ''));
    expect(view.getUint32(20, true)).toBe(crc32(bytes.subarray(HEADER_BYTES)));
  });

  test.each([FULL, MOUNTS])('keeps every operation of a plan that uses most of them', (spec) => {
    const plan = compile(spec, makeHost('hybrid'), { uuid: UUID, networks: joinedNetworks(spec) });
    const decoded = decodePlan(encodePlan(plan));
    const narrow = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
    expect(JSON.stringify(decoded)).toBe(JSON.stringify(plan, narrow));
    expect(encodePlan(decoded)).toEqual(encodePlan(plan));
  });

  test('keeps 64-bit numbers that a double cannot hold', () => {
    const mask = 0xfedcba9876543210n;
    const op: Op = { op: 'capabilities', bounding: mask, effective: 1, permitted: 0, inheritable: 0, ambient: 0 };
    expect(decodePlan(encodePlan({ ops: [op] }))).toEqual({ ops: [op] });
  });

  test.each([
    ['a NUL character', { op: 'name', name: 'a\0b' }],
    ['half a surrogate pair', { op: 'name', name: 'a\ud800' }],
    ['a negative number', { op: 'clone', flags: -1 }],
    ['a fraction', { op: 'clone', flags: 0.5 }],
    ['a number beyond 64 bits', { op: 'clone', flags: 1n << 64n }],
    ['a missing field', { op: 'name' } as unknown as Op],
  ] satisfies [string, Op][])('refuses %s', (_, op) => {
    expect(() => encodePlan({ ops: [op] })).toThrow(/^cannot encode operation '(name|clone)': field '(name|flags)' /);
  });

  test('refuses operations out of phase order', () => {
    expect(() => encodePlan({ ops: [{ op: 'pivot' }, { op: 'name', name: 'web' }] })).toThrow(
      /behind one of phase 'mount'/,
    );
  });
});

describe('decodePlan', () => {
  test.each([
    ['no plan at all', new Uint8Array(), /it is no plan/],
    ['another magic', damage((view) => view.setUint8(0, 0x78)), /it is no plan/],
    ['another version', damage((view) => view.setUint32(8, 1, true)), /version is 1, not 2/],
    ['a wrong count of operations', damage((view) => view.setUint32(12, 4, true)), /holds 3 operations, not 4/],
    ['a wrong length', damage((view) => view.setUint32(16, 1, true)), /its body has/],
    ['bytes behind the end', Uint8Array.from([...encodePlan(SMALL), 0]), /its body has/],
    ['a wrong checksum', damage((view) => view.setUint8(HEADER_BYTES + 12, 0x78), false), /checksum/],
    ['an unknown operation', damage((view) => view.setUint16(HEADER_BYTES, 999, true)), /operation 999 is unknown/],
    [
      'a wrong count of fields',
      damage((view) => view.setUint16(HEADER_BYTES + 2, 2, true)),
      /'name' has 2 fields, not 1/,
    ],
    [
      'an operation that is longer than its fields',
      damage((view) => view.setUint32(HEADER_BYTES + 8, 1, true)),
      /'name'/,
    ],
    [
      'an operation that is cut off',
      damage((view) => view.setUint32(HEADER_BYTES + 4, 999, true)),
      /'name' is cut off/,
    ],
    ['a field that is cut off', damage((view) => view.setUint32(HEADER_BYTES + 8, 999, true)), /'name' is cut off/],
    ['a field without its NUL', damage((view) => view.setUint8(HEADER_BYTES + 15, 1)), /'name' is cut off/],
    ['a string with a NUL', damage((view) => view.setUint8(HEADER_BYTES + 13, 0)), /is no str/],
    ['a string that is no UTF-8', damage((view) => view.setUint8(HEADER_BYTES + 13, 0xff)), /is no str/],
    [
      'a number that is not 8 bytes',
      damage((view, bytes) => {
        // clone becomes the operation of another field type: name's three letters are no u64.
        view.setUint16(HEADER_BYTES, 2, true);
        bytes.fill(0, HEADER_BYTES + 12, HEADER_BYTES + 15);
      }),
      /is no u64/,
    ],
    [
      'operations out of phase order',
      damage((view) => view.setUint16(HEADER_BYTES, 64, true)),
      /behind one of phase 'init'/,
    ],
  ])('refuses %s', (_, bytes, reason) => {
    expect(readError(bytes)).toMatch(reason);
  });

  test('gives a plan or a CtrError for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (tail, withHeader) => {
        const bytes = withHeader ? Uint8Array.from([...damage(() => {}).subarray(0, HEADER_BYTES), ...tail]) : tail;
        if (withHeader) {
          const view = new DataView(bytes.buffer);
          view.setUint32(16, tail.length, true);
          view.setUint32(20, crc32(tail), true);
        }
        try {
          decodePlan(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CtrError);
        }
      }),
    );
  });
});

test('crc32 gives the check value of the IEEE polynomial', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});

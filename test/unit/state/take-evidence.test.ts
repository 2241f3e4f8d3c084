import { closeSync, fstatSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { GatheredContainer } from '../../../src/state/parse-evidence.js';
import { takeEvidence } from '../../../src/state/take-evidence.js';
import { makeScratchDir } from '../exec/fake-helper.js';

const RUNS =
  'web\0rdf\x007 6 1700000000000 938a92fc-9af1-49bf-af38-c3d6cbbc3c52\0dev\neth0: 1\n\x01pids.max\n5\n\x01\0\0';
const STOPPED = 'züge\0d\0\0\0{"uuid":"ü"}\0';
const END = '.\0';

afterEach(() => {
  delete process.env.CTR_EVIDENCE_FD;
});

/** As the front door hands it over. */
function take(text: string | Uint8Array): { told: GatheredContainer[]; isAll: boolean; fd: number } {
  const path = join(makeScratchDir(), 'evidence');
  writeFileSync(path, text);
  const fd = openSync(path, 'r');
  process.env.CTR_EVIDENCE_FD = String(fd);
  const told: GatheredContainer[] = [];
  const evidence = takeEvidence();
  for (;;) {
    const next = evidence.next();
    if (next.done) return { told, isAll: next.value, fd };
    told.push(next.value);
  }
}

describe('takeEvidence', () => {
  test('tells what runs with its files, and of the others the texts', () => {
    const { told, isAll } = take(RUNS + STOPPED + END);
    expect(isAll).toBe(true);
    expect(told[0]).toMatchObject({
      name: 'web',
      isDefined: true,
      frozen: true,
      running: { pid: 7, monitorPid: 6, since: 1700000000000, uuid: '938a92fc-9af1-49bf-af38-c3d6cbbc3c52' },
      files: new Map([
        ['dev', 'eth0: 1\n'],
        ['pids.max', '5\n'],
      ]),
    });
    expect(told[1]).toMatchObject({ name: 'züge', running: undefined, files: undefined, record: '{"uuid":"ü"}' });
  });

  test('knows at each byte that something is missing, and tells no half of a container', () => {
    const whole = Buffer.from(RUNS + STOPPED + END);
    for (let length = 0; length < whole.length; length += 1) {
      const { told, isAll } = take(whole.subarray(0, length));
      expect(isAll).toBe(false);
      const ends = [Buffer.byteLength(RUNS), Buffer.byteLength(RUNS + STOPPED)];
      expect(told).toHaveLength(ends.filter((end) => length >= end).length);
    }
  });

  test('takes more than it reads at once, and fields that are longer than that', () => {
    const long = `long\0d\0\0\0${'ü'.repeat(100_000)}\0`;
    const { told, isAll } = take(STOPPED.repeat(9000) + long + STOPPED + END);
    expect(isAll).toBe(true);
    expect(told).toHaveLength(9002);
    expect(told.filter(({ record }) => record === '{"uuid":"ü"}')).toHaveLength(9001);
    expect(told[9000]?.record).toHaveLength(100_000);
  });

  test('is there once, and none at all without a front door', () => {
    const { fd } = take(RUNS + END);
    expect(() => fstatSync(fd)).toThrow();
    expect(takeEvidence().next()).toEqual({ done: true, value: false });
  });

  test('of a descriptor that cannot be read is nothing', () => {
    const fd = openSync(makeScratchDir(), 'r');
    process.env.CTR_EVIDENCE_FD = String(fd);
    expect(takeEvidence().next()).toEqual({ done: true, value: false });
    expect(() => closeSync(fd)).toThrow();
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseContainerRecord } from '../../../src/state/container-record.js';
import { parseExitRecord, parseRunRecord } from '../../../src/state/records.js';

const RUN = `boot c5b5
pid 10
start 18446744
monitor 9
monitor-start 99
since 1700000000123
generation 2
console 1
`;

describe('the record of a run', () => {
  test('is read from its lines', () => {
    expect(parseRunRecord(RUN)).toEqual({
      boot: 'c5b5',
      pid: 10,
      start: '18446744',
      monitor: 9,
      monitorStart: '99',
      since: 1700000000123,
      generation: 2,
      consoles: 1,
    });
  });

  test('is none when cut off anywhere before its last two lines', () => {
    const needed = RUN.indexOf('since');
    for (let length = 0; length < needed; length += 1) expect(parseRunRecord(RUN.slice(0, length))).toBeUndefined();
  });

  test('is none when a number is not one', () => {
    for (const bad of ['pid 0', 'pid -1', 'pid x', 'pid 1e9', `pid ${'9'.repeat(30)}`]) {
      expect(parseRunRecord(RUN.replace('pid 10', bad))).toBeUndefined();
    }
  });
});

describe('the record of an exit', () => {
  test('has a status or a signal, or neither', () => {
    const text = 'boot b\nsince 1\ntime 2\n';
    expect(parseExitRecord(`${text}status 3\nreason exited\n`)).toEqual({
      boot: 'b',
      since: 1,
      time: 2,
      status: 3,
      reason: 'exited',
    });
    expect(parseExitRecord(`${text}signal 9\nreason killed\n`)).toMatchObject({ signal: 9 });
    expect(parseExitRecord(`${text}reason lost\n`)).toEqual({ boot: 'b', since: 1, time: 2, reason: 'lost' });
    expect(parseExitRecord(`${text}reason whatever\n`)).toBeUndefined();
    expect(parseExitRecord(text)).toBeUndefined();
  });
});

test('any text is a record or none, and never throws', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseRunRecord(text);
      parseExitRecord(text);
      parseContainerRecord(text);
    }),
  );
  fc.assert(fc.property(fc.json(), (text) => void parseContainerRecord(text)));
});

test('container.json of another shape is no record', () => {
  const good = { format: 'libvirt', uuid: 'u', definedAt: 't', rootfsMadeByCtr: false, idRanges: [] };
  expect(parseContainerRecord(JSON.stringify(good))).toEqual(good);
  for (const key of ['format', 'uuid', 'definedAt', 'rootfsMadeByCtr'] as const) {
    expect(parseContainerRecord(JSON.stringify({ ...good, [key]: 1 }))).toBeUndefined();
  }
  expect(
    parseContainerRecord(JSON.stringify({ ...good, idRanges: [{ outside: 'x', count: 1 }, 3] }))?.idRanges,
  ).toEqual([]);
});

test('container.json keeps what was given beside the text, and is none with anything else in its place', () => {
  const base = { format: 'oci', uuid: 'u', definedAt: 'd', rootfsMadeByCtr: false, idRanges: [] } as const;
  const given = {
    name: 'web',
    rootfs: '/srv/web',
    baseDir: '/srv',
    untrusted: true,
    sources: 'sources-0123abcd.json',
    pending: 'definition-0123abcd',
  };
  expect(parseContainerRecord(JSON.stringify({ ...base, ...given }))).toEqual({ ...base, ...given });
  for (const wrong of [
    { name: 3 },
    { rootfs: 'srv' },
    { baseDir: './x' },
    { untrusted: 'yes' },
    { sources: '../../../etc/shadow' },
    { sources: 'sources-x.json' },
    { pending: '../definition-0123abcd' },
    { format: 'toml' },
  ]) {
    expect(parseContainerRecord(JSON.stringify({ ...base, ...wrong }))).toBeUndefined();
  }
});

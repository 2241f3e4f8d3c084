import { expect, test } from 'vitest';
import {
  containerGroup,
  parseIoBytes,
  parseKeyed,
  parseLimit,
  parseNanoseconds,
  parseOomKills,
  parsePressure,
} from '../../../src/cgroups/parse-stats.js';

test('a limit is a number; max and the largest page count of v1 are none', () => {
  expect(parseLimit('67108864\n')).toBe(67108864);
  for (const none of ['max\n', '9223372036854771712\n', '', undefined, 'x']) expect(parseLimit(none)).toBeUndefined();
});

test('CPU time is ns in v1 and µs in v2', () => {
  expect(parseNanoseconds('1500\n')).toBe(1500);
  expect(parseNanoseconds('usage_usec 12\nuser_usec 10\n')).toBe(12000);
  expect(parseNanoseconds(undefined)).toBeUndefined();
});

test('kills for lack of memory are counted in both versions', () => {
  expect(parseOomKills('oom_kill_disable 0\nunder_oom 0\noom_kill 3\n')).toBe(3);
  expect(parseOomKills('low 0\nhigh 0\nmax 0\noom 1\noom_kill 2\n')).toBe(2);
  expect(parseOomKills('')).toBeUndefined();
});

test('the group of a container is found from any group below it', () => {
  expect(containerGroup('/ctr.web', 'web')).toBe('/ctr.web');
  expect(containerGroup('/ctr.web/init.scope', 'web')).toBe('/ctr.web');
  expect(containerGroup('/ctr-1234abcd.web/a/ctr.web', 'web')).toBe('/ctr-1234abcd.web');
  for (const path of ['/', '/web', '/ctr.webs', '/ctr', '/xctr.web', '/ctr.a.web'])
    expect(containerGroup(path, 'web')).toBeUndefined();
});

test('keyed files give their numbers, and skip what is none', () => {
  expect([...parseKeyed('nr_throttled 3\nthrottled_usec 40\nweird\nname x\n')]).toEqual([
    ['nr_throttled', 3],
    ['throttled_usec', 40],
  ]);
  expect(parseKeyed(undefined).size).toBe(0);
});

test('block i/o of all devices is summed, in both versions', () => {
  const v1 =
    '8:0 Read 100\n8:0 Write 20\n8:0 Sync 120\n8:0 Discard 7\n8:0 Total 127\n8:16 Read 1\n8:16 Write 2\nTotal 130\n';
  expect(parseIoBytes(v1)).toEqual({ readBytes: 101, writeBytes: 22 });
  const v2 =
    '8:0 rbytes=100 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n253:1 rbytes=5 wbytes=6 rios=1 wios=1 dbytes=9 dios=9\n';
  expect(parseIoBytes(v2)).toEqual({ readBytes: 105, writeBytes: 26 });
  expect(parseIoBytes('')).toEqual({ readBytes: 0, writeBytes: 0 });
  expect(parseIoBytes(undefined)).toBeUndefined();
});

test('pressure has shares of time and a total; the CPU may have no "full"', () => {
  const some = 'some avg10=1.50 avg60=0.25 avg300=0.00 total=12345\n';
  const line = { avg10: 1.5, avg60: 0.25, avg300: 0, totalUs: 12345 };
  expect(parsePressure(some)).toEqual({ some: line });
  expect(parsePressure(`${some}${some.replace('some', 'full')}`)).toEqual({ some: line, full: line });
  for (const none of [undefined, '', 'some avg10=x\n']) expect(parsePressure(none)).toBeUndefined();
});

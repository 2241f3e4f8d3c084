import { expect, test } from 'vitest';
import { containerGroup, parseLimit, parseNanoseconds, parseOomKills } from '../../../src/cgroups/parse-stats.js';

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
  expect(containerGroup('/ctr/web', 'web')).toBe('/ctr/web');
  expect(containerGroup('/ctr/web/init.scope', 'web')).toBe('/ctr/web');
  expect(containerGroup('/ctr-1234abcd/web/a/web', 'web')).toBe('/ctr-1234abcd/web');
  for (const path of ['/', '/web', '/ctr/webs', '/ctr']) expect(containerGroup(path, 'web')).toBeUndefined();
});

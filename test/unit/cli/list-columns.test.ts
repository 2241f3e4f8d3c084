import { expect, test } from 'vitest';
import { formatCpuTime, formatShortBytes } from '../../../src/cli/format.js';
import { formatListDetails, LIST_COLUMNS, parseColumns } from '../../../src/cli/list-columns.js';
import { formatStats } from '../../../src/cli/stats-table.js';
import { textWidth } from '../../../src/cli/visible.js';
import type { ListDetails } from '../../../src/container/list-details.js';

const time = '2026-01-01T00:00:00.000Z';
const web: ListDetails = {
  name: 'web',
  state: 'running',
  pid: 7,
  since: time,
  autostart: true,
  groups: ['front', 'eu'],
  unprivileged: true,
  addresses: [
    { family: 'ipv4', address: '10.0.0.5', link: 'eth0' },
    { family: 'ipv6', address: 'fd00:1234:5678:9abc:def0:1234:5678:9abc', link: 'eth0' },
  ],
  stats: { time, memoryBytes: 1_572_864, memoryLimitBytes: 67_108_864, cpuNs: 3.14e9 },
};

test('the fancy list is as lxc-ls has it, with what is used', () => {
  expect(formatListDetails([web, { name: 'old', state: 'stopped' }], undefined, 0)).toBe(
    'NAME  STATE    AUTOSTART  GROUPS    IPV4      IPV6                                     MEMORY    CPU\n' +
      'web   running  yes        front,eu  10.0.0.5  fd00:1234:5678:9abc:def0:1234:5678:9abc    1.5M  3.14s\n' +
      'old   stopped  -          -         -         -                                             -      -\n',
  );
});

test('it fits 80 columns: the widest give way, the numbers stay', () => {
  const lines = formatListDetails([{ ...web, name: 'a-name-of-some-length' }], undefined, 0, 80)
    .trimEnd()
    .split('\n');
  for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(80);
  expect(lines[1]).toMatch(/…/);
  expect(lines[1]).toMatch(/1\.5M {2}3\.14s$/);
});

test('columns are chosen by their words, and one that is not known is an error that helps', () => {
  expect(parseColumns('name, IPV4,up')).toEqual(['name', 'ipv4', 'up']);
  expect(parseColumns(Object.keys(LIST_COLUMNS).join(','))).toHaveLength(Object.keys(LIST_COLUMNS).length);
  expect(() => parseColumns('nam')).toThrow("cannot show column 'nam': there is none of that name");
  expect(formatListDetails([web], ['name', 'up'], Date.parse(time) + 5000)).toBe('NAME   UP\nweb   5 s\n');
});

test('stats have rates in their titles where there are any', () => {
  const now = { name: 'web', state: 'running', pid: 7, since: time, time, cpuNs: 5e8, pids: 3 } as const;
  expect(formatStats([{ now }]).split('\n')[0]).toBe('NAME  STATE    MEMORY  LIMIT    CPU  PIDS  READ  WRITE  RX  TX');
  const rates = { intervalSeconds: 1, cpuPercent: 12.34, rxBytesPerSecond: 2048 };
  expect(formatStats([{ now, rates }])).toMatch(/CPU% .* RX\/s .*\nweb .* 12\.3 +3 .* 2K /);
});

test('sizes and times are short', () => {
  const sizes = [0, 512, 1023, 1024, 1536, 10_240, 1_048_575, 67_108_864, 2 ** 40];
  expect(sizes.map(formatShortBytes)).toEqual(['0', '512', '1023', '1K', '1.5K', '10K', '1M', '64M', '1T']);
  const times = [0, 4.2e8, 9.994e9, 59.9e9, 60e9, 187e9, 7509e9];
  expect(times.map(formatCpuTime)).toEqual(['0.00s', '0.42s', '9.99s', '59.9s', '1:00', '3:07', '2:05:09']);
});

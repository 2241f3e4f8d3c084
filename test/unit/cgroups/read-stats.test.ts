import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openGroups } from '../../../src/cgroups/find-groups.js';
import { readCgroupDetails, readCgroupStats } from '../../../src/cgroups/read-stats.js';

let top = '';

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'ctr-groups-'));
});

afterEach(() => rmSync(top, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), text);
  }
}

const IO_V2 = '8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n';

describe('cgroup v2', () => {
  const cgroups = '0::/ctr.web/init.scope\n';

  test('gives all from the one tree, of the group of the container and not of one inside', () => {
    write({
      'ctr.web/memory.current': '1048576\n',
      'ctr.web/memory.max': '67108864\n',
      'ctr.web/memory.events': 'low 0\nhigh 0\nmax 5\noom 2\noom_kill 1\noom_group_kill 0\n',
      'ctr.web/memory.peak': '2097152\n',
      'ctr.web/memory.stat': 'anon 4096\nfile 8192\nkernel 1024\n',
      'ctr.web/memory.swap.current': '0\n',
      'ctr.web/memory.swap.max': 'max\n',
      'ctr.web/memory.high': 'max\n',
      'ctr.web/pids.current': '3\n',
      'ctr.web/pids.max': 'max\n',
      'ctr.web/pids.events': 'max 9\n',
      'ctr.web/cpu.stat': 'usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnr_throttled 2\nthrottled_usec 30\n',
      'ctr.web/cpu.max': '50000 100000\n',
      'ctr.web/io.stat': IO_V2,
      'ctr.web/memory.pressure': 'some avg10=1.00 avg60=0.00 avg300=0.00 total=9\n',
      'ctr.web/init.scope/memory.current': '1\n',
    });
    const read = openGroups({ v1: {}, v2: top }, cgroups, 'web');
    expect(readCgroupStats(read)).toEqual({
      memoryBytes: 1_048_576,
      memoryLimitBytes: 67_108_864,
      oomKills: 1,
      pids: 3,
      cpuNs: 1_500_000,
      ioReadBytes: 4096,
      ioWriteBytes: 8192,
    });
    expect(readCgroupDetails(read)).toEqual({
      memoryPeakBytes: 2_097_152,
      cacheBytes: 8192,
      kernelBytes: 1024,
      swapBytes: 0,
      memoryLimitHits: 5,
      pidsLimitHits: 9,
      cpuUserNs: 1_000_000,
      cpuSystemNs: 500_000,
      cpuThrottledPeriods: 2,
      cpuThrottledNs: 30_000,
      cpuQuotaUs: 50_000,
      cpuPeriodUs: 100_000,
      pressure: { memory: { some: { avg10: 1, avg60: 0, avg300: 0, totalUs: 9 } } },
    });
  });

  test('gives nothing of a container that is in no group of its own', () => {
    write({ 'memory.current': '1\n' });
    const read = openGroups({ v1: {}, v2: top }, '0::/\n', 'web');
    expect({ ...readCgroupStats(read), ...readCgroupDetails(read) }).toEqual({});
  });
});

test('v1 and hybrid: each controller from its own hierarchy, what it has no group in from the v2 tree', () => {
  write({
    'memory/ctr.web/memory.usage_in_bytes': '4096\n',
    'memory/ctr.web/memory.limit_in_bytes': '9223372036854771712\n',
    'memory/ctr.web/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
    'memory/ctr.web/memory.max_usage_in_bytes': '8192\n',
    'memory/ctr.web/memory.stat': 'cache 1\ntotal_cache 2048\ntotal_swap 0\n',
    'memory/ctr.web/memory.kmem.usage_in_bytes': '512\n',
    'memory/ctr.web/memory.failcnt': '7\n',
    'blkio/ctr.web/blkio.throttle.io_service_bytes_recursive': '8:0 Read 10\n8:0 Write 20\nTotal 30\n',
    'cpu/ctr.web/cpu.stat': 'nr_periods 9\nnr_throttled 3\nthrottled_time 5\n',
    'unified/ctr.web/cpu.stat': 'usage_usec 2\nuser_usec 1\nsystem_usec 1\n',
    'unified/ctr.web/pids.current': '99\n',
    'pids/ctr.web/pids.current': '4\n',
    'pids/ctr.web/pids.max': '256\n',
  });
  const hierarchy = (name: string) => join(top, name);
  const mounts = {
    v1: {
      memory: hierarchy('memory'),
      blkio: hierarchy('blkio'),
      pids: hierarchy('pids'),
      cpu: hierarchy('cpu'),
      cpuacct: hierarchy('cpuacct'),
    },
    v2: hierarchy('unified'),
  };
  const cgroups = '5:cpu:/ctr.web\n4:memory:/ctr.web\n3:blkio:/ctr.web\n2:pids:/ctr.web\n1:cpuacct:/\n0::/ctr.web\n';
  const read = openGroups(mounts, cgroups, 'web');
  expect(readCgroupStats(read)).toEqual({
    memoryBytes: 4096,
    oomKills: 2,
    pids: 4,
    pidsLimit: 256,
    cpuNs: 2000,
    ioReadBytes: 10,
    ioWriteBytes: 20,
  });
  expect(readCgroupDetails(read)).toMatchObject({
    memoryPeakBytes: 8192,
    cacheBytes: 2048,
    kernelBytes: 512,
    swapBytes: 0,
    memoryLimitHits: 7,
    cpuUserNs: 1000,
    cpuThrottledPeriods: 3,
  });
});

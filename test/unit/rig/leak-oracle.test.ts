import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareSnapshots, type Snapshot, takeSnapshot } from '../../rig/leak-oracle.js';

const snapshot = (lines: Record<string, string[]>): Snapshot =>
  Object.fromEntries(Object.entries(lines).map(([kind, list]) => [kind, new Set(list)]));

describe('the leak oracle', () => {
  test('finds nothing between equal snapshots', () => {
    const before = snapshot({ mount: ['/ (ext4 /)'], process: ['7 (clone-helper)  state S, parent 1'] });
    expect(compareSnapshots(before, before)).toEqual([]);
  });

  test('tells what is new, of each kind', () => {
    const before = snapshot({ mount: [], link: ['lo'], cgroup: [] });
    const after = snapshot({ mount: ['/x (tmpfs /)'], link: ['lo', 'ctrbr0'], cgroup: ['/sys/fs/cgroup/pids/ctr'] });
    expect(compareSnapshots(before, after)).toEqual([
      '+ mount /x (tmpfs /)',
      '+ link ctrbr0',
      '+ cgroup /sys/fs/cgroup/pids/ctr',
    ]);
  });

  test('tells a mount or a link of the host that is gone, and not a process that ended', () => {
    const before = snapshot({ mount: ['/x (tmpfs /)'], link: ['eth0'], process: ['7 (sh)'] });
    expect(compareSnapshots(before, snapshot({ mount: [], link: [], process: [] }))).toEqual([
      '- mount /x (tmpfs /)',
      '- link eth0',
    ]);
  });

  test('says nothing of a kind that one of the snapshots could not tell', () => {
    expect(compareSnapshots(snapshot({}), snapshot({ link: ['vethx'] }))).toEqual([]);
  });

  test('does not mind a remark that changed', () => {
    const before = snapshot({ process: ['7 (clone-helper)  state R, parent 9'] });
    expect(compareSnapshots(before, snapshot({ process: ['7 (clone-helper)  state S, parent 1'] }))).toEqual([]);
  });

  test('sees files of the two directories, but not what any command makes once', () => {
    const scratch = mkdtempSync(join(tmpdir(), 'ctr-oracle-'));
    const places = { stateDir: join(scratch, 'state'), runDir: join(scratch, 'run') };
    mkdirSync(places.stateDir);
    mkdirSync(join(places.runDir, 'containers/web'), { recursive: true });
    writeFileSync(join(places.runDir, 'lock'), '');
    const before = takeSnapshot(places);
    expect([...(before.file ?? [])]).toEqual(['run/containers/web']);
    writeFileSync(join(places.runDir, 'containers/web/plan'), '');
    expect(compareSnapshots(before, takeSnapshot(places))).toContain('+ file run/containers/web/plan');
    rmSync(scratch, { recursive: true });
  });

  test('sees a process that carries the run directory in its environment', async () => {
    const { spawn } = await import('node:child_process');
    const places = { stateDir: '/nonexistent/state', runDir: '/nonexistent/run' };
    const before = takeSnapshot(places);
    const child = spawn('sleep', ['60'], { env: { ...process.env, CTR_RUN_DIR: places.runDir } });
    await new Promise((resolve) => child.once('spawn', resolve));
    const found = compareSnapshots(before, takeSnapshot(places));
    child.kill('SIGKILL');
    expect(found).toContainEqual(expect.stringMatching(new RegExp(`^\\+ process ${child.pid} `)));
  });
});

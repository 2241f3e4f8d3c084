import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ownerOf, readProcesses } from '../../rig/belongs.js';
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

  /** Processes that `sh` has started with this script, by their names, as the oracle sees them. */
  async function ownersOf(script: string, names: readonly string[]): Promise<Record<string, string>> {
    const { spawn } = await import('node:child_process');
    const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => shell.stdout.once('data', resolve));
    const processes = readProcesses({ stateDir: '/nonexistent/state', runDir: '/nonexistent/run' });
    const found = processes.filter(({ comm }) => names.includes(comm));
    for (const { pid } of found) process.kill(Number(pid), 'SIGKILL');
    shell.kill('SIGKILL');
    return Object.fromEntries(found.map(({ comm, owner }) => [comm, owner]));
  }

  test('knows a child of the tests, and an orphan that names other directories', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'ctr-oracle-'));
    for (const name of ['oracle-child', 'oracle-orphan']) symlinkSync('/bin/sleep', join(scratch, name));
    const script = `${scratch}/oracle-child 60 & (setsid ${scratch}/oracle-orphan 60 &) ; sleep 0.2; echo ready; wait`;
    expect(await ownersOf(script, ['oracle-child', 'oracle-orphan'])).toEqual({
      'oracle-child': 'tests',
      'oracle-orphan': 'other',
    });
    rmSync(scratch, { recursive: true });
  });

  test.for([
    ['a child of an older shell', '21', 'other'],
    ['its grandchild', '22', 'other'],
    ['an older orphan that shows nothing', '30', 'other'],
    ['a new orphan with another environment', '40', 'other'],
    ['its child that shows nothing', '41', 'other'],
    ['a new orphan that shows nothing', '50', 'unknown'],
    ['an orphan that names the places', '60', 'ours'],
    ['its child in a container', '61', 'ours'],
    ['the tests themselves', '12', 'tests'],
    ['a child of the tests', '13', 'tests'],
    ['a command of the tests', '14', 'ours'],
    ['who has started the tests', '11', 'other'],
  ] as const)('%s: whose is it?', ([, pid, expected]) => {
    const row = (pid: string, parent: string, start: number, namesPlaces?: boolean) =>
      [pid, { pid, parent, start, namesPlaces }] as const;
    const known = new Map([
      ...[row('1', '0', 0), row('10', '1', 5, false), row('11', '10', 90, false), row('12', '11', 100, false)],
      ...[row('13', '12', 120, false), row('14', '12', 120, true)],
      ...[row('20', '10', 6, false), row('21', '20', 130, false), row('22', '21', 140)],
      ...[row('30', '1', 7), row('40', '1', 150, false), row('41', '40', 160), row('50', '1', 170)],
      ...[row('60', '1', 180, true), row('61', '60', 190, false)],
    ]);
    const process = known.get(pid);
    expect(process && ownerOf(process, known, '12')).toBe(expected);
  });
});

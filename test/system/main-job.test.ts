import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '../rig/index.js';

describe('the main job', () => {
  test('bootstraps, starts, lists, enters, stops and removes a BusyBox container', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');

    expect(await rig.ctrOk('list')).toMatch(/^web\s.*running/m);
    const entered = await rig.ctr(['enter', 'web', '--', 'sh', '-c', 'id; ps; cat /proc/self/uid_map; exit 7']);
    expect(entered.stderr).toBe('');
    expect(entered.status).toBe(7);
    expect(entered.stdout).toMatch(/^uid=0\(root\) gid=0\(root\)/);
    expect(entered.stdout).toMatch(/^\s*1 root .*init/m);
    expect(entered.stdout).toMatch(/^\s+0\s+\d+\s+65536$/m);

    await rig.ctrOk('stop', 'web');
    expect(await rig.ctrOk('list')).not.toContain('web');
    expect(await rig.ctrOk('list', '--all')).toMatch(/^web\s.*stopped/m);

    await rig.ctrOk('undefine', 'web', '--remove-storage');
    expect(readdirSync(join(rig.stateDir, 'containers'))).toEqual([]);
  });

  test('defines a second container from the XML of the first', async ({ rig }) => {
    await rig.bootstrap('web');
    const xml = await rig.ctrOk('dumpxml', 'web');
    const copy = xml.replace('<name>web</name>', '<name>copy</name>').replace(/\s*<uuid>.*<\/uuid>/, '');
    await rig.define(copy);
    await rig.ctrOk('start', 'copy');
    expect(await rig.ctrOk('enter', 'copy', '--', 'hostname')).toBe('copy\n');
  });

  test('undefine keeps a root that ctr did not make', async ({ rig }) => {
    await rig.bootstrap('web');
    const rootfs = String((await rig.info('web')).rootfs);
    const xml = (await rig.ctrOk('dumpxml', 'web')).replace('<name>web</name>', '<name>copy</name>');
    await rig.define(xml.replace(/\s*<uuid>.*<\/uuid>/, ''));
    await rig.ctrOk('undefine', 'copy', '--remove-storage');
    expect(existsSync(join(rootfs, 'etc/passwd'))).toBe(true);
  });

  test('list --json and info --json name state, pids and root', async ({ rig }) => {
    await rig.bootstrap('web');
    const stopped = JSON.parse(await rig.ctrOk('list', '--all', '--json')) as Record<string, unknown>[];
    expect(stopped).toEqual([expect.objectContaining({ name: 'web', state: 'stopped' })]);
    expect(JSON.parse(await rig.ctrOk('list', '--json'))).toEqual([]);

    await rig.ctrOk('start', 'web');
    const [running] = JSON.parse(await rig.ctrOk('list', '--json')) as Record<string, unknown>[];
    const info = await rig.info('web');
    expect(running).toMatchObject({ name: 'web', state: 'running', pid: info.pid });
    expect(info).toMatchObject({ name: 'web', state: 'running', rootfs: join(rig.stateDir, 'containers/web/rootfs') });
    expect(info.uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(existsSync(`/proc/${info.pid}`)).toBe(true);
    expect(existsSync(`/proc/${info.monitorPid}`)).toBe(true);
  });

  test('no Node process stays for a running container', async ({ rig }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const ours = readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .map((pid) => readProgram(pid, rig.runDir))
      .filter((program) => program !== undefined);
    expect(ours.filter((program) => program.startsWith('node'))).toEqual([]);
  });
});

/** Name of a process that has this run directory in its environment. */
function readProgram(pid: string, runDir: string): string | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    return environment.includes(runDir) ? readFileSync(`/proc/${pid}/comm`, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

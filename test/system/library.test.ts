import { bootstrap, CtrError, define, exec, info, list, start, stop, undefine } from '../../src/index.js';
import { describe, domainXml, expect, test } from '../rig/index.js';

describe('the library', () => {
  test('bootstraps, starts, runs a command in, stops and removes a container, with no command line', async ({
    rig,
  }) => {
    const places = { stateDir: rig.stateDir, runDir: rig.runDir };
    await bootstrap('web', { ...places, template: 'busybox' });
    const { pid, monitorPid } = await start('web', places);
    expect(info('web', places)).toMatchObject({ name: 'web', state: 'running', pid, monitorPid });

    const result = await exec('web', ['sh', '-c', 'cat; echo err >&2; exit 3'], { ...places, input: 'in' });
    expect(result.stdout.toString()).toBe('in');
    expect(result.stderr.toString()).toBe('err\n');
    expect(result).toMatchObject({ exitCode: 3, truncated: false });

    await stop('web', places);
    expect(list({ ...places, all: true })).toEqual([expect.objectContaining({ name: 'web', state: 'stopped' })]);
    await undefine('web', { ...places, removeStorage: true });
    expect(list({ ...places, all: true })).toEqual([]);
  });

  test('exec ends a command whose time is over', async ({ rig }) => {
    const places = { stateDir: rig.stateDir, runDir: rig.runDir };
    await define(domainXml({ name: 'vm', rootfs: rig.makeRoot() }), places);
    await start('vm', places);
    const result = await exec('vm', ['sleep', '1000'], { ...places, timeoutMs: 200 });
    expect(result.ended).toBe('timeout');
    const processes = await exec('vm', ['ps'], places);
    expect(processes.stdout.toString()).not.toContain('sleep 1000');
  });

  test('exec keeps as much output as it is told', async ({ rig }) => {
    const places = { stateDir: rig.stateDir, runDir: rig.runDir };
    await define(domainXml({ name: 'vm', rootfs: rig.makeRoot() }), places);
    await start('vm', places);
    const result = await exec('vm', ['head', '-c', '100000', '/dev/zero'], { ...places, maxBytes: 1000 });
    expect(result.stdout.length).toBe(1000);
    expect(result).toMatchObject({ exitCode: 0, truncated: true });
  });

  test('rejects with a CtrError that has a code and data', async ({ rig }) => {
    const places = { stateDir: rig.stateDir, runDir: rig.runDir };
    await expect(start('nosuch', places)).rejects.toSatisfy(
      (error: unknown) => error instanceof CtrError && error.code === 'CTR_NOT_FOUND',
    );
    await define(domainXml({ name: 'vm', rootfs: rig.makeRoot('exit 0\n'), init: '/etc/passwd' }), places);
    await expect(start('vm', places)).rejects.toMatchObject({ code: 'CTR_START_FAILED' });
    await expect(exec('vm', ['true'], places)).rejects.toMatchObject({ code: 'CTR_NOT_RUNNING' });
  });
});

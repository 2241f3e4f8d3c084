import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DETACH, describe, expect, slow } from '../rig/index.js';
import { SUB_IDS, userTest as test, USER, type User } from '../rig/user.js';

/** Ids of a process as the host sees them: real, effective, saved, file system. */
function idsOf(pid: unknown, kind: 'Uid' | 'Gid'): number[] {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (new RegExp(`^${kind}:\\s(.*)$`, 'm').exec(status)?.[1] ?? '').split('\t').map(Number);
}

const four = (id: number) => [id, id, id, id];

describe('an ordinary user with subordinate ids', () => {
  test('bootstraps, starts, enters, stops and removes a container', async ({ user, rig }) => {
    const { notes } = await user.bootstrap('web');
    expect(notes).toMatch(/one range of subordinate ids: all your containers share it/);
    await user.ctrOk('start', 'web');
    expect(await user.ctrOk('list')).toMatch(/^web\s.*running/m);

    const script = 'id; cat /proc/self/uid_map; echo kept > /dev/stdout; exit 7';
    const entered = await user.ctr('enter', 'web', '--', 'sh', '-c', script);
    expect(entered).toMatchObject({ status: 7, stderr: '' });
    expect(entered.stdout).toMatch(/^uid=0\(root\) gid=0\(root\)/);
    expect(entered.stdout).toMatch(/^kept$/m);
    expect((await user.ctr('enter', '-u', 'nobody', 'web', '--', 'id', '-u')).stdout).toBe('65534\n');

    await user.ctrOk('stop', 'web');
    expect(await user.ctrOk('list', '--all')).toMatch(/^web\s.*stopped/m);
    await user.ctrOk('undefine', 'web', '--remove-storage');
    expect(readdirSync(join(rig.stateDir, 'containers'))).toEqual([]);
  });

  test('a container has his subordinate ids on the host, its monitor his own', async ({ user }) => {
    await user.bootstrap('web');
    await user.ctrOk('start', 'web');
    const { pid, monitorPid, rootfs } = await user.info('web');
    expect(idsOf(pid, 'Uid')).toEqual(four(SUB_IDS.outside));
    expect(idsOf(pid, 'Gid')).toEqual(four(SUB_IDS.outside));
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Groups:\s*$/m);
    expect(idsOf(monitorPid, 'Uid')).toEqual(four(USER.uid));
    expect(statSync(join(String(rootfs), 'etc/passwd'))).toMatchObject({ uid: SUB_IDS.outside, gid: SUB_IDS.outside });
  });

  test('root inside removes no mask and makes nothing writable that is read-only', async ({ user }) => {
    await user.bootstrap('web');
    await user.ctrOk('start', 'web');
    const inside = async (script: string) =>
      (await user.ctr('enter', 'web', '--', 'sh', '-c', `${script} 2>/dev/null && echo done`)).stdout;
    expect(await inside('umount /proc/keys')).toBe('');
    expect(await inside('umount -l /proc/timer_list')).toBe('');
    expect(await inside('mount -o remount,rw,bind /proc/sys')).toBe('');
    expect(await inside('mount -o remount,rw /sys')).toBe('');
    expect(await inside('umount /proc/sys')).toBe('');
    expect(await inside('mknod /tmp/sda b 8 0')).toBe('');
    expect(await inside('cat /proc/keys')).toBe('done\n');
    expect(await inside('echo x > /proc/sys/kernel/domainname')).toBe('');
  });

  test('logs in at the console, which the log keeps', async ({ user }) => {
    const { password } = await user.bootstrap('web');
    await user.ctrOk('start', 'web');
    const terminal = user.terminal('console', 'web');
    await terminal.waitFor('login: ');
    terminal.type('root\n');
    await terminal.waitFor('assword: ');
    terminal.type(`${password}\n`);
    await terminal.waitFor('# ');
    terminal.type('tty\n');
    await terminal.waitFor('/dev/console');
    terminal.type(DETACH);
    expect(await terminal.ended()).toBe(0);
    expect(await user.ctrOk('logs', 'web')).toContain('/dev/console');
  });

  test('enters on a terminal', async ({ user }) => {
    await user.bootstrap('web');
    await user.ctrOk('start', 'web');
    const terminal = user.terminal('enter', 'web', '--', 'sh', '-c', 'tty; exit 5');
    await terminal.waitFor('/dev/pts/');
    expect(await terminal.ended()).toBe(5);
  });

  test('a reboot inside makes a new init of the same monitor', async ({ user }) => {
    await user.bootstrap('web');
    await user.ctrOk('start', 'web');
    const before = await user.info('web');
    await user.ctr('enter', 'web', '--', 'reboot', '-f');
    await expect.poll(async () => (await user.info('web')).pid, { timeout: slow(10_000) }).not.toBe(before.pid);
    const after = await user.info('web');
    expect(after).toMatchObject({ state: 'running', monitorPid: before.monitorPid });
    expect((await user.ctr('enter', 'web', '--', 'id', '-u')).stdout).toBe('0\n');
  });

  test('what a killed monitor leaves the next start takes away', async ({ user }) => {
    await user.bootstrap('web');
    await user.ctrOk('start', 'web');
    const { pid, monitorPid } = await user.info('web');
    process.kill(Number(monitorPid), 'SIGKILL');
    await user.ctrOk('start', 'web');
    expect((await user.info('web')).pid).not.toBe(pid);
    expect(await user.ctrOk('gc')).not.toMatch(/fail/);
    expect(await user.ctrOk('destroy', 'web')).toBe("killed 'web'\n");
  });

  test('has the network of nobody but its own loopback link', async ({ user }) => {
    await user.bootstrap('web');
    await user.ctrOk('start', 'web');
    const links = (await user.ctr('enter', 'web', '--', 'ls', '/sys/class/net')).stdout.trim().split(/\s+/);
    expect(links).toContain('lo');
    expect(links.some((link) => /^(eth|ens|enp)/.test(link))).toBe(false);
    expect((await user.ctr('enter', 'web', '--', 'ping', '-c', '1', '127.0.0.1')).status).toBe(0);
  });
});

describe('an ordinary user without subordinate ids', () => {
  const bare = (user: User) => user.with({ subuid: 'root:100000:65536\n' });

  test('has a container whose root is he, and a shell on its console', async ({ user }) => {
    const single = bare(user);
    const { notes } = await single.bootstrap('web');
    expect(notes).toMatch(/you have no subordinate ids: root inside is you outside.*ctrtest:165536:65536/);
    await single.ctrOk('start', 'web');
    const { pid } = await single.info('web');
    expect(idsOf(pid, 'Uid')).toEqual(four(USER.uid));
    const entered = await single.ctr('enter', 'web', '--', 'sh', '-c', 'id -u; umount /proc/keys && echo open; exit 3');
    expect(entered).toMatchObject({ status: 3, stdout: '0\n' });

    const terminal = single.terminal('console', 'web');
    await terminal.waitFor('# ');
    terminal.type('tty\n');
    await terminal.waitFor('/dev/console');
    terminal.type(DETACH);
    expect(await terminal.ended()).toBe(0);
    await single.ctrOk('stop', 'web');
    await single.ctrOk('undefine', 'web', '--remove-storage');
  });
});

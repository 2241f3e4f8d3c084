import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, type Rig, slow } from '../rig/index.js';
import { projectRoot } from '../rig/rig.js';
import { SUB_IDS, userTest as test, USER, type User } from '../rig/user.js';

const KINDS = [
  ['with subordinate ids', (user: User) => user],
  ['without subordinate ids', (user: User) => user.with({ subuid: 'root:100000:65536\n' })],
] as const;

/** A directory of his, with one file. */
function makeProject(rig: Rig): string {
  const dir = join(rig.scratch, 'project');
  mkdirSync(dir, { mode: 0o755 });
  writeFileSync(join(dir, 'file'), 'text\n');
  for (const path of [dir, join(dir, 'file')]) chownSync(path, USER.uid, USER.gid);
  return dir;
}

/** Whoever has got it may be slow to reap it. */
function lives(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Busy hosts take their time. */
const patiently = <T>(look: () => T) => expect.poll(look, { timeout: slow(20_000) });

describe.for(KINDS)('run of an ordinary user %s', ([, who]) => {
  test('is root inside, on a read-only tree with empty private directories (S01, S31)', async ({ user, rig }) => {
    const script =
      'id -u; touch /etc/x; ls /home /root /tmp; touch /tmp/x && ls /tmp; mount -o remount,rw / && echo bad';
    const { status, stdout } = await who(user).ctr('run', '--host-readonly', '--', 'sh', '-c', script);
    expect({ status, stdout }).toEqual({ status: 32, stdout: '0\n/home:\n\n/root:\n\n/tmp:\nx\n' });
    expect(existsSync('/etc/x')).toBe(false);
    expect(readdirSync(join(rig.runDir, 'containers'))).toEqual([]);
  });

  test('gives the exit status of the command, 124 when its time is over', async ({ user }) => {
    const run = async (...words: string[]) => (await who(user).ctr('run', ...words)).status;
    expect(await run('--', 'sh', '-c', 'exit 7')).toBe(7);
    expect(await run('--', 'no-such-program')).toBe(127);
    expect(await run('--', '/etc/passwd')).toBe(126);
    expect(await run('--timeout', '300ms', '--', 'sh', '-c', 'trap "" TERM; sleep 1000')).toBe(124);
  });

  test('what is written to a bind is his, and nothing else is left in it', async ({ user, rig }) => {
    const project = makeProject(rig);
    const script = 'cat file; touch new; stat -c %u file';
    const words = ['run', '--bind', project, '-w', project, '--', 'sh', '-c', script];
    expect(await who(user).ctrOk(...words)).toBe('text\n0\n');
    expect(readdirSync(project).sort()).toEqual(['file', 'new']);
    expect(statSync(join(project, 'new'))).toMatchObject({ uid: USER.uid, gid: USER.gid });
    const { stderr } = await who(user).ctr('run', '--bind-ro', project, '--', 'touch', `${project}/x`);
    expect(stderr).toMatch(/Read-only file system/);
  });

  test('has a loopback of its own, or the network of the host; a bridge is an error', async ({ user }) => {
    const links = async (net: string) =>
      (await who(user).ctrOk('run', '--net', net, '--', 'cat', '/proc/net/dev')).match(/^\s*\S+(?=:)/gm)?.sort();
    expect((await links('none'))?.map((name) => name.trim())).toContain('lo');
    expect(await links('host')).toEqual(
      readFileSync('/proc/net/dev', 'utf8')
        .match(/^\s*\S+(?=:)/gm)
        ?.sort(),
    );
    const { status, stderr } = await who(user).ctr('run', '--net', 'lan', '--', 'true');
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringMatching(/'lan'.*need root/) });
  });

  test.for([
    ['--memory', '64M', 'memory'],
    ['--pids', '64', 'pids'],
    ['--cpus', '1', 'cpu'],
  ])(
    'a limit that nothing can hold is an error: %s (S71)',
    async ([option = '', value = '', controller], { user, skip }) => {
      const { stdout } = await who(user).ctr('check');
      if (new RegExp(`limits of .*${controller}`).test(stdout)) skip(`a cgroup with '${controller}' is delegated here`);
      const { status, stderr } = await who(user).ctr('run', option, value, '--', 'true');
      expect(status).toBe(125);
      expect(stderr).toMatch(new RegExp(`cannot limit .*: no cgroup with the controller '${controller}' is delegated`));
    },
  );

  test('what it does without is said with the first run, and not again', async ({ user }) => {
    expect((await who(user).ctr('run', '--', 'true')).stderr).toMatch(/^note: you have (one range|no subordinate ids)/);
    expect((await who(user).ctr('run', '--', 'true')).stderr).toBe('');
    expect((await who(user).ctr('run', '--bind-ro', '/etc:/tmp/etc', '--', 'true')).stderr).toBe('');
  });

  test('is listed while it runs, entered, stopped; killed, it leaves nothing', async ({ user, rig }) => {
    const project = makeProject(rig);
    const start = (name: string) =>
      who(user).ctr(
        'run',
        '--name',
        name,
        '--bind',
        project,
        '--',
        'sh',
        '-c',
        'trap "exit 5" TERM; sleep 1000 & wait',
      );
    const first = start('box');
    await patiently(() => who(user).ctrOk('list')).toMatch(/^box\s.*running.*transient/m);
    expect(await who(user).ctrOk('enter', 'box', '--', 'id', '-u')).toBe('0\n');
    expect(await who(user).ctrOk('stop', 'box')).toBe("stopped 'box'\n");
    expect((await first).status).toBe(5);
    const second = start('other');
    await patiently(() => who(user).ctrOk('list')).toMatch(/^other\s/m);
    const { monitorPid, pid } = await who(user).info('other');
    process.kill(Number(monitorPid), 'SIGKILL');
    expect((await second).status).not.toBe(0);
    await patiently(() => lives(Number(pid))).toBe(false);
    expect(readdirSync(project)).toEqual(['file']);
    expect(await who(user).ctrOk('gc')).toMatch(/remains of 'other'/);
    expect(readdirSync(join(rig.runDir, 'containers'))).toEqual([]);
    expect(readdirSync(join(rig.runDir, 'runs'))).toEqual([]);
  });

  test('on a tree of his what is written is gone afterwards', async ({ user, rig }) => {
    await who(user).bootstrap('web');
    const tree = join(rig.stateDir, 'containers/web/rootfs');
    const words = ['--', 'sh', '-c', 'id -u; touch /root/x; ls -ln /root'];
    for (const root of [
      ['--rootfs', tree],
      ['--from', 'web'],
    ]) {
      expect(await who(user).ctrOk('run', ...root, ...words)).toMatch(/^0\n(?:total 0\n)?\S+\s+1 0\s+0 .* x$/m);
    }
    expect(readdirSync(join(tree, 'root'))).toEqual([]);
  });

  test('is the library’s as well: signal, time, output, abort', async ({ user, rig }) => {
    const script = `
      import { run } from ${JSON.stringify(join(projectRoot, 'dist/index.js'))};
      const sh = (script, more) => run({ command: 'sh', args: ['-c', script], ...more });
      const all = await Promise.all([
        sh('kill -SEGV $$'), sh('sleep 1000', { timeoutMs: 300 }), sh('yes | head -c 100000', { maxOutputBytes: 10 }),
        sh('sleep 1000', { signal: AbortSignal.timeout(500) }), sh('id -u; echo err >&2'), 
        sh('true', { memoryBytes: 1 << 26 }).catch(({ code }) => code),
      ]);
      console.log(JSON.stringify(all.map((r) => typeof r === 'string' ? r : { ...r, stdout: String(r.stdout), stderr: String(r.stderr) })));`;
    const file = join(rig.scratch, 'run.mjs');
    writeFileSync(file, script);
    const { stdout } = await who(user).run([process.execPath, file]);
    const [signal, time, output, abort, plain, limit] = JSON.parse(stdout);
    expect(signal).toMatchObject({ exitCode: 139, signal: 'SEGV', oom: false });
    expect(time).toMatchObject({ exitCode: 124, timedOut: true });
    expect(output).toMatchObject({ exitCode: 0, truncated: true, stdout: 'y\ny\ny\ny\ny\n' });
    expect(abort).toMatchObject({ exitCode: 137, aborted: true });
    expect(plain).toMatchObject({ exitCode: 0, stdout: '0\n', stderr: 'err\n', usage: { cpuMs: expect.any(Number) } });
    expect(limit).toBe('CTR_UNSUPPORTED');
  });

  test('boots a tree of his, whose owners stay as they are', async ({ user, rig }) => {
    await who(user).bootstrap('web');
    const tree = join(rig.stateDir, 'containers/web/rootfs');
    const before = statSync(join(tree, 'etc'));
    const booted = who(user).ctr('run', '--rootfs', tree, '--boot', '--name', 'box');
    await patiently(() => who(user).ctrOk('list')).toMatch(/^box\s/m);
    await patiently(async () => (await who(user).ctr('enter', 'box', '--', 'touch', '/root/kept')).status).toBe(0);
    await patiently(async () => (await who(user).ctr('enter', 'box', '--', 'poweroff')).status).toBe(0);
    expect((await booted).status).toBe(0);
    expect(statSync(join(tree, 'root/kept')).uid).toBe(before.uid);
    expect(statSync(join(tree, 'etc')).uid).toBe(before.uid);
  });
});

describe('ids of an ordinary user’s run', () => {
  test('with subordinate ids nobody inside is he, unless he binds something of his', async ({ user, rig }) => {
    const mapOf = async (...words: string[]) =>
      (await user.ctrOk('run', ...words, '--', 'cat', '/proc/self/uid_map')).trim().split(/\s+/);
    expect(await mapOf()).toEqual(['0', '1', '65536']);
    expect(await mapOf('--bind', makeProject(rig))).toEqual(['0', '0', '1', '1', '1', '65536']);
  });

  test('--user by number is the owner of what he binds', async ({ user, rig }) => {
    const project = makeProject(rig);
    const words = [
      'run',
      '--user',
      '1234:1234',
      '--bind',
      project,
      '-w',
      project,
      '--',
      'sh',
      '-c',
      'id -u; touch new',
    ];
    expect(await user.ctrOk(...words)).toBe('1234\n');
    expect(statSync(join(project, 'new'))).toMatchObject({ uid: USER.uid, gid: USER.gid });
    const { stderr } = await user.ctr('run', '--user', 'nobody', '--bind', project, '--', 'true');
    expect(stderr).toMatch(/'nobody'.*by number/);
  });

  test('without them another user is an error, not root', async ({ user }) => {
    const single = user.with({ subuid: 'root:100000:65536\n' });
    const { status, stderr } = await single.ctr('run', '--user', '1234', '--', 'id');
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringMatching(/no subordinate ids/) });
  });

  test('ids that were taken away from him are not used again', async ({ user }) => {
    await user.ctrOk('run', '--', 'true');
    const other = user.with({ subuid: `${USER.name}:${SUB_IDS.outside + 65_536}:65536\n` });
    expect((await other.ctr('run', '--', 'id', '-u')).stdout).toBe('0\n');
  });
});

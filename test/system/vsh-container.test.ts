/** vsh in a container: confined as what enters, and gone with it. */
import { describe, expect } from 'vitest';
import { slow } from '../rig/slow.js';
import { finish, vshTest as test } from '../rig/vsh.js';
import { dataFrame } from '../rig/vsh-codec.js';

describe('a command in a container', () => {
  test('is confined as what enters, in its namespaces and groups', { timeout: slow(120_000) }, async ({
    rig,
    vshd,
  }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const target = '--target_container=web';
    const pipe = await vshd.vsh([target, '--', 'sh', '-c', 'cat - > /bar'], { input: 'foo\n' });
    expect(pipe).toMatchObject({ status: 0, stderr: '' });
    expect((await vshd.vsh([target, '--', 'cat', '/bar'])).stdout).toBe('foo\n');
    const script =
      'grep -E "^(Cap|Seccomp|NoNew|Uid|Gid|Groups)" /proc/self/status; cat /proc/self/uid_map /proc/self/cgroup; for n in /proc/self/ns/*; do readlink $n; done';
    const command = ['--', 'sh', '-c', script];
    const entered = await rig.ctrOk('enter', 'web', ...command);
    expect((await vshd.vsh([target, ...command])).stdout).toBe(entered);
    expect((await vshd.vsh([target, '--', 'sh', '-c', 'pwd; echo $HOME $USER'])).stdout).toBe('/root\n/root root\n');
    expect((await vshd.vsh([target, '--cwd=../tmp', '--', 'pwd'])).stdout).toBe('/tmp\n');
    const cases: [readonly string[], number, RegExp][] = [
      [['--', 'no-such'], 127, /^vshd: cannot enter 'web': 'no-such' does not exist in it\n$/],
      [['--', '/etc/passwd'], 126, /cannot be run/],
      [['--user=nosuch', '--', 'id'], 1, /user 'nosuch': there is no such user/],
      [['--cwd=/nosuch', '--', 'id'], 1, /the directory '\/nosuch'/],
      [[`--cwd=${process.pid}`, '--', 'id'], 1, /is none of it/],
      [['--', 'sh', '-c', 'kill -9 $$'], 137, /^$/],
    ];
    for (const [args, status, words] of cases) {
      expect({ args, ...(await vshd.vsh([target, ...args])) }).toMatchObject({
        args,
        status,
        stderr: expect.stringMatching(words),
      });
    }
  });

  test('finds the directory of a process of it by the pid that READY told', { timeout: slow(120_000) }, async ({
    rig,
    vshd,
  }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const wire = await vshd.open({ target: 'web', cwd: '/tmp', nopty: true, argv: ['cat'] });
    const { stdout } = await vshd.vsh(['--target_container=web', `--cwd=${wire.response.pid}`, '--', 'pwd']);
    expect(stdout).toBe('/tmp\n');
    wire.socket.destroy();
  });

  test('ends with its container, and says so', { timeout: slow(120_000) }, async ({ rig, vshd }) => {
    await rig.bootstrap('web');
    expect(await vshd.vsh(['--target_container=web', '--', 'id'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/cannot enter 'web': it is not running/),
    });
    await rig.ctrOk('start', 'web');
    const { child, result } = vshd.start(['--target_container=web', '--', 'sh', '-c', 'echo in; sleep 1000']);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    await rig.ctrOk('destroy', 'web');
    expect(await result).toMatchObject({ status: 137, stderr: "vsh: container 'web' stopped\n" });
  });

  test('is refused while it is paused; one that was there goes on with it', { timeout: slow(120_000) }, async ({
    rig,
    vshd,
  }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const wire = await vshd.open({ target: 'web', nopty: true, argv: ['sh', '-c', 'echo in; cat'] });
    await wire.next();
    await rig.ctrOk('suspend', 'web');
    expect(await vshd.vsh(['--target_container=web', '--', 'id'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/cannot enter 'web': it is paused/),
    });
    wire.send(dataFrame(1, 'still here'), dataFrame(1, ''));
    await rig.ctrOk('resume', 'web');
    expect(await finish(wire)).toMatchObject({ stdout: 'still here', code: 0 });
  });

  test('does not outlive the client that is killed', { timeout: slow(120_000) }, async ({ rig, vshd }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const { child, result } = vshd.start([
      '--target_container=web',
      '--',
      'sh',
      '-c',
      'trap "" HUP; echo in; exec sleep 1000',
    ]);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGKILL');
    await result;
    await expect
      .poll(() => rig.ctrOk('enter', 'web', '--', 'ps'), { timeout: slow(10_000) })
      .not.toContain('sleep 1000');
  });
});

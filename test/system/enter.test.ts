import { createHash, randomBytes } from 'node:crypto';
import { describe, domainXml, expect, type Rig, test } from '../rig/index.js';

const TEN_MEBIBYTES = 10 * 1024 * 1024;

async function startWeb(rig: Rig): Promise<void> {
  await rig.bootstrap('web');
  await rig.ctrOk('start', 'web');
}

describe('ctr enter', () => {
  test('its exit status is that of the command, by the rules of shells', async ({ rig }) => {
    await startWeb(rig);
    const cases: [readonly string[], number][] = [
      [['true'], 0],
      [['sh', '-c', 'exit 7'], 7],
      [['sh', '-c', 'exit 255'], 255],
      [['/etc/passwd'], 126],
      [['/no/such/program'], 127],
      [['no-such-program'], 127],
      [['sh', '-c', 'kill -9 $$'], 137],
      [['sh', '-c', 'kill -TERM $$'], 143],
    ];
    for (const [command, expected] of cases) {
      const { status } = await rig.ctr(['enter', 'web', '--', ...command]);
      expect({ command, status }).toEqual({ command, status: expected });
    }
  });

  test('its own failures are 125 and say why', async ({ rig }) => {
    await rig.bootstrap('web');
    const stopped = await rig.ctr(['enter', 'web', '--', 'true']);
    expect(stopped.status).toBe(125);
    expect(stopped.stderr).toMatch(/cannot enter 'web': it is (stopped|not running)\nhint: ctr start web\n/);
    const unknown = await rig.ctr(['enter', 'nosuch', '--', 'true']);
    expect(unknown.status).toBe(125);
    expect(unknown.stderr).toMatch(/cannot enter 'nosuch'/);
  });

  test('keeps stdout and stderr apart', async ({ rig }) => {
    await startWeb(rig);
    const { stdout, stderr } = await rig.ctr(['enter', 'web', '--', 'sh', '-c', 'echo out; echo err >&2']);
    expect({ stdout, stderr }).toEqual({ stdout: 'out\n', stderr: 'err\n' });
  });

  test('passes 10 MiB of any bytes through, both ways', async ({ rig }) => {
    await startWeb(rig);
    const input = randomBytes(TEN_MEBIBYTES);
    const { status, stdoutBytes } = await rig.ctr(['enter', 'web', '--', 'cat'], { input });
    expect(status).toBe(0);
    expect(stdoutBytes.length).toBe(TEN_MEBIBYTES);
    expect(sha256(stdoutBytes)).toBe(sha256(input));
  });

  test('passes each argument as it is', async ({ rig }) => {
    await startWeb(rig);
    const args = ['', ' ', 'a b', '*', '$HOME', "it's", 'new\nline', '--help', '-x', 'ü€😀'];
    const { stdout } = await rig.ctr(['enter', 'web', '--', 'sh', '-c', 'printf "%s|" "$@"', 'sh', ...args]);
    expect(stdout).toBe(args.map((arg) => `${arg}|`).join(''));
  });

  test('gives the environment of the container and of the user, nothing of the caller’s but TERM', async ({ rig }) => {
    await startWeb(rig);
    const env = { SECRET: 'x', LD_PRELOAD: '/tmp/evil.so', TERM: 'vt220' };
    const { stdout } = await rig.ctr(['enter', 'web', '-e', 'EXTRA=1', '--', 'env'], { env });
    const variables = new Map(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    for (const own of ['PWD', 'SHLVL', 'OLDPWD', '_']) variables.delete(own);
    expect(Object.fromEntries(variables)).toMatchObject({
      HOME: '/root',
      USER: 'root',
      SHELL: '/bin/sh',
      TERM: 'vt220',
      EXTRA: '1',
      container_uuid: expect.any(String),
    });
    expect(
      [...variables.keys()].filter(
        (name) => !/^(PATH|HOME|USER|LOGNAME|SHELL|TERM|EXTRA|LANG|container(_\w+)?|LIBVIRT_LXC_\w+)$/.test(name),
      ),
    ).toEqual([]);
  });

  test('-u takes a user inside by name or number, with that user’s home', async ({ rig }) => {
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot() }));
    await rig.ctrOk('start', 'vm');
    expect(await rig.ctrOk('enter', '-u', 'nobody', 'vm', '--', 'id', '-u')).toBe('65534\n');
    expect(await rig.ctrOk('enter', 'vm', '-u', '1234:1234', '--', 'id', '-u')).toBe('1234\n');
    expect(await rig.ctrOk('enter', '-u', 'nobody', 'vm', '--', 'sh', '-c', 'echo $HOME $USER')).toBe('/ nobody\n');
    const unknown = await rig.ctr(['enter', '-u', 'nosuchuser', 'vm', '--', 'true']);
    expect(unknown.status).toBe(125);
    expect(unknown.stderr).toContain("'nosuchuser'");
  });

  test('-w sets the working directory, and a missing one is an error', async ({ rig }) => {
    await startWeb(rig);
    expect(await rig.ctrOk('enter', '-w', '/tmp', 'web', '--', 'pwd')).toBe('/tmp\n');
    const missing = await rig.ctr(['enter', '-w', '/no/such', 'web', '--', 'pwd']);
    expect(missing.status).toBe(125);
    expect(missing.stderr).toContain("'/no/such'");
  });

  test('never ends up outside of the root by a working directory', async ({ rig }) => {
    await startWeb(rig);
    for (let fd = 3; fd < 24; fd += 1) {
      const { status } = await rig.ctr(['enter', '-w', `/proc/self/fd/${fd}`, 'web', '--', 'ls', '..']);
      expect({ fd, status }).toEqual({ fd, status: 125 });
    }
  });

  test('the command is in the container’s cgroups and has its capabilities and filter', async ({ rig }) => {
    await startWeb(rig);
    const read = (pid: string) => rig.ctrOk('enter', 'web', '--', 'cat', `/proc/${pid}/status`);
    const keys = /^(Cap\w+|Seccomp|NoNewPrivs):.*$/gm;
    expect((await read('self')).match(keys)).toEqual((await read('1')).match(keys));
    const groups = (
      await rig.ctrOk('enter', 'web', '--', 'sh', '-c', 'cat /proc/self/cgroup; echo --; cat /proc/1/cgroup')
    ).split('--\n');
    expect(groups[0]).toBe(groups[1]);
  });

  test('has a terminal of its own: tty works, and job control', async ({ rig }) => {
    await startWeb(rig);
    const terminal = rig.terminal(['enter', 'web']);
    await terminal.waitFor(/[#$] $/);
    terminal.type('tty\n');
    await terminal.waitFor(/\/dev\/pts\/\d+/);
    terminal.type('sleep 1000\n');
    await expect.poll(() => rig.ctrOk('enter', 'web', '--', 'ps')).toContain(' sleep 1000');
    terminal.type('\x03');
    await terminal.waitFor(/[#$] $/);
    terminal.type('exit 5\n');
    expect(await terminal.ended()).toBe(5);
  });

  test('a container that stops takes the command with it', async ({ rig }) => {
    await startWeb(rig);
    const { result } = rig.startCtr(['enter', 'web', '--', 'sh', '-c', 'echo in; sleep 1000']);
    await expect.poll(() => rig.ctrOk('enter', 'web', '--', 'ps')).toContain('sleep 1000');
    await rig.ctrOk('destroy', 'web');
    expect((await result).status).toBe(137);
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

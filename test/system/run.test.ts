import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, lacksController, type Rig, test } from '../rig/index.js';

/** A project directory of an ordinary user's, with one file. */
function makeProject(rig: Rig, owner = 4711): string {
  const dir = join(rig.scratch, 'project');
  mkdirSync(dir, { mode: 0o755 });
  writeFileSync(join(dir, 'file'), 'text\n');
  for (const path of [dir, join(dir, 'file')]) chownSync(path, owner, owner);
  return dir;
}

describe('run on the host’s tree', () => {
  test('is root inside and nobody outside, on a read-only tree with empty private directories', async ({ rig }) => {
    const script = 'id -u; touch /etc/x; ls /home /root /tmp; touch /tmp/x && ls /tmp; cat /proc/self/uid_map';
    const { status, stdout, stderr } = await rig.ctr(['run', '--host-readonly', '--', 'sh', '-c', script]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/Read-only file system/) });
    expect(stdout).toMatch(/^0\n\/home:\n\n\/root:\n\n\/tmp:\nx\n\s+0\s+[1-9]\d{5,}\s+65536\n$/);
    expect(existsSync('/etc/x')).toBe(false);
  });

  test('gives the exit status of the command, and its own words for what cannot be run', async ({ rig }) => {
    const cases: [string[], number][] = [
      [['sh', '-c', 'exit 7'], 7],
      [['sh', '-c', 'kill -TERM $$'], 143],
      [['no-such-program'], 127],
      [['/no/such/program'], 127],
      [['/etc/passwd'], 126],
      [['/etc'], 126],
    ];
    for (const [command, status] of cases) {
      expect({ command, status: (await rig.ctr(['run', '--', ...command])).status }).toEqual({ command, status });
    }
    const { status, stderr } = await rig.ctr(['run', '--bind', '/no/such/dir', '--', 'true']);
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringMatching(/'\/no\/such\/dir'/) });
    expect((await rig.ctr(['run', '--wrong', '--', 'true'])).status).toBe(125);
  });

  test('names the option that was meant, and its own help', async ({ rig }) => {
    const said = async (...words: string[]) => (await rig.ctr(['run', ...words, '--', 'true'])).stderr;
    expect(await said('--memry', '1')).toBe("ctr: unknown option '--memry'\nhint: did you mean '--memory'?\n");
    expect(await said('--pids', '0')).toMatch(/^ctr: option '--pids <n>' .*\nhint: ctr run --help\n$/);
    expect(await said('--net', 'user')).toMatch(/^ctr: cannot connect a run to 'user': .*\nhint: --net default /);
  });

  test('hands stdin, stdout and stderr over, byte for byte', async ({ rig }) => {
    const { status, stdout, stderr } = await rig.ctr(['run', '--', 'sh', '-c', 'cat; echo err >&2'], {
      input: 'in\0x',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'in\0x', stderr: 'err\n' });
  });

  test('has a clean environment, with what is asked for', async ({ rig }) => {
    const env = { SECRET: 'x', LD_PRELOAD: '/no.so', NODE_OPTIONS: '--require=/no.js' };
    const words = ['run', '-e', 'A=1', '--env=B=2 3', '-w', '/usr', '--', 'sh', '-c', 'pwd; env'];
    const { stdout } = await rig.ctr(words, { env });
    const lines = stdout.trim().split('\n');
    expect(lines).toEqual(expect.arrayContaining(['/usr', 'A=1', 'B=2 3', 'HOME=/root', 'container=ctr']));
    expect(stdout).not.toMatch(/SECRET|LD_PRELOAD|NODE_OPTIONS|CTR_/);
  });

  test('is a container while it runs: listed, entered, destroyed', async ({ rig }) => {
    const running = rig.startCtr(['run', '--name', 'box', '--', 'sleep', '1000']);
    await waitUntil(async () => (await rig.ctrOk('list')).includes('box'));
    expect((await rig.ctr(['logs', 'box'])).stderr).toMatch(/^ctr: cannot read the logs of 'box': it is a run/);
    expect(await rig.ctrOk('enter', 'box', '--', 'sh', '-c', 'grep NoNewPrivs /proc/self/status')).toMatch(/\t1\n$/);
    expect(await rig.ctrOk('destroy', 'box')).toMatch(/'box'/);
    expect((await running.result).status).toBe(137);
    expect(await rig.ctrOk('list', '--all')).not.toContain('box');
  });

  test('passes signals on, and goes with everything in it', async ({ rig }) => {
    const script = 'trap "echo got; exit 5" TERM; sleep 1000 & echo ready; wait';
    const running = rig.startCtr(['run', '--', 'sh', '-c', script]);
    await once(running.child.stdout as NodeJS.ReadableStream, 'data');
    running.child.kill('SIGTERM');
    expect(await running.result).toMatchObject({ status: 5, stdout: 'ready\ngot\n' });
  });

  test('with -t has a terminal of its own, of the caller’s size', async ({ rig }) => {
    const terminal = rig.terminal(['run', '--', 'sh', '-c', 'stty size; tty; test -t 0 && echo yes']);
    await terminal.waitFor('24 80');
    await terminal.waitFor('/dev/');
    await terminal.waitFor('yes');
    expect(await terminal.ended()).toBe(0);
  });
});

describe('run with limits', () => {
  test('ends what takes too long, with 124', async ({ rig }) => {
    const { status } = await rig.ctr(['run', '--timeout', '300ms', '--', 'sh', '-c', 'trap "" TERM; sleep 1000']);
    expect(status).toBe(124);
  });

  test('says what was killed for its memory, with 137', async ({ rig, skip }) => {
    const lack = lacksController('memory');
    if (lack !== undefined) skip(lack);
    const words = ['run', '--memory', '32M', '--rootfs', rig.makeRoot()];
    const { status, stderr } = await rig.ctr([
      ...words,
      '--',
      'dd',
      'if=/dev/zero',
      'of=/dev/null',
      'bs=64M',
      'count=1',
    ]);
    expect({ status, stderr }).toEqual({
      status: 137,
      stderr: expect.stringMatching(/out of memory \(limit 33554432/),
    });
  });
});

describe('run with binds', () => {
  test('root inside is the owner of a writable one, and nothing else is left in it', async ({ rig }) => {
    const project = makeProject(rig);
    const script = `id -u; cat ${project}/file; echo new > ${project}/new; stat -c %u ${project}/file`;
    const { status, stdout } = await rig.ctr(['run', '--bind', project, '--', 'sh', '-c', script]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '0\ntext\n0\n' });
    expect(readdirSync(project).sort()).toEqual(['file', 'new']);
    expect(statSync(join(project, 'new')).uid).toBe(4711);
  });

  test('--user is the owner of a writable one', async ({ rig }) => {
    const project = makeProject(rig);
    const words = ['run', '--user', '1234:1234', '--bind', `${project}:/tmp/p`, '-w', '/tmp/p'];
    expect(await rig.ctrOk(...words, '--', 'sh', '-c', 'id -u; stat -c %u file; touch x')).toBe('1234\n1234\n');
    expect(statSync(join(project, 'x')).uid).toBe(4711);
  });

  test('a read-only one is that, with what is mounted below it, and its ids are the host’s', async ({ rig }) => {
    const project = makeProject(rig, 0);
    writeFileSync(join(project, 'secret'), 'x', { mode: 0o600 });
    const script = 'touch /tmp/p/x; cat /tmp/p/secret; cat /tmp/p/file';
    const { stdout, stderr } = await rig.ctr(['run', '--bind-ro', `${project}:/tmp/p`, '--', 'sh', '-c', script]);
    expect(stdout).toBe('text\n');
    expect(stderr).toMatch(/Read-only file system[\s\S]*Permission denied/);
  });

  test('a target that the host does not have is made in memory', async ({ rig }) => {
    const project = makeProject(rig);
    const target = '/no-such-top/deep/dir';
    const script = `ls ${target}; ls -d /usr /etc/passwd; touch /usr/x /x`;
    const { stdout, stderr } = await rig.ctr(['run', '--bind', `${project}:${target}`, '--', 'sh', '-c', script]);
    expect(stdout).toBe('file\n/etc/passwd\n/usr\n');
    expect(stderr.match(/Read-only file system/g)).toHaveLength(2);
    expect(existsSync('/no-such-top')).toBe(false);
  });

  test('the directory is as before after kill -9 of the run, and the next command tidies up', async ({ rig }) => {
    const project = makeProject(rig);
    const before = readdirSync(project);
    const words = ['run', '--name', 'box', '--bind', project, '--bind-ro', `/etc:${project}/etc`];
    const running = rig.startCtr([...words, '--', 'sleep', '1000']);
    const { status } = await running.result.catch(() => ({ status: -1 }));
    // A target in a bound directory would have to be made in it.
    expect(status).toBe(125);
    const other = rig.startCtr(['run', '--name', 'box', '--bind', project, '--', 'sleep', '1000']);
    await waitUntil(async () => (await rig.ctrOk('list')).includes('box'));
    other.child.kill('SIGKILL');
    await other.result;
    await rig.ctrOk('gc');
    expect(await rig.ctrOk('list', '--all')).not.toContain('box');
    expect(readdirSync(project)).toEqual(before);
  });
});

describe('run on another root', () => {
  test('--rootfs: what is written is gone', async ({ rig }) => {
    const root = rig.makeRoot();
    const script = 'echo x > /new && cat /new; id -u; stat -c %u /bin/busybox';
    expect(await rig.ctrOk('run', '--rootfs', root, '--', 'sh', '-c', script)).toBe('x\n0\n0\n');
    expect(existsSync(join(root, 'new'))).toBe(false);
  });

  test('--from: the root of a defined container, which stays as it is', async ({ rig }) => {
    await rig.bootstrap('web');
    const root = String((await rig.info('web')).rootfs);
    const before = readFileSync(join(root, 'etc/passwd'), 'utf8');
    expect(await rig.ctrOk('run', '--from', 'web', '--', 'sh', '-c', 'echo x > /etc/passwd; cat /etc/passwd')).toBe(
      'x\n',
    );
    expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).toBe(before);
    expect((await rig.ctr(['run', '--from', 'none', '--', 'true'])).status).toBe(125);
  });

  test('two at a time have different host ids', async ({ rig }) => {
    const words = ['run', '--', 'sh', '-c', 'cat /proc/self/uid_map; sleep 1'];
    const [one, two] = await Promise.all([rig.ctrOk(...words), rig.ctrOk(...words)]);
    expect(one).not.toBe(two);
  });
});

async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await condition()) return;
    await delay(50);
  }
  throw new Error('it did not come to that');
}

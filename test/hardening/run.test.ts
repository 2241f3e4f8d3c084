/** What a command in a run tries to get out, or to take the host with it. */
import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../src/index.js';
import {
  compileProgram,
  ctrProgram,
  describe,
  expect,
  lacksContainment,
  lacksController,
  lacksStaticCompiler,
  projectRoot,
  type Rig,
  runContained,
  runProgram,
  slow,
  test,
} from '../rig/index.js';

async function inRun(rig: Rig, script: string, ...options: string[]): Promise<string> {
  const { stdout, stderr } = await rig.ctr(['run', ...options, '--', 'sh', '-c', script]);
  return stdout + stderr;
}

describe('run', () => {
  test('S45 S44 S08 no new privileges, and the capabilities of an application', async ({ rig }) => {
    const fields = await inRun(rig, 'grep -hE "^(NoNewPrivs|Cap(Bnd|Eff|Inh|Amb)|Seccomp):" /proc/self/status');
    const values = fields.match(/\t\S+$/gm)?.map((value) => value.trim());
    const none = '0000000000000000';
    expect(values).toEqual([none, '00000000800405fb', '00000000800405fb', none, '1', '2']);
  });

  test('S45 S44 S08 S46 nor what enters it: the same for both, and for the small init', async ({ rig }) => {
    const running = rig.startCtr(['run', '--name', 'box', '--', 'sleep', '1000']);
    await expect
      .poll(async () => (await rig.ctr(['enter', 'box', '--', 'true'])).status, { timeout: slow(10_000) })
      .toBe(0);
    const fields = 'NoNewPrivs|Cap(Bnd|Eff|Prm|Inh|Amb)|Seccomp|Uid|Gid';
    const of = (pid: string) => rig.ctrOk('enter', 'box', '--', 'grep', '-E', `^(${fields}):`, `/proc/${pid}/status`);
    const entered = await of('self');
    expect(entered).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(entered).toMatch(/^CapBnd:\s+00000000800405fb$/m);
    expect(entered).toMatch(/^Seccomp:\s+2$/m);
    expect(await of('2')).toBe(entered);
    // Who reaps and passes signals on needs one of them: kill.
    expect(await of('1')).toMatch(/^CapBnd:\s+0{14}20\nCapAmb:\s+0{16}\nNoNewPrivs:\s+1\nSeccomp:\s+2$/m);
    await rig.ctrOk('destroy', 'box');
    await running.result;
  });

  test('S46 S61 system calls that an application does not need are refused, on every ABI', async ({ rig, skip }) => {
    const lack = lacksStaticCompiler();
    if (lack !== undefined) skip(lack);
    const program = join(rig.scratch, 'forbidden-calls');
    compileProgram(join(import.meta.dirname, 'programs/forbidden-calls.c'), program);
    const text = await rig.ctrOk('run', '--bind-ro', `${program}:/tmp/calls`, '--', '/tmp/calls');
    const results = text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '));
    expect(results.length).toBeGreaterThan(20);
    for (const [abi, call, errno] of results) {
      const expected = call === 'unknown' || abi === 'x32' ? '38' : call?.startsWith('socket-') ? '97' : '1';
      expect({ abi, call, errno }).toEqual({ abi, call, errno: expected });
    }
    const script = 'unshare -U true; unshare -m true; mount -t tmpfs x /tmp; umount /tmp; chroot / true && echo chroot';
    const said = await inRun(rig, script);
    expect(said.match(/not permitted|permission denied|must be superuser/gi)?.length).toBe(4);
    expect(said).toMatch(/chroot\n/);
  });

  test('S61 no call makes or joins a namespace', async ({ rig, skip }) => {
    const lack = lacksStaticCompiler();
    if (lack !== undefined) skip(lack);
    const program = join(rig.scratch, 'new-namespaces');
    compileProgram(join(import.meta.dirname, 'programs/new-namespaces.c'), program);
    const text = await rig.ctrOk('run', '--bind-ro', `${program}:/tmp/calls`, '--', '/tmp/calls');
    // The flags of clone3(2) are out of a filter's sight: for who makes threads it is not there.
    expect(text).toBe('plain clone 0\nclone 1\nclone mixed 1\nclone3 38\nunshare 1\nsetns 1\n');
  });

  test('S47 makes no device, and reads none', async ({ rig }) => {
    const script = 'mknod /tmp/x b 8 0; mknod /tmp/y c 1 1; ls /dev; cat /dev/kmsg';
    const said = await inRun(rig, script);
    expect(said.match(/not permitted/g)).toHaveLength(2);
    expect(said).toMatch(/kmsg'?: No such file/);
    expect(said.split('\n').filter((line) => /^(?:sd|vd|mem|kmsg|fuse|loop)/.test(line))).toEqual([]);
  });

  test('S30 S54 S55 S49 kernel files are masked or read-only, and no cgroup is in sight', async ({ rig }) => {
    const script = `for file in /proc/kcore /proc/keys /proc/timer_list /proc/interrupts /proc/kmsg; do head -c 1 $file; done 2>/dev/null
      for file in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/sys/vm/drop_caches /sys/kernel/uevent_helper; do
        echo x > $file && echo wrote $file; done 2>/dev/null
      ls /sys/fs/cgroup; dmesg >/dev/null 2>&1 && echo dmesg`;
    expect(await inRun(rig, script)).toBe('');
  });

  test('S13 S28 S14 sees no process and no path of the host', async ({ rig }) => {
    const script =
      'ls /proc | grep -c "^[0-9]*$"; tr "\\0" " " < /proc/1/cmdline; cat /proc/1/environ /proc/1/maps; kill -9 -1; kill -9 1; echo alive';
    const said = await inRun(rig, script, '--bind-ro', `${rig.scratch}:/tmp/scratch`);
    expect(said).toMatch(/^[1-5]\n/);
    expect(said).not.toContain(rig.scratch);
    expect(said).toMatch(/alive/);
  });

  test('S09 runs as who was named, or not at all', async ({ rig }) => {
    for (const user of [
      '0x0',
      '1e3',
      '-1',
      '4294967296',
      '4294967295',
      '',
      ' 1',
      '01',
      '1:',
      ':1',
      'root\n',
      '0:-1',
      '1:1:1',
    ]) {
      const { status, stdout, stderr } = await rig.ctr(['run', `--user=${user}`, '--', 'id', '-u']);
      expect({ user, status, stdout, stderr }).toEqual({
        user,
        status: 125,
        stdout: '',
        stderr: expect.stringMatching(/^ctr: cannot run as '/),
      });
    }
    const { stderr } = await rig.ctr(['run', '--user', 'no-such', '--', 'id']);
    expect(stderr).toMatch(/look up the user 'no-such': there is no such user in its \/etc\/passwd/);
    expect(await rig.ctrOk('run', '--user', '1234:99', '--', 'sh', '-c', 'id -u; id -g; id -G')).toBe('1234\n99\n99\n');
  });

  test('S35 a setuid program gives nothing', async ({ rig }) => {
    const program = join(rig.scratch, 'id');
    copyFileSync('/usr/bin/id', program);
    chmodSync(program, 0o4755);
    expect(await inRun(rig, '/tmp/id -u', '--user', '1000:1000', '--bind-ro', `${program}:/tmp/id`)).toBe('1000\n');
  });

  test('S03 none of the caller’s descriptors is there but 0 to 2', async ({ rig }) => {
    const script = `exec 7</ 8</etc/shadow 9<>/dev/null; exec ${ctrProgram} run -- sh -c 'ls -l /proc/self/fd'`;
    const { status, stdout } = await runProgram(['bash', '-c', script], { env: rig.env });
    expect(status).toBe(0);
    const targets = [...stdout.matchAll(/ (\d+) -> (.*)$/gm)].map(([, fd, target]) => ({ fd: Number(fd), target }));
    expect(targets.length).toBeGreaterThanOrEqual(3);
    for (const { fd, target } of targets) {
      // 3 is ls reading the directory.
      expect(fd).toBeLessThanOrEqual(3);
      expect(target).toMatch(/^((pipe|socket):\[\d+\]|\/dev\/null|\/proc\/\d+\/fd)$/);
    }
  });

  test('S03 a directory of the host on stdin is refused', async ({ rig }) => {
    const { status, stderr } = await runContained(`${projectRoot}/bin/ctr run -- true < /`, {
      pids: 400,
      deadlineSeconds: 30,
      env: rig.env,
    });
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringMatching(/directory of the host/) });
  });

  test('S101 output without end is bounded', async ({ rig }) => {
    const places = { stateDir: rig.stateDir, runDir: rig.runDir };
    const { truncated, timedOut, stdout, exitCode } = await run({
      ...places,
      command: 'yes',
      timeoutMs: slow(2000),
      maxOutputBytes: 1000,
    });
    expect({ truncated, timedOut, exitCode, bytes: stdout.length }).toEqual({
      truncated: true,
      timedOut: true,
      exitCode: 124,
      bytes: 1000,
    });
    expect(process.memoryUsage().rss).toBeLessThan(600 * 1024 * 1024);
  });

  test('S52 has no more processes than its limit, by default as well', async ({ rig, skip }) => {
    const lack = lacksController('pids');
    if (lack !== undefined) skip(lack);
    const script = 'n=0; while [ $n -lt 100 ]; do sleep 60 & n=$((n+1)); echo $n; done';
    const { status, stdout, stderr } = await rig.ctr(['run', '--pids', '20', '--', 'sh', '-c', script]);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/fork/) });
    expect(stdout.trim().split('\n').length).toBeLessThan(20);
    const running = rig.startCtr(['run', '--name', 'box', '--', 'sleep', '1000']);
    await expect
      .poll(async () => (await rig.ctr(['enter', 'box', '--', 'true'])).status, { timeout: slow(10_000) })
      .toBe(0);
    expect(await rig.info('box')).toMatchObject({ pids: { limit: 1024 }, memory: { limitBytes: 1024 ** 3 } });
    await rig.ctrOk('destroy', 'box');
    await running.result;
  });

  test('S52 a fork bomb ends in its time, with nothing left', { timeout: slow(60_000) }, async ({ rig, skip }) => {
    const lack = lacksController('pids') ?? lacksContainment();
    if (lack !== undefined) skip(lack);
    const options = '--memory 64M --pids 64 --timeout 5';
    const said = join(rig.scratch, 'said');
    const script = `${projectRoot}/bin/ctr run ${options} -- sh -c 'b() { b | b & }; b; sleep 60' 2> ${said}; echo $?; ps -e | wc -l`;
    const { stdout } = await runContained(script, { pids: 400, deadlineSeconds: 40, env: rig.env });
    const [status, processes] = stdout.trim().split('\n').map(Number);
    // Out of time; or its shell is killed for memory, or can fork no more.
    expect([124, 137, 2]).toContain(status);
    expect(readFileSync(said, 'utf8')).toMatch(/fork|out of memory/);
    expect(processes).toBeLessThan(12);
  });
});

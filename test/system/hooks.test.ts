import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec, HookPoint, HookSpec } from '../../src/config/spec.js';
import {
  defineSpec,
  describe,
  expect,
  IDS,
  makeSpec,
  type Rig,
  startByHelper,
  startMadeSpec,
  test,
} from '../rig/index.js';

/** A program of the host that does this; `$LOG` names a file outside of every container. */
function writeHook(rig: Rig, name: string, script: string): string {
  const file = rig.writeFile(`hook-${name}`, `#!/bin/sh\nLOG=${rig.scratch}/log\n${script}`);
  chmodSync(file, 0o755);
  return file;
}

function hook(when: HookPoint, path: string, changes: Partial<HookSpec> = {}): HookSpec {
  return { when, path, args: [], convention: 'lxc', ...changes };
}

function readLog(rig: Rig): string[] {
  const file = join(rig.scratch, 'log');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}

const POINTS = [
  'pre-start',
  'pre-mount',
  'mount',
  'autodev',
  'create-container',
  'start-host',
  'poststart',
  'stop',
  'post-stop',
] as const;

describe('hooks of the host', () => {
  test.for([
    ['without', undefined],
    ['with', IDS],
  ] as const)(
    'run at their points of the life, in order, each with its name [%s user namespace]',
    async ([, idmap], { rig }) => {
      const path = writeHook(rig, 'log', 'echo "$1 $2 $3 LXC_NAME=$LXC_NAME TARGET=$LXC_TARGET" >> $LOG\n');
      const hooks = POINTS.map((when) => hook(when, path));
      await startMadeSpec(rig, makeSpec(rig.makeRoot(), { hooks, ...(idmap === undefined ? {} : { idmap }) }));
      const line = (type: string, target = '') => `vm lxc ${type} LXC_NAME=vm TARGET=${target}`;
      const started = ['pre-start', 'pre-mount', 'mount', 'autodev', 'mount', 'start-host', 'start-host'].map((type) =>
        line(type),
      );
      expect(readLog(rig)).toEqual(started);
      await rig.ctrOk('destroy', 'vm');
      expect(
        readLog(rig)
          .slice(started.length)
          .map((text) => text.split(' LXC_')[0]),
      ).toEqual([expect.stringMatching(/^vm lxc stop user:\/proc\/\d+\/fd\/\d+|^vm lxc stop$/), 'vm lxc post-stop']);
      expect(readdirSync(join(rig.runDir, 'containers/vm'))).not.toContain('rootfs');
    },
  );

  test('before the pivot see the root where LXC_ROOTFS_MOUNT says, and what they mount is in the container', async ({
    rig,
  }) => {
    const root = rig.makeRoot();
    mkdirSync(join(root, 'extra'));
    const path = writeHook(
      rig,
      'mount',
      'mkdir "$LXC_ROOTFS_MOUNT/dev/mine" && mount -t tmpfs hook "$LXC_ROOTFS_MOUNT/extra" && echo here > "$LXC_ROOTFS_MOUNT/extra/file"\n',
    );
    const before = readFileSync('/proc/self/mountinfo', 'utf8');
    await startMadeSpec(rig, makeSpec(root, { hooks: [hook('mount', path)] }));
    expect(await rig.ctrOk('enter', 'vm', '--', 'sh', '-c', 'cat /extra/file; ls -d /dev/mine')).toBe(
      'here\n/dev/mine\n',
    );
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(before);
    expect(readdirSync(join(root, 'extra'))).toEqual([]);
  });

  test('have a clean environment, no descriptor of ctr, and none of the container’s namespaces', async ({ rig }) => {
    const path = writeHook(
      rig,
      'env',
      'env | cut -d= -f1 | sort | tr "\\n" " " >> $LOG; echo >> $LOG; ls /proc/self/fd | tr "\\n" " " >> $LOG; readlink /proc/self/ns/mnt /proc/self/ns/net >> $LOG\n',
    );
    await startMadeSpec(
      rig,
      makeSpec(rig.makeRoot(), { hooks: [hook('start-host', path, { env: [{ name: 'MINE', value: '1' }] })] }),
    );
    await rig.ctr(['start', 'vm'], { env: { SECRET: 'x' } });
    const [names, ...rest] = readLog(rig);
    expect(names?.trim().split(' ')).toEqual([
      'LXC_CGNS_AWARE',
      'LXC_CONFIG_FILE',
      'LXC_CONSOLE_LOGPATH',
      'LXC_HOOK_VERSION',
      'LXC_LOG_LEVEL',
      'LXC_NAME',
      'LXC_PID',
      'LXC_ROOTFS_MOUNT',
      'LXC_ROOTFS_PATH',
      'MINE',
      'PATH',
      'PWD',
    ]);
    // 0 to 2, and that of ls itself.
    expect(rest[0]?.split(' ').slice(0, 4)).toEqual(['0', '1', '2', '3']);
    const { readlinkSync } = await import('node:fs');
    expect(rest.join(' ')).toContain(readlinkSync('/proc/self/ns/mnt'));
    expect(rest.join(' ')).toContain(readlinkSync('/proc/self/ns/net'));
  });

  test('of version 1 are told by their environment', async ({ rig }) => {
    const path = writeHook(
      rig,
      'v1',
      'echo "$# $LXC_HOOK_VERSION $LXC_HOOK_SECTION $LXC_HOOK_TYPE $(test -n "$LXC_NET_NS" && echo net)" >> $LOG\n',
    );
    const hooks = (['pre-start', 'stop'] as const).map((when) => hook(when, path, { convention: 'lxc1' }));
    await defineSpec(rig, makeSpec(rig.makeRoot('while :; do sleep 1; done\n'), { hooks }));
    await rig.ctrOk('start', 'vm');
    await rig.ctrOk('destroy', 'vm');
    expect(readLog(rig)).toEqual(['0 1 lxc pre-start ', '0 1 lxc stop net']);
  });

  test('of OCI have the state on stdin', async ({ rig }) => {
    const path = writeHook(rig, 'oci', 'cat >> $LOG; echo " $*" >> $LOG\n');
    const hooks = (['start-host', 'poststart', 'post-stop'] as const).map((when) =>
      hook(when, path, { convention: 'oci', args: [when], env: [] }),
    );
    const annotations = [{ name: 'org.example', value: 'a "b"' }];
    await startMadeSpec(rig, makeSpec(rig.makeRoot(), { hooks, annotations }));
    const { pid } = await rig.info('vm');
    await rig.ctrOk('destroy', 'vm');
    const states = readLog(rig).map((text) => {
      const end = text.lastIndexOf('}') + 1;
      return [text.slice(end).trim(), JSON.parse(text.slice(0, end))];
    });
    const state = {
      ociVersion: '1.2.0',
      id: 'vm',
      bundle: join(rig.stateDir, 'containers/vm'),
      annotations: { 'org.example': 'a "b"' },
    };
    expect(states).toEqual([
      ['start-host', { ...state, status: 'creating', pid }],
      ['poststart', { ...state, status: 'running', pid }],
      ['post-stop', { ...state, status: 'stopped', pid: 0 }],
    ]);
  });
});

test('a line for the shell hands the arguments to the program it calls', async ({ rig }) => {
  const path = writeHook(rig, 'line', 'echo "$#: $*" >> $LOG\n');
  const hooks = [hook('pre-start', '/bin/sh', { args: ['-c', `${path} 'a b'`] })];
  await startMadeSpec(rig, makeSpec(rig.makeRoot(), { hooks }));
  expect(readLog(rig)).toEqual(['4: a b vm lxc pre-start']);
});

describe('a hook that fails', () => {
  test.for(['pre-start', 'pre-mount', 'mount', 'create-container', 'start-host'] as const)(
    'at %s ends the start, in its own words, and post-stop follows',
    async (when, { rig }) => {
      const fails = writeHook(rig, 'fails', 'echo first; echo "no license" >&2; exit 3\n');
      const after = writeHook(rig, 'after', 'echo $3 >> $LOG\n');
      const hooks = [hook(when, fails), hook('post-stop', after)];
      const answer = await startByHelper(rig, makeSpec(rig.makeRoot(), { hooks }));
      expect(answer).toMatchObject({
        ok: false,
        step: `run the ${when} hook '${fails}'`,
        message: 'it exited with status 3: no license',
      });
      expect(readLog(rig)).toEqual(['post-stop']);
    },
  );

  test('inside, right before init, ends the start as well', async ({ rig }) => {
    const root = rig.makeRoot('touch /ran\n');
    const answer = await startByHelper(rig, makeSpec(root, { hooks: [hook('start', '/bin/false')] }));
    expect(answer).toMatchObject({
      ok: false,
      step: "run the start hook '/bin/false'",
      message: 'it exited with status 1',
    });
    expect(existsSync(join(root, 'ran'))).toBe(false);
  });

  test('after the start, or at the end, changes nothing', async ({ rig }) => {
    const fails = writeHook(rig, 'fails', 'exit 3\n');
    const hooks = (['poststart', 'stop', 'post-stop'] as const).map((when) => hook(when, fails));
    await defineSpec(rig, makeSpec(rig.makeRoot(), { hooks }));
    const { status, stderr } = await rig.ctr(['start', 'vm']);
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('it exited with status 3') });
    await rig.ctrOk('destroy', 'vm');
    expect(readFileSync(join(rig.stateDir, 'containers/vm/hooks.log'), 'utf8')).toContain('run the post-stop hook');
  });

  test('to end in time is killed with all that it has started in its group', async ({ rig }) => {
    const slow = writeHook(rig, 'slow', 'sleep 4322 & sleep 4322\n');
    const hooks = [hook('pre-start', slow, { timeoutSeconds: 0.3 })];
    expect(await startByHelper(rig, makeSpec(rig.makeRoot(), { hooks }))).toMatchObject({
      ok: false,
      message: 'it was killed after 300 ms',
    });
  });

  test('to exist is named', async ({ rig }) => {
    const answer = await startByHelper(rig, makeSpec(rig.makeRoot(), { hooks: [hook('pre-start', '/no/such/hook')] }));
    expect(answer.message).toMatch(/^it exited with status 127: execve: No such file/);
  });
});

describe('hooks inside', () => {
  test.for([
    ['without', undefined],
    ['with', IDS],
  ] as const)(
    'run as root of the container, under its filter, without a way to the helper [%s user namespace]',
    async ([, idmap], { rig }) => {
      const root = rig.makeRoot('sleep 1000\n');
      chmodSync(join(root, 'tmp'), 0o777);
      const script =
        'id -u > /tmp/said; grep -E "^(Seccomp|CapBnd):" /proc/self/status >> /tmp/said; head -c 1 /proc/1/exe > /dev/null 2>&1 || echo closed >> /tmp/said\n';
      writeFileSync(join(root, 'hook'), `#!/bin/sh\n${script}`, { mode: 0o755 });
      const init: ContainerSpec['init'] = { path: '/init', args: [], env: [], user: '1000', group: '1000' };
      await startMadeSpec(
        rig,
        makeSpec(root, { init, hooks: [hook('start', '/hook')], ...(idmap === undefined ? {} : { idmap }) }),
      );
      const said = readFileSync(join(root, 'tmp/said'), 'utf8').split('\n');
      expect(said[0]).toBe('0');
      expect(said).toContain('Seccomp:\t2');
      expect(said).toContain('closed');
      const bounding = BigInt(`0x${/CapBnd:\t([0-9a-f]+)/.exec(said.join('\n'))?.[1]}`);
      expect((bounding >> 19n) & 1n).toBe(0n);
    },
  );
});

test('a monitor that is lost leaves the hooks of the end to the next command, once', async ({ rig }) => {
  const path = writeHook(rig, 'end', 'echo $3 >> $LOG\n');
  const hooks = [hook('stop', path), hook('post-stop', path)];
  await startMadeSpec(rig, makeSpec(rig.makeRoot(), { hooks }));
  process.kill(Number((await rig.info('vm')).monitorPid), 'SIGKILL');
  await expect.poll(async () => (await rig.info('vm')).state).toBe('crashed');
  await rig.ctr(['gc']);
  await rig.ctr(['gc']);
  expect(readLog(rig)).toEqual(['stop', 'post-stop']);
  rmSync(join(rig.scratch, 'log'));
});

describe('a container that is undefined', () => {
  test('has its destroy hook run, which can refuse', async ({ rig }) => {
    const path = writeHook(
      rig,
      'destroy',
      `test -e ${rig.scratch}/allowed || { echo not yet; exit 1; }\necho $3 >> $LOG\n`,
    );
    await defineSpec(rig, makeSpec(rig.makeRoot(), { hooks: [hook('destroy', path)] }));
    const { status, stderr } = await rig.ctr(['undefine', 'vm']);
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('it exited with status 1: not yet'),
    });
    expect(await rig.info('vm')).toMatchObject({ state: 'stopped' });
    rig.writeFile('allowed', '');
    await rig.ctrOk('undefine', 'vm');
    expect(readLog(rig)).toEqual(['destroy']);
  });
});

test('a start that is killed while a hook runs leaves nothing, and the next one works', async ({ rig }) => {
  const block = rig.writeFile('block', '');
  const path = writeHook(rig, 'waits', `echo $$ >> $LOG\ntest -e ${block} && exec sleep 1000\nexit 0\n`);
  await defineSpec(rig, makeSpec(rig.makeRoot(), { hooks: [hook('mount', path)] }));
  const { child, result } = rig.startCtr(['start', 'vm']);
  await expect.poll(() => readLog(rig).length).toBe(1);
  const [hookPid] = readLog(rig);
  const starter = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${hookPid}/status`, 'utf8'))?.[1];
  process.kill(Number(starter), 'SIGKILL');
  child.kill('SIGKILL');
  await result;
  // PID 1 reaps it when it likes.
  const runs = () =>
    existsSync(`/proc/${hookPid}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${hookPid}/status`, 'utf8'));
  await expect.poll(runs).toBe(false);
  rmSync(block);
  await rig.ctrOk('start', 'vm');
  expect(readLog(rig)).toHaveLength(2);
});

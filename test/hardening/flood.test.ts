/** A container that says too much, restarts without end, or has hooks and devices that misbehave. */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  describe,
  expect,
  type Rig,
  refuseSpec,
  runProgram,
  SHIFTED_IDS,
  slow,
  startSpec,
  test,
  withoutV1Devices,
} from '../rig/index.js';
import { inside, startVm } from './box.js';

/** Resident memory in bytes. */
function memoryOf(pid: unknown): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

describe('a console', () => {
  test('S102 that is flooded with nobody reading costs no memory and a log of bounded size', {
    timeout: slow(120_000),
  }, async ({ rig }) => {
    await startVm(rig, {
      init: 'dd if=/dev/zero bs=65536 count=2000 2>/dev/null | tr "\\0" x; echo done > /done; sleep 3600\n',
    });
    const { monitorPid, rootfs } = await rig.info('vm');
    const before = memoryOf(monitorPid);
    await expect.poll(() => existsSync(join(String(rootfs), 'done')), { timeout: slow(90_000) }).toBe(true);
    expect(memoryOf(monitorPid) - before).toBeLessThan(1024 * 1024);
    const dir = join(rig.stateDir, 'containers/vm');
    const size = ['console0.log', 'console0.log.1'].reduce(
      (sum, name) => sum + (existsSync(join(dir, name)) ? statSync(join(dir, name)).size : 0),
      0,
    );
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThanOrEqual(1024 * 1024 + 65_536);
  });

  test('S103 S39 whose client is stopped holds up neither the container nor another client', {
    timeout: slow(60_000),
  }, async ({ rig }) => {
    await startVm(rig, {
      init: 'y=$(head -c 8000 /dev/zero | tr "\\0" y); i=0; while :; do i=$((i+1)); echo "line $i $y"; echo $i > /count; done\n',
    });
    const { rootfs } = await rig.info('vm');
    const viewer = rig.terminal(['console', 'vm']);
    await viewer.waitFor('line ');
    viewer.pause();
    const count = () => Number(readFileSync(join(String(rootfs), 'count'), 'utf8').trim() || '0');
    await delay(500);
    const first = count();
    // More than the terminal, the client and the socket between can hold.
    await expect.poll(count, { timeout: slow(30_000) }).toBeGreaterThan(first + 1000);
    const second = rig.terminal(['console', 'vm']);
    await second.waitFor('line ');
    await second.close();
    await viewer.close();
  });
});

test('a container that ends at once and is to be restarted does not take the processor', {
  timeout: slow(60_000),
}, async ({ rig }) => {
  const rootfs = rig.makeRoot('echo x >> /starts; exit 1\n');
  await startSpec(rig, { rootfs, lifecycle: { onPoweroff: 'restart', onReboot: 'restart', onCrash: 'restart' } }).catch(
    () => undefined,
  );
  const starts = () => (existsSync(join(rootfs, 'starts')) ? statSync(join(rootfs, 'starts')).size / 2 : 0);
  await delay(3000);
  expect(starts()).toBeGreaterThan(0);
  // Without a pause between them there would be hundreds.
  expect(starts()).toBeLessThan(60);
  await rig.ctr(['destroy', 'box']);
  const last = starts();
  await delay(1500);
  expect(starts()).toBe(last);
});

describe('devices', () => {
  test.for([
    ['in the ids of the host', {}],
    ['in a user namespace', { idmap: SHIFTED_IDS }],
  ] as const)(
    'S48 are held back by a program on the v2 tree where cgroup v1 has no controller for them [%s]',
    async ([, ids], { rig, skip }) => {
      const v2 = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].some((dir) =>
        existsSync(join(dir, 'cgroup.controllers')),
      );
      if (!v2) skip('needs a cgroup v2 hierarchy');
      const rootfs = await startSpec(rig, ids, withoutV1Devices);
      mkdirSync(join(rootfs, 'nodes'));
      for (const [name, type, major, minor] of [
        ['mem', 'c', 1, 1],
        ['loop', 'b', 7, 0],
        ['kmsg', 'c', 1, 11],
        ['kvm', 'c', 10, 232],
      ] as const) {
        await runProgram(['mknod', '-m', '666', join(rootfs, 'nodes', name), type, String(major), String(minor)]);
        for (const use of [`: < /nodes/${name}`, `: > /nodes/${name}`]) {
          const { status, text } = await inside(rig, 'box', use);
          expect({ use, status, text }).toEqual({
            use,
            status: expect.toSatisfy(Boolean),
            text: expect.stringMatching(/permitted|denied/),
          });
        }
      }
      expect((await inside(rig, 'box', 'echo x > /dev/null; head -c 1 /dev/zero | wc -c')).text.trim()).toBe('1');
    },
  );

  test('S22 S47 that a definition names are made below /dev alone, whatever their path says', async ({ rig }) => {
    for (const path of ['/etc/x', '/dev/../etc/x', '/devx', '/dev/', '/dev', 'dev/x', '/dev/./../x']) {
      const nodes = [{ path, kind: 'char', numbers: { major: 1, minor: 5 }, access: 'rwm' }] as const;
      const rootfs = rig.makeRoot();
      await expect(refuseSpec(rig, { rootfs, devices: { nodes } })).rejects.toThrow(/cannot/);
      expect(existsSync(join(rootfs, 'etc/x'))).toBe(false);
    }
    await rig.ctr(['undefine', 'refused']);
  });
});

/** A hook that does this. */
function writeHook(rig: Rig, script: string): string {
  const file = rig.writeFile('hook', `#!/bin/sh\n${script}`);
  chmodSync(file, 0o755);
  return file;
}

describe('a hook', () => {
  test('S77 S80 gets its arguments as they are, and nothing of the caller', async ({ rig }) => {
    const path = writeHook(
      rig,
      `printf '%s\\n' "$@" > ${rig.scratch}/args; env > ${rig.scratch}/env; ls /proc/self/fd > ${rig.scratch}/fds\n`,
    );
    const args = ['a b', '$(touch /tmp/pwned)', '', "'", '--', '%n', 'line\nbreak'];
    await startSpec(rig, {
      hooks: [{ when: 'pre-start', path, args, convention: 'oci', env: [{ name: 'ONLY', value: 'x\ny' }] }],
    });
    expect(readFileSync(join(rig.scratch, 'args'), 'utf8')).toBe(`${args.join('\n')}\n`);
    const env = readFileSync(join(rig.scratch, 'env'), 'utf8');
    expect(env).toContain('ONLY=x\ny\n');
    expect(env).not.toMatch(/CTR_|LD_|NODE_|HOME=/);
    expect(existsSync('/tmp/pwned')).toBe(false);
    expect(readFileSync(join(rig.scratch, 'fds'), 'utf8').trim().split('\n').length).toBeLessThanOrEqual(4);
  });

  test('S27 finds its log where a link lies: what the link names stays as it is', async ({ rig }) => {
    const path = writeHook(rig, 'echo said\n');
    const victim = rig.writeFile('victim', 'precious');
    await startSpec(rig, { hooks: [{ when: 'pre-start', path, args: [], convention: 'lxc' }] });
    await rig.ctrOk('destroy', 'box');
    const log = join(rig.stateDir, 'containers/box/hooks.log');
    await runProgram(['rm', '-f', log]);
    symlinkSync(victim, log);
    await rig.ctr(['start', 'box']);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  test('that never ends is ended with its time, and the start with it', { timeout: slow(30_000) }, async ({ rig }) => {
    const path = writeHook(rig, `trap '' TERM; (trap '' TERM; sleep 3600) & sleep 3600\n`);
    const hooks = [{ when: 'pre-start', path, args: [], convention: 'lxc', timeoutSeconds: 1 }] as const;
    expect(await refuseSpec(rig, { hooks })).toMatchObject({ step: expect.stringMatching(/hook/) });
    writeFileSync(join(rig.scratch, 'ended'), '');
  });
});

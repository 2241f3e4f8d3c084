/** vsh over AF_VSOCK, in one kernel: needs its loopback (module vsock_loopback), which few machines have loaded. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { firstLack, lacksProgram } from '../rig/needs.js';
import type { Rig } from '../rig/rig.js';
import { runProgram } from '../rig/run-program.js';
import { slow } from '../rig/slow.js';
import { vshTest as test, vshdProgram, vshProgram } from '../rig/vsh.js';

const PORT = 59_001;

function lacksLoopback(): string | undefined {
  spawnSync('modprobe', ['vsock_loopback'], { stdio: 'ignore' });
  const modules = existsSync('/proc/modules') ? readFileSync('/proc/modules', 'utf8') : '';
  return /^vsock_loopback /m.test(modules) ? undefined : 'needs vsock loopback (module vsock_loopback)';
}

/** vshd on a vsock port for as long as `use` runs. */
async function withVshd(rig: Rig, args: readonly string[], use: () => Promise<void>): Promise<void> {
  const child = spawn(vshdProgram, ['--default_user=root', ...args], { env: rig.env, stdio: 'inherit' });
  const ended = once(child, 'exit');
  try {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await use();
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

describe('vsock', () => {
  test('vsh --cid=1 reaches vshd on port 9001', { timeout: slow(120_000) }, async ({ rig, skip }) => {
    const lack = lacksLoopback();
    if (lack !== undefined) skip(lack);
    await withVshd(rig, [], async () => {
      const script = 'echo out; echo err >&2; cat; exit 42';
      const run = await runProgram([vshProgram, '--cid=1', '--user=root', '--', 'sh', '-c', script], {
        env: rig.env,
        input: Buffer.alloc(300_000, 'x'),
      });
      expect(run).toMatchObject({ status: 42, stderr: 'err\n' });
      expect(run.stdout.length).toBe(4 + 300_000);
    });
  });

  test('who is not root gets no session on his own machine, unless it is allowed', { timeout: slow(120_000) }, async ({
    rig,
    skip,
  }) => {
    const lack = firstLack(lacksLoopback(), lacksProgram('setpriv'));
    if (lack !== undefined) skip(lack);
    const ids = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];
    const asNobody = ['setpriv', ...ids, vshProgram, '--cid=1', `--port=${PORT}`, '--user=root', '--', 'id', '-u'];
    await withVshd(rig, [`--listen=vsock:${PORT}`], async () => {
      expect(await runProgram(asNobody, { env: rig.env })).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringMatching(/must be root/),
      });
    });
    await withVshd(rig, [`--listen=vsock:${PORT}`, '--allow_cid=1'], async () => {
      expect((await runProgram(asNobody, { env: rig.env })).stdout).toBe('0\n');
    });
  });

  test('a port nobody listens on, and a port somebody has', { timeout: slow(120_000) }, async ({ rig, skip }) => {
    const lack = lacksLoopback();
    if (lack !== undefined) skip(lack);
    const alone = await runProgram([vshProgram, '--cid=1', '--port=59999', '--', 'id'], { env: rig.env });
    expect(alone).toMatchObject({ status: 1, stderr: expect.stringMatching(/nobody listens there/) });
    await withVshd(rig, [`--listen=vsock:${PORT}`], async () => {
      const second = await runProgram([vshdProgram, `--listen=vsock:${PORT}`], { env: rig.env, timeoutMs: 10_000 });
      expect(second).toMatchObject({ status: 1, stderr: expect.stringMatching(/somebody else does/) });
    });
  });

  test('without a transport: a reason, and 1', async ({ rig, skip }) => {
    if (lacksLoopback() === undefined) skip('needs a kernel without vsock loopback');
    const { status, stderr } = await runProgram([vshProgram, '--cid=1', '--', 'id'], { env: rig.env });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^vsh: cannot connect to cid 1, port 9001: .*\n$/),
    });
  });
});

/** The library's vsh(): a subprocess on another machine, as far as it can tell. */
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { CtrError, type VshOptions, vsh } from '../../src/index.js';
import { describe, expect, slow } from '../rig/index.js';
import { vshTest as test, type Vshd } from '../rig/vsh.js';

const run = (vshd: Vshd, argv: readonly string[], options: VshOptions = {}) =>
  vsh({ unix: vshd.socket }, argv, { user: 'root', ...options });

describe('vsh()', () => {
  test('is a subprocess: streams apart, its status, its environment', async ({ vshd }) => {
    const script = 'read -r line; echo "out $line $A $B"; echo err >&2; exit 3';
    const process = run(vshd, ['sh', '-c', script], { env: { A: '1=2', B: '' }, cwd: '/' });
    process.stdin.end('in\n');
    const [stdout, stderr, ended] = await Promise.all([text(process.stdout), text(process.stderr), process.exited]);
    expect({ stdout, stderr, ended }).toEqual({ stdout: 'out in 1=2 \n', stderr: 'err\n', ended: { exitCode: 3 } });
    expect(process.kill()).toBe(false);
  });

  test('kill sends the four signals and SIGKILL, and says of others that it cannot', async ({ vshd }) => {
    const heard = run(vshd, ['sh', '-c', 'trap "echo heard; exit 4" HUP; echo ready; while :; do sleep 0.1; done']);
    await new Promise((resolve) => heard.stdout.once('data', resolve));
    expect(() => heard.kill('SIGUSR1')).toThrow(CtrError);
    expect(heard.kill('SIGHUP')).toBe(true);
    expect(await heard.exited).toEqual({ exitCode: 4 });
    const killed = run(vshd, ['sleep', '1000']);
    await delay(slow(300));
    killed.kill('SIGKILL');
    expect(await killed.exited).toEqual({ exitCode: 137 });
    expect(await run(vshd, ['sleep', '1000'], { timeoutMs: slow(300) }).exited).toEqual({
      exitCode: 143,
      ended: 'timeout',
    });
    expect(await run(vshd, ['sleep', '1000'], { signal: AbortSignal.timeout(slow(300)) }).exited).toMatchObject({
      ended: 'aborted',
    });
  });

  test('has a terminal with a size of its own, which can change, and whose input can end', async ({ vshd }) => {
    const script = 'trap "stty size" WINCH; stty size; tty; while read -r line; do echo "got $line"; done; exit 7';
    const process = run(vshd, ['sh', '-c', script], { tty: true, size: { rows: 41, columns: 133 } });
    let shown = '';
    process.stdout.on('data', (piece: Buffer) => {
      shown += piece.toString();
    });
    await expect.poll(() => shown).toMatch(/41 133\r\n\/dev\/pts\/\d+/);
    process.resize({ rows: 50, columns: 160 });
    process.stdin.write('go on\n');
    await expect.poll(() => shown).toContain('50 160');
    process.stdin.end('last\n');
    expect(await process.exited).toEqual({ exitCode: 7 });
    expect(shown).toContain('got last');
  });

  test('tells why there is no session', async ({ vshd }) => {
    const nobody = run(vshd, ['true'], { user: 'no-such-user' });
    expect(await text(nobody.stderr)).toContain('could not find user: no-such-user');
    expect(await nobody.exited).toEqual({ exitCode: 1 });
    const nowhere = vsh({ unix: `${vshd.socket}.not` }, ['true']);
    expect(await text(nowhere.stderr)).toContain('cannot connect');
    expect(await nowhere.exited).toEqual({ exitCode: 1 });
  });

  test('reaches a container of the machine', async ({ rig, vshd }) => {
    await rig.bootstrap('web');
    await rig.ctrOk('start', 'web');
    const process = run(vshd, ['hostname'], { container: 'web' });
    const [stdout, ended] = await Promise.all([text(process.stdout), process.exited]);
    expect({ stdout, ended }).toEqual({ stdout: 'web\n', ended: { exitCode: 0 } });
  });
});

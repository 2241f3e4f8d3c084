/** The library's ways into a running container: subprocesses, consoles, files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { CtrError, container, define, start } from '../../src/index.js';
import { describe, domainXml, expect, type Rig, slow, test } from '../rig/index.js';

async function startVm(rig: Rig, init?: string, onReboot: 'destroy' | 'restart' = 'destroy') {
  const places = { stateDir: rig.stateDir, runDir: rig.runDir };
  await define(domainXml({ name: 'vm', rootfs: rig.makeRoot(init), onReboot }), places);
  await start('vm', places);
  return container('vm', places);
}

describe('container(name).enter', () => {
  test('is a subprocess: streams apart, its status, its environment', async ({ rig }) => {
    const vm = await startVm(rig);
    const process = vm.enter(['sh', '-c', 'read -r line; echo "out $line $A"; echo err >&2; exit 3'], {
      env: { A: '1' },
    });
    process.stdin.end('in\n');
    const [stdout, stderr, ended] = await Promise.all([text(process.stdout), text(process.stderr), process.exited]);
    expect({ stdout, stderr, ended }).toEqual({ stdout: 'out in 1\n', stderr: 'err\n', ended: { exitCode: 3 } });
    expect(process.kill()).toBe(false);
  });

  test('kill sends any signal, SIGKILL too; a time limit and an abort end it', async ({ rig }) => {
    const vm = await startVm(rig);
    const heard = vm.enter(['sh', '-c', 'trap "echo winch; exit 4" WINCH; echo ready; while :; do sleep 0.1; done']);
    await new Promise((resolve) => heard.stdout.once('data', resolve));
    expect(heard.kill('SIGWINCH')).toBe(true);
    expect(await heard.exited).toEqual({ exitCode: 4 });
    const killed = vm.enter(['sleep', '1000']);
    await delay(slow(300));
    killed.kill('SIGKILL');
    expect(await killed.exited).toEqual({ exitCode: 137 });
    expect(await vm.enter(['sleep', '1000'], { timeoutMs: slow(300) }).exited).toEqual({
      exitCode: 143,
      ended: 'timeout',
    });
    expect(await vm.enter(['sleep', '1000'], { signal: AbortSignal.timeout(slow(300)) }).exited).toMatchObject({
      ended: 'aborted',
    });
    await expect.poll(async () => (await vm.exec(['ps'])).stdout.toString()).not.toContain('sleep 1000');
  });

  test('has a terminal with a size of its own, which can change', async ({ rig }) => {
    const vm = await startVm(rig);
    const process = vm.enter(
      ['sh', '-c', 'trap "stty size" WINCH; stty size; tty; while :; do read -r l && [ "$l" = end ] && exit 7; done'],
      {
        tty: true,
        size: { rows: 41, columns: 133 },
      },
    );
    let shown = '';
    process.stdout.on('data', (piece: Buffer) => {
      shown += piece.toString();
    });
    await expect.poll(() => shown).toMatch(/41 133\r\n\/dev\/pts\/\d+/);
    process.resize({ rows: 50, columns: 160 });
    process.stdin.write('go on\n');
    await expect.poll(() => shown).toContain('50 160');
    process.stdin.write('end\n');
    expect(await process.exited).toEqual({ exitCode: 7 });
  });

  test('tells what ctr itself has to say, and throws for a container that does not run', async ({ rig }) => {
    const vm = await startVm(rig);
    const missing = vm.enter(['/no/such']);
    expect(await text(missing.stderr)).toContain("'/no/such' does not exist");
    expect(await missing.exited).toEqual({ exitCode: 127 });
    await vm.stop();
    expect(() => vm.enter(['true'])).toThrow(CtrError);
  });
});

describe('container(name)', () => {
  test('attaches to a console, and reads its log', async ({ rig }) => {
    const vm = await startVm(rig, 'stty -echo; echo up; while read -r line; do echo "got $line"; done\n');
    const one = vm.console();
    let shown = '';
    one.output.on('data', (piece: Buffer) => {
      shown += piece.toString();
    });
    await expect.poll(() => shown).toContain('up');
    one.input.write('hello\n');
    await expect.poll(() => shown).toContain('got hello');
    const other = vm.console({ watch: true });
    const seen = text(other.output);
    await delay(500);
    other.close();
    expect(await other.closed).toEqual({ exitCode: 0, reason: '' });
    expect(await seen).toContain('got hello');
    one.close();
    await one.closed;
    let log = '';
    for await (const piece of vm.logs()) log += piece.toString();
    expect(log).toContain('got hello');
  });

  test('copies in and out', async ({ rig }) => {
    const vm = await startVm(rig);
    await vm.copyIn(rig.writeFile('a', 'text\n'), '/tmp/b');
    await vm.copyOut('/tmp/b', join(rig.scratch, 'c'));
    expect(readFileSync(join(rig.scratch, 'c'), 'utf8')).toBe('text\n');
    await expect(vm.copyOut('/no/such', rig.scratch)).rejects.toMatchObject({
      code: 'CTR_IO',
      message: "cannot copy 'vm:/no/such': open: ENOENT (No such file or directory)",
    });
  });
});

describe('logs that are followed', () => {
  test('lose nothing in a rotation, and go on when the container starts again', { timeout: slow(120_000) }, async ({
    rig,
  }) => {
    const lines = 60_000;
    const init = `if [ -e /again ]; then echo second-life; sleep 2; exit 0; fi; touch /again; sleep 1; i=0
      while [ $i -lt ${lines} ]; do i=$((i+1)); echo "line-$i-0123456789012345678901234567890123456789"; done; sleep 1; reboot -f\n`;
    const vm = await startVm(rig, init, 'restart');
    let said = '';
    for await (const piece of vm.logs({ follow: true })) said += piece.toString('latin1');
    const numbers = [...said.matchAll(/line-(\d+)-/g)].map(([, number]) => Number(number));
    const gaps = (said.match(/something may be missing here/g) ?? []).length;
    if (gaps === 0) expect(numbers).toEqual(Array.from({ length: lines }, (_, index) => index + 1));
    expect(numbers.at(-1)).toBe(lines);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(said).toContain('second-life');
  });
});

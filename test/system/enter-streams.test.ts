/** `enter` as a subprocess: bytes, ends, signals, and what outlives whom. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ctrProgram, describe, expect, type Rig, runProgram, slow, test } from '../rig/index.js';

const SIZE = 500_001;
const TRANSFERS = 40;
const COMMANDS = 1000;
const AT_ONCE = 4;

async function startWeb(rig: Rig): Promise<void> {
  await rig.bootstrap('web');
  await rig.ctrOk('start', 'web');
}

const processesIn = (rig: Rig) => rig.ctrOk('enter', 'web', '--', 'ps', '-o', 'args');

/** A shell command of the host, with `ctr` in its way. */
const shell = (rig: Rig, script: string) =>
  runProgram(['bash', '-c', script], { env: { ...rig.env, CTR: ctrProgram }, timeoutMs: 60_000 });

/** Reads a command's output in small pieces, with pauses. */
async function readSlowly(rig: Rig, args: readonly string[]): Promise<{ size: number; sum: number; status: unknown }> {
  const child = spawn(ctrProgram, args, { env: rig.env, stdio: ['ignore', 'pipe', 'inherit'] });
  const status = new Promise((resolve) => child.once('close', resolve));
  let size = 0;
  let sum = 0;
  for await (const piece of child.stdout as AsyncIterable<Buffer>) {
    size += piece.length;
    for (const byte of piece) sum = (sum * 31 + byte) % 1_000_003;
    await delay(3);
  }
  return { size, sum, status: await status };
}

describe('the streams of ctr enter', () => {
  test('come whole to a slow reader, each time', { timeout: slow(180_000) }, async ({ rig }) => {
    await startWeb(rig);
    const make = `yes 0123456789abcdef | head -c ${SIZE}`;
    let expected = 0;
    for (let at = 0; at < SIZE; at += 1)
      expected = (expected * 31 + '0123456789abcdef\n'.charCodeAt(at % 17)) % 1_000_003;
    for (let round = 0; round < TRANSFERS; round += AT_ONCE) {
      const results = await Promise.all(
        Array.from({ length: AT_ONCE }, () => readSlowly(rig, ['enter', 'web', '--', 'sh', '-c', make])),
      );
      for (const result of results) expect(result).toEqual({ size: SIZE, sum: expected, status: 0 });
    }
  });

  test('lose no byte of a thousand short commands, and leave no process', { timeout: slow(300_000) }, async ({
    rig,
  }) => {
    await startWeb(rig);
    // Its init takes a moment to start what it starts.
    await expect.poll(() => processesIn(rig)).toContain('getty');
    const before = await processesIn(rig);
    const { stdout, stderr, status } = await runProgram(
      ['bash', '-c', `for i in $(seq ${COMMANDS}); do "$0" enter web -- echo line-$i || echo failed; done`, ctrProgram],
      { env: rig.env, timeoutMs: 280_000 },
    );
    const lines = Array.from({ length: COMMANDS }, (_, index) => `line-${index + 1}\n`).join('');
    expect({ status, stderr, same: stdout === lines }).toEqual({ status: 0, stderr: '', same: true });
    expect(await processesIn(rig)).toBe(before);
  });

  test('take a file, a closed stdin and an early end of the reader as any program does', async ({ rig }) => {
    await startWeb(rig);
    const file = rig.writeFile('input', 'from a file\n');
    const script = `
      "$CTR" enter web -- cat < ${file}
      "$CTR" enter web -- cat <&- ; echo closed $?
      "$CTR" enter web -- cat < /dev/null; echo null $?
      "$CTR" enter web -- yes | head -1; echo ends \${PIPESTATUS[0]}
      "$CTR" enter web -- cat >> ${file} < ${file}.more; tail -1 ${file}
      printf 'one\\ntwo\\n' | while read -r line; do "$CTR" enter -n web -- cat; echo "$line"; done`;
    rig.writeFile('input.more', 'appended\n');
    const { stdout, stderr } = await shell(rig, script);
    expect(stdout).toBe('from a file\nclosed 0\nnull 0\ny\nends 141\nappended\none\ntwo\n');
    expect(stderr).toBe('');
  });

  test('end when their process ends, whoever else holds them', async ({ rig }) => {
    await startWeb(rig);
    const { status, stdout, timedOut } = await rig.ctr(
      ['enter', 'web', '--', 'sh', '-c', 'sleep 1000 & echo out; exit 4'],
      {
        timeoutMs: 20_000,
      },
    );
    expect({ status, stdout, timedOut }).toEqual({ status: 4, stdout: 'out\n', timedOut: false });
    await rig.ctrOk('enter', 'web', '--', 'sh', '-c', 'kill $(pidof sleep)');
  });

  test('are the caller’s no less after it than before: flags stay', async ({ rig }) => {
    await startWeb(rig);
    const flags = 'grep -h flags /proc/self/fdinfo/0 /proc/self/fdinfo/1 >&2';
    const { stderr } = await shell(rig, `true | { ${flags}; "$CTR" enter web -- cat; ${flags}; } | cat`);
    const lines = stderr.trim().split('\n');
    expect(lines.length).toBe(4);
    expect(lines.slice(2)).toEqual(lines.slice(0, 2));
  });
});

describe('signals to ctr enter', () => {
  test.for([
    ['HUP', 1],
    ['INT', 2],
    ['QUIT', 3],
    ['TERM', 15],
    ['USR1', 10],
  ] as const)('SIG%s comes to its process, whose status counts', async ([name, number], { rig }) => {
    await startWeb(rig);
    const script = (action: string) => `trap "${action}" ${name}; echo ready; while :; do sleep 0.1; done`;
    for (const [action, expected] of [
      ['echo heard; exit 9', 9],
      // BusyBox's shell ignores SIGQUIT itself.
      ...(name === 'QUIT' ? [] : [[`trap - ${name}; kill -${name} $$`, 128 + number] as const]),
    ] as const) {
      const { child, result } = rig.startCtr(['enter', 'web', '--', 'sh', '-c', script(action)]);
      await new Promise((resolve) => child.stdout?.once('data', resolve));
      child.kill(`SIG${name}`);
      expect({ action, status: (await result).status }).toEqual({ action, status: expected });
    }
  });

  test('SIGKILL takes its process with it; --detach lets it live', async ({ rig }) => {
    await startWeb(rig);
    const { child, result } = rig.startCtr(['enter', 'web', '--', 'sh', '-c', 'echo ready; exec sleep 4321']);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGKILL');
    await result;
    await expect.poll(() => processesIn(rig)).not.toContain('sleep 4321');

    expect(await rig.ctrOk('enter', '--detach', 'web', '--', 'sh', '-c', 'echo $PPID; exec sleep 1234')).toBe('');
    expect(await processesIn(rig)).toContain('sleep 1234');
    const fds = await rig.ctrOk('enter', 'web', '--', 'sh', '-c', 'ls -l /proc/$(pidof sleep)/fd');
    expect([...fds.matchAll(/ -> (.*)$/gm)].map(([, target]) => target)).toEqual(Array(3).fill('/dev/null'));
    await rig.ctrOk('stop', 'web', '--force');
    const { status, stderr } = await rig.ctr(['enter', '-d', 'web', '--', 'true']);
    expect({ status, stderr }).toMatchObject({ status: 125, stderr: expect.stringMatching(/not running/) });
  });
});

describe('what ctr enter gives up', () => {
  test('is nothing unless it is named', async ({ rig }) => {
    await startWeb(rig);
    const read = async (...args: string[]) =>
      Object.fromEntries(
        [
          ...(await rig.ctrOk('enter', ...args, 'web', '--', 'cat', '/proc/self/status')).matchAll(
            /^(CapBnd|Seccomp):\s+(\S+)$/gm,
          ),
        ].map(([, key, value]) => [key, value]),
      );
    const usual = await read();
    expect(usual).toMatchObject({ Seccomp: '2' });
    expect(await read('--without', 'seccomp')).toEqual({ ...usual, Seccomp: '0' });
    const without = await read('--without=capabilities');
    expect(without).toMatchObject({ Seccomp: '2' });
    expect(BigInt(`0x${without.CapBnd}`)).toBeGreaterThan(BigInt(`0x${usual.CapBnd}`));
    for (const bad of ['all', '', 'seccomp,', 'Seccomp']) {
      expect({ bad, ...(await rig.ctr(['enter', `--without=${bad}`, 'web', '--', 'true'])) }).toMatchObject({
        status: 125,
        stdout: '',
      });
    }
  });

  test('a paused container is refused, and one that pauses meanwhile lets go of the caller', async ({ rig, skip }) => {
    await startWeb(rig);
    const plan = await rig.ctrOk('plan', 'web');
    const group = /cgroup-join\s+(\S*\/freezer\/\S+|\S+(?=\s+v2$))/m.exec(plan)?.[1];
    const file = group?.includes('/freezer/') ? 'freezer.state' : 'cgroup.freeze';
    const path = join(group ?? '', file);
    const freeze = (on: boolean) => (file === 'freezer.state' ? (on ? 'FROZEN' : 'THAWED') : on ? '1' : '0');
    const { writeFileSync, existsSync } = await import('node:fs');
    if (group === undefined || !existsSync(path)) skip('no freezer for this container on this host');
    const { child, result } = rig.startCtr(['enter', 'web', '--', 'sh', '-c', 'echo ready; exec sleep 1000']);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    writeFileSync(path, freeze(true));
    try {
      await expect
        .poll(() => readFileSync(path.replace('cgroup.freeze', 'cgroup.events'), 'utf8'))
        .toMatch(/FROZEN|frozen 1/);
      const refused = await rig.ctr(['enter', 'web', '--', 'true'], { timeoutMs: 10_000 });
      expect(refused).toMatchObject({ status: 125, stderr: expect.stringContaining('paused') });
      child.kill('SIGTERM');
      expect(await result).toMatchObject({ status: 143, stderr: expect.stringContaining('is paused') });
    } finally {
      writeFileSync(path, freeze(false));
    }
  });
});

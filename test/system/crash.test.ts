import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, domainXml, expect, findLeaks, type Rig, slow, takeSnapshot, test } from '../rig/index.js';
import { networkTest } from '../rig/network-host.js';

const NETWORK = "<interface type='network'><source network='default'/></interface>";

async function define(rig: Rig): Promise<void> {
  await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot(), devices: NETWORK }));
}

function kill(pid: unknown, signal: NodeJS.Signals = 'SIGKILL'): void {
  process.kill(Number(pid), signal);
}

/** A zombie is dead: who reaps it is not the point. */
function isAlive(pid: unknown): boolean {
  try {
    return !/^\d+ \(.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Pids of our native programs that serve this rig. */
function helpersOf(rig: Rig): number[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        const comm = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
        const traces = readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8');
        return ['ctr', 'clone-helper', 'ctr-monitor'].includes(comm) && traces.includes(rig.scratch);
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe('kill -9 of the monitor', () => {
  test('ends the container with it, and gc takes away the rest', async ({ rig }) => {
    await define(rig);
    const before = takeSnapshot(rig);
    await rig.ctrOk('start', 'vm');
    const { pid, monitorPid } = await rig.info('vm');
    kill(monitorPid);
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect((await rig.info('vm')).state).toBe('crashed');
    await rig.ctrOk('gc');
    const leaks = await findLeaks(before, rig, ['file']);
    expect(leaks).toEqual([]);
  });

  test('the next start needs no gc', async ({ rig }) => {
    await define(rig);
    await rig.ctrOk('start', 'vm');
    const { pid, monitorPid } = await rig.info('vm');
    kill(monitorPid);
    await expect.poll(() => isAlive(pid)).toBe(false);
    await rig.ctrOk('start', 'vm');
    expect(await rig.info('vm')).toMatchObject({ state: 'running' });
  });

  test('leaves the other containers alone', async ({ rig }) => {
    await define(rig);
    await rig.define(domainXml({ name: 'other', rootfs: rig.makeRoot(), devices: NETWORK }));
    await rig.ctrOk('start', 'vm', 'other');
    kill((await rig.info('vm')).monitorPid);
    await expect.poll(async () => (await rig.info('vm')).state).toBe('crashed');
    await rig.ctrOk('gc');
    expect(await rig.ctrOk('enter', 'other', '--', 'cat', '/sys/class/net/eth0/carrier')).toBe('1\n');
  });
});

/** A start from the compiled plan takes some milliseconds; one that compiles first, some tens of them. */
const STEP_MS = { compiled: 0.25, stale: 4 } as const;

describe('kill -9 during a start', () => {
  test.for(['the command', 'the starter'])(
    'of %s, at any time: gc restores what was, and the container can start',
    { timeout: slow(180_000) },
    async (victim, { rig }) => {
      await define(rig);
      await rig.ctrOk('start', 'vm');
      await rig.ctrOk('destroy', 'vm');
      const before = takeSnapshot(rig);
      for (let round = 0; round < 25; round += 1) {
        const kind = round % 2 === 0 ? 'compiled' : 'stale';
        if (kind === 'stale') rmSync(join(rig.runDir, 'containers/vm/compiled.key'), { force: true });
        const { child, result } = rig.startCtr(['start', 'vm']);
        if (victim === 'the command') {
          await pause(round * STEP_MS[kind]);
          child.kill('SIGKILL');
        } else {
          await killStarterSoon(rig, child.pid, (round % 8) * STEP_MS[kind], () => child.exitCode !== null);
        }
        await result;
        await rig.ctr(['destroy', 'vm']);
        await rig.ctrOk('gc');
        const leaks = await findLeaks(before, rig, ['file']);
        expect({ round, leaks }).toEqual({ round, leaks: [] });
      }
      await rig.ctrOk('start', 'vm');
    },
  );
});

/** Timers count whole milliseconds, and a start has few of them. */
async function pause(ms: number): Promise<void> {
  const end = performance.now() + ms;
  if (ms >= 2) await delay(ms - 1);
  while (performance.now() < end);
}

/** Kills what the command has started, so long after it was there: the busy loop sees it some 100 µs after its fork. */
async function killStarterSoon(rig: Rig, command: number | undefined, ms: number, ended: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const pid = helpersOf(rig).find((pid) => pid !== command);
    if (pid !== undefined) {
      await pause(ms);
      try {
        kill(pid);
      } catch {
        // It is through already.
      }
      return;
    }
    if (ended() || Date.now() > deadline) return;
    await delay(0);
  }
}

describe('what is on disk', () => {
  test('a start after the run directory was lost works, and gc ends what nobody knows', async ({ rig }) => {
    await define(rig);
    await rig.ctrOk('gc');
    await rig.ctrOk('gc');
    await rig.ctrOk('start', 'vm');
    expect(await rig.ctrOk('gc')).toBe('');
    expect(await rig.info('vm')).toMatchObject({ state: 'running' });
  });
});

describe('the end of the last container of a network', () => {
  networkTest(
    'takes the bridge with it, while the kernel is still removing its links',
    { timeout: slow(90_000) },
    async ({ rig, host }) => {
      // The more links, the longer their removal: one time in seven the cleaner came into it.
      const text = domainXml({ name: 'vm', rootfs: rig.makeRoot(), devices: NETWORK.repeat(24) });
      await host.ctrOk('define', rig.writeFile('vm.xml', text));
      for (let round = 0; round < 40; round += 1) {
        await host.ctrOk('start', 'vm');
        await host.ctrOk('destroy', 'vm');
        const links = await host.sh('ls /sys/class/net');
        expect({ round, left: links.includes('ctrbr') }).toEqual({ round, left: false });
      }
    },
  );
});

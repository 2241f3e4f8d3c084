import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, domainXml, expect, lacksController, type Rig, slow, test } from '../rig/index.js';

const MIB = 1024 * 1024;

async function start(rig: Rig, name = 'box', parts: { metadata?: string; memoryKiB?: number } = {}): Promise<void> {
  await rig.define(domainXml({ name, rootfs: rig.makeRoot(), ...parts }));
  await rig.ctrOk('start', name);
}

interface Told {
  readonly name: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

/** What `ctr events --json` says while `action` is done, until it has said `last`. */
async function listen(
  rig: Rig,
  args: readonly string[],
  last: string,
  action: () => Promise<unknown>,
): Promise<Told[]> {
  const marker = 'zz-marker';
  const listening = rig.startCtr(['events', '--json', marker, ...args]);
  let said = '';
  listening.child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const told = () => (said.match(/^.*\n/gm) ?? []).map((line) => JSON.parse(line) as Told);
  const root = rig.makeRoot();
  // It hears of what comes after it watches.
  for (let tries = 0; told().length === 0; tries += 1) {
    if (tries > 100) throw new Error('ctr events says nothing');
    await rig.define(domainXml({ name: marker, rootfs: root }));
    await rig.ctrOk('undefine', marker);
    await sleep(20);
  }
  await action();
  for (let tries = 0; !told().some(({ name, event }) => name !== marker && event === last); tries += 1) {
    if (tries > 500) throw new Error(`no event '${last}': ${said}`);
    await sleep(10);
  }
  listening.child.kill('SIGTERM');
  await listening.result;
  return told().filter(({ name }) => name !== marker);
}

const words = (told: readonly Told[]) => told.map(({ name, event }) => `${name} ${event}`);

describe('list', () => {
  test('tells a container with a definition from one without', async ({ rig }) => {
    await start(rig);
    const running = rig.startCtr(['run', '--name', 'once', '--', 'sleep', '1000']);
    const listed = async () => JSON.parse(await rig.ctrOk('list', '--json')) as { name: string; transient?: true }[];
    await expect.poll(async () => (await listed()).length, { timeout: slow(20_000) }).toBe(2);
    expect((await listed()).map(({ name, transient }) => [name, transient])).toEqual([
      ['box', undefined],
      ['once', true],
    ]);
    await rig.ctrOk('destroy', 'once', 'box');
    await running.result;
  });
});

describe('events', () => {
  test('a life is told in order, with how it ended', async ({ rig }) => {
    const told = await listen(rig, ['box'], 'undefine', async () => {
      await start(rig);
      await start(rig, 'other');
      await rig.ctrOk('stop', 'box', 'other');
      await rig.ctrOk('undefine', 'box');
    });
    expect(words(told)).toEqual(['box define', 'box start', 'box exit', 'box stop', 'box undefine']);
    expect(told[1]).toMatchObject({ pid: expect.any(Number), time: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(told[2]).toMatchObject({ reason: 'stopped', status: 0 });
  });

  test('a restart and the loss of a monitor are told apart from a stop', async ({ rig }) => {
    const root = rig.makeRoot('[ -e /second ] || { touch /second; sleep 0.3; exit 3; }\nwhile :; do sleep 1; done\n');
    const xml = domainXml({ name: 'box', rootfs: root }).replace('<devices>', '<on_crash>restart</on_crash><devices>');
    await rig.define(xml);
    const told = await listen(rig, ['b*'], 'crash', async () => {
      await rig.ctrOk('start', 'box');
      for (let tries = 0; (await rig.info('box')).restarts !== 1 && tries < 100; tries += 1) await sleep(50);
      process.kill(Number((await rig.info('box')).monitorPid), 'SIGKILL');
    });
    expect(words(told)).toEqual(['box start', 'box exit', 'box restart', 'box crash']);
    expect(told[1]).toMatchObject({ reason: 'exited', status: 3 });
    await rig.ctrOk('gc');
  });

  test('a kill for memory is told while the container goes on', async ({ rig, skip }) => {
    const lack = lacksController('memory');
    if (lack !== undefined) skip(lack);
    await start(rig, 'box', { memoryKiB: 32 * 1024 });
    const told = await listen(rig, ['box'], 'oom', async () => {
      await rig.ctr(['enter', 'box', '--', 'dd', 'if=/dev/zero', 'of=/dev/null', 'bs=64M', 'count=1']);
    });
    expect(words(told)).toEqual(['box oom']);
    expect(told[0]).toMatchObject({ kills: 1 });
    expect(await rig.info('box')).toMatchObject({ state: 'running', memory: { oomKills: 1 } });
  });

  test('nobody who reads ends it, without a word', async ({ rig }) => {
    const listening = rig.startCtr(['events']);
    await sleep(100);
    listening.child.stdout?.destroy();
    expect(await listening.result).toMatchObject({ status: 0, stderr: '' });
  });

  test('what no container can be called is a mistake', async ({ rig }) => {
    const { status, stderr } = await rig.ctr(['events', 'a/b']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^ctr: cannot use name 'a\/b': /);
  });
});

describe('figures', () => {
  test('stats and info tell what the container uses, and list --fancy the same beside its set-up', async ({
    rig,
    skip,
  }) => {
    const lack = lacksController('memory') ?? lacksController('pids');
    if (lack !== undefined) skip(lack);
    await start(rig, 'box', { metadata: "<ctr:pids max='64'/><ctr:autostart enabled='yes'/>" });
    const [line = '', ...more] = (await rig.ctrOk('stats', '--json', 'box')).trimEnd().split('\n');
    expect(more).toEqual([]);
    const stats = JSON.parse(line);
    expect(stats).toMatchObject({
      name: 'box',
      state: 'running',
      memoryLimitBytes: 64 * MIB,
      pidsLimit: 64,
      rxBytes: 0,
    });
    expect(stats.memoryBytes).toBeGreaterThan(0);
    expect(stats.pids).toBeGreaterThan(0);
    const info = await rig.info('box');
    expect(info).toMatchObject({
      pid: stats.pid,
      memory: { limitBytes: 64 * MIB },
      pids: { limit: 64 },
      addresses: [],
    });
    const [listed] = JSON.parse(await rig.ctrOk('list', '--fancy', '--json'));
    expect(listed).toMatchObject({ name: 'box', autostart: true, groups: [], stats: { memoryLimitBytes: 64 * MIB } });
  });

  test('what is defined is not called transient, and a set-up that changed is told anew', async ({ rig }) => {
    await start(rig, 'box', { metadata: "<ctr:autostart enabled='yes'/>" });
    await rig.define(domainXml({ name: 'off', rootfs: rig.makeRoot() }));
    expect(await rig.ctrOk('list')).toMatch(/^NAME +STATE +PID +UP\nbox +running +\d+ +\d+ m?s\n$/);
    expect(await rig.ctrOk('list', '-aF', 'name,autostart')).toBe('NAME  AUTOSTART\nbox   yes\noff   no\n');
    expect(await rig.ctrOk('list', '-aF', 'name,autostart')).toBe('NAME  AUTOSTART\nbox   yes\noff   no\n');
    await rig.ctrOk('undefine', 'off');
    await rig.define(domainXml({ name: 'off', rootfs: rig.makeRoot(), metadata: "<ctr:autostart enabled='yes'/>" }));
    expect(await rig.ctrOk('list', '-aF', 'name,autostart')).toBe('NAME  AUTOSTART\nbox   yes\noff   yes\n');
    writeFileSync(`${rig.runDir}/set-ups.json`, '{"version":1,"setUps":[');
    expect(await rig.ctrOk('list', '-aF', 'name,autostart')).toBe('NAME  AUTOSTART\nbox   yes\noff   yes\n');
  });

  test('a process that has the pid of a monitor that is gone is not taken for it', async ({ rig, skip }) => {
    await start(rig);
    const path = `${rig.runDir}/containers/box/state`;
    const text = readFileSync(path, 'utf8');
    const listed = async () => JSON.parse(await rig.ctrOk('list', '--all', '--json'));
    try {
      writeFileSync(path, text.replace(/^monitor-inode .*\n/m, '').replace(/^monitor-start .*$/m, 'monitor-start 1'));
      expect(await listed()).toMatchObject([{ name: 'box', state: 'crashed', reason: 'monitor lost' }]);
      skip(!text.includes('\nmonitor-inode '), 'processes have no inode numbers before Linux 6.9');
      writeFileSync(path, text.replace(/^monitor-inode .*$/m, 'monitor-inode 1'));
      expect(await listed()).toMatchObject([{ name: 'box', state: 'crashed', reason: 'monitor lost' }]);
    } finally {
      writeFileSync(path, text);
    }
    expect(await listed()).toMatchObject([{ name: 'box', state: 'running' }]);
  });

  test('addresses and counters are those of the network inside, read from outside', async ({ rig }) => {
    await start(rig);
    const pid = Number((await rig.info('box')).pid);
    const add = `ip link add eth7 type veth peer name eth8 && ip addr add 10.99.7.2/24 dev eth7 && ip addr add fd99:7::2/64 dev eth7 nodad && ip link set eth7 up`;
    const { execFileSync } = await import('node:child_process');
    execFileSync('nsenter', ['-t', String(pid), '-n', 'sh', '-c', add]);
    expect((await rig.info('box')).addresses).toEqual([
      { family: 'ipv4', address: '10.99.7.2', link: 'eth7' },
      { family: 'ipv6', address: 'fd99:7::2', link: 'eth7' },
    ]);
    expect(await rig.ctrOk('list', '-F', 'name,ipv4,ipv6')).toBe('NAME  IPV4       IPV6\nbox   10.99.7.2  fd99:7::2\n');
  });

  test('rates are of the interval, and top without a terminal prints a table', async ({ rig }) => {
    await start(rig);
    const [line = ''] = (await rig.ctrOk('stats', '--json', '--interval', '0.2', '--count', '1')).split('\n');
    expect(JSON.parse(line)).toMatchObject({
      name: 'box',
      intervalSeconds: expect.any(Number),
      cpuPercent: expect.any(Number),
    });
    expect(await rig.ctrOk('top', '--interval', '0.2')).toMatch(/^NAME +STATE +MEMORY +LIMIT +CPU% .*\nbox +running /);
  });

  test('one that does not run, or is not there, is an error', async ({ rig }) => {
    await rig.define(domainXml({ name: 'box', rootfs: rig.makeRoot() }));
    expect((await rig.ctr(['stats', 'box'])).stderr).toMatch(/^ctr: cannot show the use of 'box': it does not run\n/);
    expect((await rig.ctr(['stats', 'bux'])).stderr).toMatch(
      /^ctr: cannot show the use of 'bux': no container of that name/,
    );
    expect(await rig.ctrOk('stats', 'x*')).toMatch(/^NAME .*\n$/);
  });
});

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { define, start, startMany, stop } from '../../src/index.js';
import { describe, domainXml, expect, projectRoot, type Rig, runProgram, test } from '../rig/index.js';

const UUID = '6f1a3c9e-5b0d-4c8e-9a51-1d2e3f405162';

function withUuid(xml: string): string {
  return xml.replace('<memory', `<uuid>${UUID}</uuid><memory`);
}

/** Containers on one root: nothing of theirs is written there. */
async function defineMany(rig: Rig, names: readonly string[]): Promise<void> {
  const rootfs = rig.makeRoot();
  const places = { stateDir: rig.stateDir, runDir: rig.runDir };
  for (const name of names) await define(domainXml({ name, rootfs }), places);
}

async function runningNames(rig: Rig): Promise<string[]> {
  return (JSON.parse(await rig.ctrOk('list', '--json')) as { name: string }[]).map(({ name }) => name);
}

function runFile(rig: Rig, file: string): string {
  return join(rig.runDir, 'containers/vm', file);
}

describe('many at once', () => {
  const names = Array.from({ length: 12 }, (_, index) => `c${String(index).padStart(2, '0')}`);

  test('of 50 names the three that are wrong are told again at the end, and the others run', async ({ rig }) => {
    const good = Array.from({ length: 47 }, (_, index) => `c${index}`);
    await defineMany(rig, good);
    const given = [...good.slice(0, 10), 'nosuch', ...good.slice(10, 30), 'a/b', ...good.slice(30), 'c0'];
    const { status, stdout, stderr } = await rig.ctr(['start', '--jobs', '4', ...given], { timeoutMs: 60_000 });
    expect(status).toBe(1);
    expect(stdout.trimEnd().split('\n').sort()).toEqual(good.map((name) => `started '${name}'`).sort());
    expect(stderr).toContain("cannot start 'nosuch': no container of that name is defined");
    expect(stderr).toContain("cannot use name 'a/b'");
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^ctr: 3 of 50 not started: (?=.*'nosuch')(?=.*'a\/b')(?=.*'c0')/,
    );
    expect(await runningNames(rig)).toEqual([...good].sort());
  });

  test('--all and patterns stand for the names', async ({ rig }) => {
    await defineMany(rig, [...names, 'other']);
    await rig.ctrOk('start', 'c0*', '-j3');
    expect(await runningNames(rig)).toEqual(names.slice(0, 10));
    await rig.ctrOk('destroy', 'c0[1-9]');
    expect(await runningNames(rig)).toEqual(['c00']);
    await rig.ctrOk('start', 'c1?', 'other');
    await rig.ctrOk('stop', '--all');
    expect(await runningNames(rig)).toEqual([]);
    await rig.ctrOk('start', '--all', '--jobs=4');
    expect(await runningNames(rig)).toEqual([...names, 'other']);
    const { status, stderr } = await rig.ctr(['start', 'x*']);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("'x*'") });
  });

  test('startMany gives a result for each name, in their order', async ({ rig }) => {
    const places = { stateDir: rig.stateDir, runDir: rig.runDir };
    await defineMany(rig, names);
    await start('c03', places);
    const asked = ['c05', 'nosuch', 'c03', 'c01'];
    const results = await startMany(asked, { ...places, jobs: 3 });
    expect(results.map(({ name }) => name)).toEqual(asked);
    expect(results.map((result) => (result.ok ? 'ok' : result.error.code))).toEqual([
      'ok',
      'CTR_NOT_FOUND',
      'CTR_RUNNING',
      'ok',
    ]);
    expect(await runningNames(rig)).toEqual(['c01', 'c03', 'c05']);
    await expect(startMany(['c02', 'a/b'], places)).rejects.toMatchObject({ code: 'CTR_BAD_NAME' });
    expect(await startMany([], places)).toEqual([]);
  });
});

describe('the compiled plan', () => {
  async function defineOne(rig: Rig): Promise<string> {
    const rootfs = rig.makeRoot();
    await rig.define(withUuid(domainXml({ name: 'vm', rootfs })));
    return rootfs;
  }

  test('is there after define, and a start does not make it anew', async ({ rig }) => {
    await defineOne(rig);
    const { ino } = statSync(runFile(rig, 'compiled'));
    await rig.ctrOk('start', 'vm');
    expect(statSync(runFile(rig, 'compiled')).ino).toBe(ino);
    expect(statSync(runFile(rig, 'plan')).ino).toBe(ino);
  });

  test.for([
    ['is cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 100)],
    ['has a bit flipped', (bytes: Buffer) => bytes.fill((bytes[500] ?? 0) ^ 1, 500, 501)],
    ['is of another version', (bytes: Buffer) => bytes.fill(99, 8, 9)],
    ['is empty', () => Buffer.alloc(0)],
    ['is something else', () => Buffer.from('#!/bin/sh\n')],
  ] as const)('that %s is refused and compiled again', async ([, damage], { rig }) => {
    await defineOne(rig);
    const whole = readFileSync(runFile(rig, 'compiled'));
    writeFileSync(runFile(rig, 'compiled'), damage(Buffer.from(whole)));
    await rig.ctrOk('start', 'vm');
    expect(readFileSync(runFile(rig, 'plan')).equals(whole)).toBe(true);
    expect(await rig.info('vm')).toMatchObject({ state: 'running' });
  });

  test('that a container runs by and that is damaged is told by enter', async ({ rig }) => {
    await defineOne(rig);
    await rig.ctrOk('start', 'vm');
    const whole = readFileSync(runFile(rig, 'plan'));
    rmSync(runFile(rig, 'plan'));
    writeFileSync(runFile(rig, 'plan'), 'xx');
    const { stderr } = await rig.ctr(['enter', 'vm', '--', 'true']);
    expect(stderr).toBe("ctr: cannot enter 'vm': the plan it runs by cannot be read: it is damaged\n");
    // Who takes away what the container had reads it, too.
    writeFileSync(runFile(rig, 'plan'), whole);
  });

  test.for(['compiled', 'compiled.definition', 'compiled.key'])(
    'without %s is compiled again',
    async (file, { rig }) => {
      await defineOne(rig);
      rmSync(runFile(rig, file));
      await rig.ctrOk('start', 'vm');
      expect(readdirSync(runFile(rig, '.'))).toEqual(
        expect.arrayContaining(['compiled', 'compiled.key', 'compiled.definition', 'definition', 'plan']),
      );
    },
  );

  test('of another boot or version is compiled again', async ({ rig }) => {
    await defineOne(rig);
    const key = readFileSync(runFile(rig, 'compiled.key'), 'utf8');
    for (const [from, to] of [
      [/^boot .*/m, 'boot 00000000-0000-0000-0000-000000000000'],
      [/^ctr \S+/, 'ctr 0.0.1'],
    ] as const) {
      writeFileSync(runFile(rig, 'compiled.key'), key.replace(from, to));
      writeFileSync(runFile(rig, 'compiled'), 'another');
      await rig.ctrOk('start', 'vm');
      expect(readFileSync(runFile(rig, 'compiled.key'), 'utf8')).toBe(key);
      await rig.ctrOk('destroy', 'vm');
    }
  });

  test('of a definition that was changed by hand is compiled again', async ({ rig }) => {
    const rootfs = await defineOne(rig);
    const other = withUuid(domainXml({ name: 'vm', rootfs, memoryKiB: 131072 }));
    writeFileSync(join(rig.stateDir, 'containers/vm/definition'), other);
    await rig.ctrOk('start', 'vm');
    expect(JSON.parse(readFileSync(runFile(rig, 'definition'), 'utf8'))).toMatchObject({ text: other });
    expect(await rig.info('vm')).toMatchObject({ memory: { limitBytes: 131072 * 1024 } });
  });

  test('of a running container stays as it is when another is defined; the next start takes that', async ({ rig }) => {
    const rootfs = await defineOne(rig);
    await rig.ctrOk('start', 'vm');
    const plan = readFileSync(runFile(rig, 'plan'));
    await rig.define(withUuid(domainXml({ name: 'vm', rootfs, memoryKiB: 131072 })));
    expect(readFileSync(runFile(rig, 'plan')).equals(plan)).toBe(true);
    expect(await rig.ctrOk('dumpxml', 'vm')).toContain('65536');
    await rig.ctrOk('destroy', 'vm');
    await rig.ctrOk('start', 'vm');
    expect(readFileSync(runFile(rig, 'plan')).equals(plan)).toBe(false);
    expect(await rig.info('vm')).toMatchObject({ memory: { limitBytes: 131072 * 1024 } });
  });

  test('goes with the definition', async ({ rig }) => {
    await defineOne(rig);
    await rig.ctrOk('undefine', 'vm');
    expect(existsSync(runFile(rig, '.'))).toBe(false);
  });
});

describe('without Node', () => {
  test('what is compiled is started, entered, waited for and stopped, and others say what is missing', async ({
    rig,
  }) => {
    await defineMany(rig, ['vm']);
    const bare = join(rig.scratch, 'bare');
    mkdirSync(bare);
    const env = { PATH: bare };
    for (const args of [
      ['start', 'vm'],
      ['enter', 'vm', '--', 'true'],
      ['stop', 'vm'],
      ['start', '--all'],
      ['destroy', 'vm'],
    ])
      expect({ args, ...(await rig.ctr(args, { env })) }).toMatchObject({ args, status: 0, stderr: '' });
    expect((await rig.ctr(['wait', 'vm'], { env })).status).toBe(137);
    for (const args of [['list'], ['start', '--help'], ['start']]) {
      const { status, stderr } = await rig.ctr(args, { env });
      expect({ args, status, stderr }).toEqual({
        args,
        status: expect.toBeOneOf([1, 2]),
        stderr: expect.stringMatching(/'node'.*\nhint: /),
      });
    }
  });

  test('a failed start still says at which step', async ({ rig }) => {
    const rootfs = rig.makeRoot();
    await rig.define(domainXml({ name: 'vm', rootfs }));
    rmSync(join(rootfs, 'init'));
    const bare = join(rig.scratch, 'bare');
    mkdirSync(bare);
    const { status, stderr } = await rig.ctr(['start', 'vm'], { env: { PATH: bare } });
    expect(status).toBe(1);
    expect(stderr).toMatch(/cannot start 'vm': .*execve?/);
  });
});

describe('the command line', () => {
  test('is explained by the one parser, and --debug is no argument', async ({ rig }) => {
    await defineMany(rig, ['vm']);
    expect(await rig.ctrOk('start', '--help')).toContain('Usage: ctr start [options] [name...]');
    const debug = await rig.ctr(['start', '--debug', 'vm']);
    expect(debug).toMatchObject({ status: 0, stdout: "started 'vm'\n" });
    expect(debug.stderr).toContain('ctr: debug: front door: start vm\n');
    expect(await rig.ctrOk('enter', 'vm', 'echo', '--help', '--debug')).toBe('--help --debug\n');
    const { status } = await rig.ctr(['--debug', 'enter', 'vm', '--', 'sh', '-c', 'exit 7']);
    expect(status).toBe(7);
  });

  test('works by a link from elsewhere', async ({ rig }) => {
    await defineMany(rig, ['vm']);
    const link = join(rig.scratch, 'ctr');
    symlinkSync(join(projectRoot, 'bin/ctr'), link);
    expect(await runProgram([link, 'start', 'vm'], { env: rig.env })).toMatchObject({ status: 0 });
    expect((await runProgram([link, 'list', '--json'], { env: rig.env })).stdout).toContain('"vm"');
  });

  test('of Node is run without the caller’s settings for Node', async ({ rig }) => {
    const env = { NODE_OPTIONS: '--require /nonexistent.js', NODE_EXTRA_CA_CERTS: '/nonexistent' };
    expect(await rig.ctr(['list'], { env })).toMatchObject({ status: 0, stderr: '' });
  });

  test('says of a container that has ended at once how to learn why', async ({ rig }) => {
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot('exit 3\n') }));
    const results = [];
    // It may end a moment after it was looked at.
    for (let round = 0; round < 20; round += 1)
      results.push(await rig.ctr(['start', 'vm']), await rig.ctr(['wait', 'vm']));
    expect(results.filter(({ stdout }) => stdout === "started 'vm'\n")).toHaveLength(20);
    expect(results.filter(({ status }) => status === 3)).toHaveLength(20);
    for (const { stderr } of results) {
      expect(stderr).toBeOneOf(['', "note: 'vm' has ended already\nhint: ctr info vm says how\n"]);
    }
  });
});

describe('the stop signal', () => {
  test.for([
    ['RTMIN+3', '37'],
    ['PWR', 'PWR TERM'],
    ['TERM', 'TERM USR1'],
  ] as const)('is %s for an init that handles %s', async ([expected, handled], { rig }) => {
    const places = { stateDir: rig.stateDir, runDir: rig.runDir };
    const traps = handled.split(' ').map((signal) => `trap 'echo ${signal} > /signal; exit 0' ${signal}`);
    const rootfs = rig.makeRoot(`${traps.join('\n')}\necho ready > /ready\nwhile :; do sleep 3600 & wait; done\n`);
    await rig.define(domainXml({ name: 'vm', rootfs }));
    await start('vm', places);
    await expect.poll(() => existsSync(join(rootfs, 'ready'))).toBe(true);
    expect(await stop('vm', places)).toEqual({ name: 'vm', outcome: 'stopped' });
    expect(readFileSync(join(rootfs, 'signal'), 'utf8')).toBe(`${expected.replace('RTMIN+3', '37')}\n`);
  });

  test('is none for an init that handles none: it is killed without a wait', async ({ rig }) => {
    const places = { stateDir: rig.stateDir, runDir: rig.runDir };
    await rig.define(domainXml({ name: 'vm', rootfs: rig.makeRoot(), init: '/bin/sleep', initArgs: ['1000'] }));
    await start('vm', places);
    const asked = performance.now();
    expect(await stop('vm', { ...places, timeoutMs: 30_000 })).toEqual({ name: 'vm', outcome: 'killed' });
    expect(performance.now() - asked).toBeLessThan(20_000);
  });
});

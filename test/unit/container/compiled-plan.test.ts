import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compilePlan } from '../../../src/container/compiled-plan.js';
import { explainStart } from '../../../src/container/explain-start.js';
import { encodePlan } from '../../../src/exec/encode.js';
import { define, plan, undefine } from '../../../src/index.js';
import { makeFakeHelper, makeScratchDir } from '../exec/fake-helper.js';

const UUID = '6f1a3c9e-5b0d-4c8e-9a51-1d2e3f405162';

function xml({ init = '/bin/sh', memory = 65536 } = {}): string {
  return `<domain type='lxc'><name>web</name><uuid>${UUID}</uuid><memory>${memory}</memory>
<os><type>exe</type><init>${init}</init></os><devices><console type='pty'/></devices></domain>`;
}

function makePlaces(commands: Readonly<Record<string, string>> = {}) {
  const scratch = makeScratchDir();
  const places = { stateDir: join(scratch, 'state'), runDir: join(scratch, 'run'), helper: makeFakeHelper(commands) };
  const dir = join(places.runDir, 'containers/web');
  return { places, dir, read: (file: string) => readFileSync(join(dir, file)) };
}

const skippedWithoutRoot = process.geteuid?.() !== 0;

describe.skipIf(skippedWithoutRoot)('define', () => {
  test('leaves the plan, its text and its key', async () => {
    const { places, dir, read } = makePlaces({ key: 'echo "$2"; echo "$3"' });
    await define(xml(), places);
    expect(readdirSync(dir).sort()).toEqual(['compiled', 'compiled.definition', 'compiled.key', 'lock']);
    expect(read('compiled')).toEqual(Buffer.from(encodePlan(await plan('web', places))));
    expect(JSON.parse(String(read('compiled.definition')))).toMatchObject({
      text: xml(),
      record: { format: 'libvirt' },
    });
    expect(String(read('compiled.key'))).toBe(`${join(places.stateDir, 'containers/web')}\n${dir}\n`);
  });

  test('replaces the plan and never changes that of a running container', async () => {
    const { places, dir, read } = makePlaces();
    await define(xml(), places);
    linkSync(join(dir, 'compiled'), join(dir, 'plan'));
    const running = read('plan');
    await define(xml({ memory: 131072 }), places);
    expect(read('plan')).toEqual(running);
    expect(read('compiled')).not.toEqual(running);
    expect(read('compiled')).toEqual(Buffer.from(encodePlan(await plan('web', places))));
  });

  test('takes the key before it compiles: what changes meanwhile makes the plan stale', async () => {
    const { places, read } = makePlaces({ key: '[ -e "$3/compiled" ] && echo after || echo before' });
    await define(xml(), places);
    expect(String(read('compiled.key'))).toBe('before\n');
  });

  test('of what cannot start stores it all the same, and leaves no key', async () => {
    const { places, dir } = makePlaces();
    await define(xml(), places);
    expect(existsSync(join(dir, 'compiled.key'))).toBe(true);
    expect(await define(xml({ init: '/no/init' }), places)).toMatchObject({ replaced: true });
    expect(existsSync(join(dir, 'compiled.key'))).toBe(false);
  });

  test('with a helper that makes no key stores it all the same', async () => {
    const { places, dir } = makePlaces({ key: 'exit 1' });
    await define(xml(), places);
    expect(existsSync(dir)).toBe(false);
  });

  test('is undone by undefine, the run directory included', async () => {
    const { places } = makePlaces();
    await define(xml(), places);
    await undefine('web', places);
    expect(readdirSync(join(places.runDir, 'containers'))).toEqual([]);
  });
});

describe('compilePlan', () => {
  test('refuses what cannot start, and leaves the plan that was there', async () => {
    const { places, dir, read } = makePlaces();
    await define(xml({ init: '/no/init' }), places);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'compiled'), 'old');
    await expect(compilePlan('web', places)).rejects.toMatchObject({
      code: 'CTR_START_FAILED',
      message: "cannot start 'web': init '/no/init' does not exist in '/'",
    });
    expect(readdirSync(dir)).toEqual(['compiled']);
    expect(String(read('compiled'))).toBe('old');
  });

  test('refuses a name that nothing is defined for, or that is none', async () => {
    const { places } = makePlaces();
    await expect(compilePlan('web', places)).rejects.toMatchObject({ code: 'CTR_NOT_FOUND' });
    await expect(compilePlan('../web', places)).rejects.toMatchObject({ code: 'CTR_BAD_NAME' });
  });
});

describe('explainStart', () => {
  const failure = JSON.stringify({
    step: "exec '/bin/sh'",
    call: 'execve',
    errno: 13,
    errnoName: 'EACCES',
    object: 'x',
  });

  test('says what the helper says', async () => {
    const { places } = makePlaces();
    await define(xml(), places);
    expect(explainStart('web', failure, places)).toMatchObject({
      code: 'CTR_START_FAILED',
      message: "cannot start 'web': exec '/bin/sh': execve: EACCES (permission denied)",
      data: { errno: 13 },
    });
  });

  test('says it in better words where the root file system tells why', async () => {
    const { places } = makePlaces();
    await define(xml({ init: '/no/init' }), places);
    expect(() => explainStart('web', failure, places)).toThrow("cannot start 'web': init '/no/init' does not exist");
  });
});

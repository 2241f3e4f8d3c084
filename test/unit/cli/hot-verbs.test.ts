import { Command } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { handOver, withoutDebug } from '../../../src/cli/hand-over.js';
import { addHotOptions, HOT_VERBS, type HotVerb } from '../../../src/cli/hot-verbs.js';
import { formatHotVerbsHeader } from '../../../src/cli/hot-verbs-header.js';
import { makeCommand } from '../../../src/cli/make-command.js';
import { formatFailure } from '../../../src/cli/report-failure.js';
import { findVerb, HIDDEN_VERBS, VERBS } from '../../../src/cli/verbs.js';
import { CtrError } from '../../../src/errors.js';
import { makeFakeFrontDoor } from '../exec/fake-helper.js';

const NAMES = Object.keys(HOT_VERBS) as HotVerb[];

async function load(name: string): Promise<{ parse(args: readonly string[]): Promise<Command>; said: string[] }> {
  const verb = findVerb(name);
  if (verb === undefined) throw new Error(`no verb '${name}'`);
  const { command: module } = await verb.load();
  const said: string[] = [];
  const command = makeCommand(verb, module).configureOutput({ writeErr: (text) => said.push(text) });
  return { said, parse: (args) => command.parseAsync([...args], { from: 'user' }) };
}

/** The rows of a table of native/hot_verbs.h: short name, long name, whether it takes a value. */
function readTable(verb: string): [string, string, boolean][] {
  const table = new RegExp(`hot_options_${verb}\\[\\] = \\{\\n((?:.*,\\n)*?)\\t\\{ 0 \\},\\n\\};`).exec(
    formatHotVerbsHeader(),
  );
  const rows = [...(table?.[1] ?? '').matchAll(/^\t\{ (?:0|'(.)'), "([a-z-]+)", (true|false) \},$/gm)];
  return rows.map(([, short = '', long = '', takesValue]) => [short, long, takesValue === 'true']);
}

describe('the verbs of the front door', () => {
  test('are those that hand over', async () => {
    const handing = [];
    for (const verb of [...VERBS, ...HIDDEN_VERBS]) {
      if ((await verb.load()).command.handsOver) handing.push(verb.name);
    }
    expect(handing.sort()).toEqual([...NAMES].sort());
  });

  test.for(NAMES)('%s has the same options in both parsers, and --help and --debug in this one alone', async (verb) => {
    const options = (
      await (await load(verb)).parse(verb === 'start' ? ['--all'] : verb === 'cp' ? ['web:/a', 'b'] : ['web'])
    ).options;
    const rows = options.map(({ short, long, required }) => [short?.slice(1) ?? '', long?.slice(2), required]);
    expect(rows.filter(([, long]) => long !== 'debug')).toEqual(readTable(verb));
    expect(rows.map(([, long]) => long)).toContain('debug');
  });

  test('no option of the table is called as one that both sides leave to this parser', () => {
    for (const verb of NAMES) {
      for (const [short, long] of readTable(verb)) expect(['h', 'help', 'debug']).not.toContain(short || long);
    }
  });

  test('--report is in no help', () => {
    expect(addHotOptions(new Command('x'), 'start').helpInformation()).not.toContain('report');
  });

  test('what they ask of this side is found and not listed', () => {
    expect(HIDDEN_VERBS.length).toBeGreaterThan(0);
    for (const verb of HIDDEN_VERBS) {
      expect(findVerb(verb.name)).toBe(verb);
      expect(VERBS).not.toContain(verb);
    }
  });
});

describe('names', () => {
  test.for(['start', 'stop', 'shutdown', 'destroy'])('%s wants some, or --all', async (verb) => {
    for (const args of [['a', 'b*'], ['--all']]) await expect((await load(verb)).parse(args)).resolves.toBeDefined();
    for (const args of [[], ['--all', 'a']]) {
      const { parse, said } = await load(verb);
      await expect(parse(args)).rejects.toMatchObject({ code: 'commander.error' });
      expect(said.join('')).toMatch(new RegExp(`^ctr: .*name.*\\nhint: ctr ${verb} --help\\n$`));
    }
  });

  test('start --console takes one', async () => {
    await expect((await load('start')).parse(['--console', 'a'])).resolves.toBeDefined();
    for (const args of [
      ['--console', 'a', 'b'],
      ['--console', '--all'],
    ])
      await expect((await load('start')).parse(args)).rejects.toThrow('cannot start with --console: it takes one name');
  });

  test.for(['0', '257', 'x', '1.5'])('start --jobs %s is refused', async (count) => {
    await expect((await load('start')).parse(['-j', count, 'a'])).rejects.toMatchObject({
      code: 'commander.invalidArgument',
    });
  });
});

describe('handOver', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('runs the front door with the same arguments, without --debug, and gives its exit status', async () => {
    vi.stubEnv('CTR_HELPER', makeFakeFrontDoor({ stop: '[ "$*" = "stop a -- --debug" ] && exit 7' }).helper);
    expect(await handOver('stop', ['--debug', 'a', '--', '--debug'])).toBe(7);
  });

  test('does not go round in a circle', async () => {
    vi.stubEnv('CTR_HANDED_OVER', '1');
    await expect(handOver('stop', ['a'])).rejects.toMatchObject({ code: 'CTR_HELPER' });
  });

  test('withoutDebug leaves a command its own', () => {
    expect(withoutDebug(['-u', 'x', '--debug', '--', 'web', 'ls', '--debug'])).toEqual(
      '-u x -- web ls --debug'.split(' '),
    );
    expect(withoutDebug(['a', '--debug'])).toEqual(['a']);
  });
});

test('a failure for the library is one line of JSON', () => {
  const error = new CtrError('CTR_START_FAILED', 'cannot start\nit', { data: { errno: 1 } });
  expect(formatFailure('web', error)).toBe(
    '{"name":"web","ok":false,"code":"CTR_START_FAILED","message":"cannot start\\nit","data":{"errno":1}}\n',
  );
  expect(JSON.parse(formatFailure('web', new TypeError('x')))).toMatchObject({ ok: false, code: 'CTR_HELPER' });
});

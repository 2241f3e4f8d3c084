import { describe, expect, test, vi } from 'vitest';
import { makeComplete } from '../../../src/cli/commands/complete.js';
import { completeWords, formatCompletion } from '../../../src/cli/completion.js';
import { COMPLETED_VERBS, type CompletedOption } from '../../../src/cli/completion-table.js';
import { makeCommand } from '../../../src/cli/make-command.js';
import { HIDDEN_VERBS, VERBS } from '../../../src/cli/verbs.js';
import { TEMPLATES } from '../../../src/container/bootstrap.js';

const NAMES = { running: ['web', 'web2'], all: ['db', 'web', 'web2'] };

/** The words offered for the last word of a line; `FILES` when the shell completes. */
function offered(...words: string[]): string[] {
  const { candidates, files } = completeWords(words, VERBS, (which) => NAMES[which]);
  return [...candidates.map(({ word }) => word), ...(files ? ['FILES'] : [])];
}

function rowOf({ short, long, value, text }: CompletedOption) {
  return {
    flags: `${short === undefined ? '' : `-${short}, `}--${long}${value === undefined ? '' : ` ${value}`}`,
    text,
  };
}

describe('the table of completion', () => {
  test('has the options of every command, as its parser has them', async () => {
    expect(Object.keys(COMPLETED_VERBS).sort()).toEqual(VERBS.map(({ name }) => name).sort());
    for (const verb of VERBS) {
      const { options } = makeCommand(verb, (await verb.load()).command);
      const known = options.filter(({ long }) => long !== '--debug');
      expect(
        COMPLETED_VERBS[verb.name]?.options.map((option) => rowOf({ text: '', ...option })),
        verb.name,
      ).toEqual(known.map(({ flags, description }) => ({ flags, text: description })));
    }
  });

  test('has operands where the command takes some, and many where it takes many', async () => {
    for (const verb of VERBS) {
      const [first, second] = makeCommand(verb, (await verb.load()).command).registeredArguments;
      const completed = COMPLETED_VERBS[verb.name];
      expect(completed?.operands !== undefined, verb.name).toBe(
        // A verb with actions has them in the place of operands.
        verb.name === 'net' || (first !== undefined && verb.name !== 'bootstrap'),
      );
      expect(completed?.many ?? false, verb.name).toBe(first?.variadic ?? false);
      expect(Boolean(completed?.commandFollows ?? completed?.second), verb.name).toBe(second !== undefined);
    }
  });

  test('has the formats', () => {
    expect(offered('convert', '--to', '')).toEqual(['xml', 'nspawn', 'lxc', 'oci', 'json']);
    expect(offered('define', '--settings=tr')).toEqual(['--settings=trusted']);
  });

  test('has the templates', () => {
    expect(offered('bootstrap', '--template', '')).toEqual(TEMPLATES);
  });
});

describe('completeWords', () => {
  test('offers verbs and their other names, and none of the hidden ones', () => {
    const words = offered('');
    for (const { name, alias = name } of VERBS) expect(words).toEqual(expect.arrayContaining([name, alias]));
    for (const { name } of HIDDEN_VERBS) expect(words).not.toContain(name);
    expect(offered('st')).toEqual(['start', 'stop', 'stats']);
    expect(offered()).toEqual(words);
    expect(offered('--debug', 'ex')).toEqual(['exec']);
    expect(offered('--')).toEqual(['--debug', '--help', '--version']);
    expect(offered('help', 'en')).toEqual(['enter']);
    expect(offered('help', 'enter', '')).toEqual([]);
    expect(offered('nosuch', '')).toEqual([]);
    expect(offered('toString', '')).toEqual([]);
    expect(offered('__complete', '')).toEqual([]);
  });

  test.for(['stop', 'shutdown', 'destroy', 'wait', 'enter', 'exec', 'console'])('%s takes what runs', (verb) => {
    expect(offered(verb, '')).toEqual(NAMES.running);
  });

  test.for(['start', 'undefine', 'info', 'logs', 'dumpxml', 'plan'])('%s takes what is defined', (verb) => {
    expect(offered(verb, '')).toEqual(NAMES.all);
  });

  test('offers a name once, and a second one only where several are taken', () => {
    expect(offered('stop', 'web', '')).toEqual(['web2']);
    expect(offered('info', 'web', '')).toEqual([]);
    expect(offered('undefine', 'web', '')).toEqual(['db', 'web2']);
    expect(offered('bootstrap', '')).toEqual([]);
    expect(offered('list', '')).toEqual([]);
  });

  test('leaves files to the shell', () => {
    expect(offered('define', '')).toEqual(['FILES']);
    expect(offered('define', 'a.xml', 'b')).toEqual(['FILES']);
    expect(offered('validate', '')).toEqual(['FILES']);
    expect(offered('convert', 'a.xml', '')).toEqual([]);
    expect(offered('attach-device', 'web', '')).toEqual(['FILES']);
    expect(offered('attach-device', 'web', 'a.xml', '')).toEqual([]);
    expect(offered('logs', '--')).toEqual(['--follow', '--raw', '--devname', '--debug', '--help']);
  });

  test('offers options that are not there yet, and none that help does not show', () => {
    expect(offered('stop', '-')).toEqual(['--all', '--timeout', '--force', '--debug', '-h', '--help']);
    expect(offered('stop', 'web', '--force', '--f')).toEqual([]);
    expect(offered('start', '-j3', '--j')).toEqual([]);
    expect(offered('enter', '-e', 'A=1', '--e')).toEqual(['--env']);
    expect(offered('ls', '-a')).toEqual(['-a']);
  });

  test('knows which word is the value of an option', () => {
    expect(offered('stop', '--timeout', '')).toEqual([]);
    expect(offered('stop', '--timeout', '5', '')).toEqual(NAMES.running);
    expect(offered('stop', '--timeout=5', '')).toEqual(NAMES.running);
    expect(offered('enter', '-tu', '')).toEqual([]);
    expect(offered('enter', '-tu', 'root', '')).toEqual(NAMES.running);
    expect(offered('enter', '-uroot', '')).toEqual(NAMES.running);
    expect(offered('bootstrap', 'x', '--template=')).toEqual(['--template=busybox']);
    expect(offered('bootstrap', 'x', '--template=c')).toEqual([]);
    expect(offered('bootstrap', '--nosuch', '--template', 'b')).toEqual(['busybox']);
  });

  test('knows what options of run are about', () => {
    expect(offered('run', '--from', '')).toEqual(NAMES.all);
    expect(offered('run', '--from=w')).toEqual(['--from=web', '--from=web2']);
    expect(offered('run', '--from', 'web', '')).toEqual([]);
    expect(offered('run', '--net', 'u')).toEqual(['user']);
    expect(offered('run', '--rootfs', '')).toEqual(['FILES']);
    expect(offered('run', '--bind-ro', '/etc', '--bind-ro', '')).toEqual(['FILES']);
    expect(offered('run', '--bind', '/a', '--bi')).toEqual(['--bind', '--bind-ro']);
    expect(offered('run', '--timeout', '')).toEqual([]);
  });

  test('leaves the command of enter alone', () => {
    expect(offered('enter', 'web', '--w')).toEqual(['--workdir', '--without']);
    expect(offered('enter', 'web', '')).toEqual([]);
    expect(offered('enter', 'web', '--', '')).toEqual([]);
    expect(offered('enter', 'web', '--', '-')).toEqual([]);
    expect(offered('enter', 'web', 'ls', '-')).toEqual([]);
    expect(offered('exec', 'web', 'ctr', 'stop', '')).toEqual([]);
    expect(offered('enter', '--', '')).toEqual(NAMES.running);
  });

  test('takes what stands behind -- for no option', () => {
    expect(offered('stop', '--', '-')).toEqual([]);
    expect(offered('stop', '--', 'w')).toEqual(NAMES.running);
  });

  test('asks for names only when it offers them', () => {
    const listNames = vi.fn(() => []);
    for (const words of [[''], ['stop', '-'], ['define', ''], ['enter', 'x', ''], ['bootstrap', '--template', '']]) {
      completeWords(words, VERBS, listNames);
    }
    expect(listNames).not.toHaveBeenCalled();
  });
});

test('a candidate is a line, its text behind a tab', () => {
  const candidates = [{ word: 'stop', text: 'ask' }, { word: 'web' }];
  expect(formatCompletion({ candidates, files: false })).toBe('stop\task\nweb\n');
  expect(formatCompletion({ candidates: [], files: true })).toBe(':files\n');
  expect(formatCompletion({ candidates: [], files: false })).toBe('');
});

test('an error while completing is not told', async () => {
  const broken = { name: '__complete', summary: '', load: () => Promise.reject(new Error()) };
  const verbs = new Proxy(VERBS, {
    get: () => {
      throw new Error('broken');
    },
  });
  const command = makeCommand(broken, makeComplete(verbs));
  await expect(command.parseAsync(['--', 'st'], { from: 'user' })).resolves.toBe(command);
});

import { describe, expect, test } from 'vitest';
import { readNspawn } from '../../../../src/config/nspawn/read-nspawn.js';
import { faultsOf, OPTIONS, specOf } from './read-text.js';

const argsOf = (lines: string) => specOf(`[Exec]\nBoot=yes\n${lines}`).init.args;

describe('lines', () => {
  test.each([
    ['a comment at the start of a line only', 'Parameters=a # b ; c\n# d\n ; e\n', ['a', '#', 'b', ';', 'c']],
    ['white space around key and value', '  Parameters =\t a  \n', ['a']],
    ['a value with an equals sign', 'Parameters=a=b\n', ['a=b']],
    ['no line end at the end', 'Parameters=a', ['a']],
    ['a line that goes on', 'Parameters=a \\\n  b\\\nc\n', ['a', 'b', 'c']],
    ['comments within a line that goes on', 'Parameters=a \\\n# x\n;y \\\nb\n', ['a', 'b']],
    ['an empty line ends one that goes on', 'Parameters=a \\\n\nX-b\n=c', ['a']],
    ['the last line goes on', 'Parameters=a \\', ['a']],
    ['two backslashes at the end', 'Parameters=a "b\\\\"\n', ['a', 'b\\\\']],
    [
      'line ends of three systems and of none',
      'Parameters=a\rParameters=b\r\nParameters=c\0Parameters=d\n\rParameters=e',
      ['a', 'b', 'c', 'd', 'e'],
    ],
    ['CR LF in a line that goes on', 'Parameters=a \\\r\n b\r\n', ['a', 'b']],
  ])('%s', (what, text, args) => {
    const { definition } = readNspawn(`[Exec]\nBoot=yes\n${text}`, OPTIONS);
    expect(definition?.spec.init.args, what).toEqual(args);
  });

  test('a byte order mark does not count', () => {
    expect(specOf('\uFEFF[Exec]\nBoot=yes\n').init.fallbacks).toContain('/sbin/init');
    expect(faultsOf('\uFEFF[Exce]\n')).toEqual(["1:1 warning: unknown section 'Exce': ignored"]);
  });

  test('values of one key add up, an empty one empties them', () => {
    expect(argsOf('Parameters=a b\nParameters=c\n')).toEqual(['a', 'b', 'c']);
    expect(argsOf('Parameters=a b\nParameters=\nParameters=c\n')).toEqual(['c']);
  });

  test('sections and keys of others are none of ours', () => {
    expect(faultsOf('[X-Vendor]\nfoo\n[Exec]\nX-Foo=1\n')).toEqual([]);
  });
});

describe('places', () => {
  test('each fault is told with line and column, twelve of twelve', () => {
    const text = [
      'Boot=yes',
      '[exec]',
      'anything',
      '[Exec]',
      'Boot=maybe',
      '  Bot=yes',
      'noequals',
      '=x',
      'ReadOnly=yes',
      'Capability=CAP_KILL CAP_KIL \\',
      '  CAP_SYS_ADMN',
      'Parameters="a',
      '[Files]',
      'Bind=a:b',
      '[Network]',
      'Interface=eth0 a/b',
      '[Files',
    ].join('\n');
    expect(faultsOf(text)).toEqual([
      '1:1 warning: assignment before the first section: ignored',
      "2:1 warning: unknown section 'exec': ignored",
      "5:6 warning: 'Boot' must be a boolean, not 'maybe': ignored",
      "6:3 warning: unknown key 'Bot' in [Exec]: ignored",
      "7:1 warning: missing '=' after 'noequals': ignored",
      "8:1 warning: missing key before '=': ignored",
      "9:1 warning: unknown key 'ReadOnly' in [Exec]: ignored",
      "10:21 warning: 'Capability': unknown capability 'CAP_KIL': ignored",
      "11:3 warning: 'Capability': unknown capability 'CAP_SYS_ADMN': ignored",
      "12:12 warning: 'Parameters' has a quote that is not closed: ignored",
      expect.stringContaining("14:6 warning: 'Bind' must be"),
      "16:16 error: 'Interface': 'a/b' is no name of a link, or of a link and its name inside",
      "17:1 error: invalid section header '[Files'",
    ]);
  });

  test.each([
    ['[Exce]\n', 'did you mean [Exec]?'],
    ['[Exec]\nLimitCore=1\n', "did you mean 'LimitCORE'?"],
    ['[Exec]\nReadOnly=yes\n', "'ReadOnly' belongs in [Files]"],
    ['[Exec]\nBrigde=br0\n', "did you mean 'Bridge' in [Network]?"],
    ['[Exec]\nCapability=CAP_SYS_ADMN\n', "did you mean 'CAP_SYS_ADMIN'?"],
    ['[Exec]\nSystemCallFilter=~@mout\n', "did you mean '@mount'?"],
  ])('%j has the hint %j', (text, hint) => {
    expect(readNspawn(text, OPTIONS).diagnostics.map((diagnostic) => diagnostic.hint)).toEqual([hint]);
  });

  test('a text without a name or a root of its own needs them from the caller', () => {
    const { definition, diagnostics } = readNspawn('', { file: 'web.nspawn' });
    expect(definition).toBeUndefined();
    expect(diagnostics.map(({ severity }) => severity)).toEqual(['error', 'error']);
    expect(faultsOf('', { name: 'a/b' })).toEqual([expect.stringContaining("error: 'a/b' cannot be a name")]);
  });
});

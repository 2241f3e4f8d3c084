import { expect, test } from 'vitest';
import { formatValidated } from '../../../src/cli/commands/validate.js';
import { validate } from '../../../src/index.js';

function printed(text: string, file: string): unknown {
  return JSON.parse(JSON.stringify(formatValidated(validate(text, { file }))));
}

test('validate --json of a faulty file', () => {
  const text =
    "<domain type='lxc'><name>web</name><memory>1024</memory>\n  <memroy>1</memroy>\n<os><type>exe</type><init>/init</init></os></domain>\n";
  expect(printed(text, 'web.xml')).toEqual({
    file: 'web.xml',
    format: 'libvirt',
    valid: false,
    diagnostics: [
      {
        severity: 'error',
        file: 'web.xml',
        line: 2,
        column: 3,
        message: 'unknown element <memroy> in <domain>',
        hint: 'did you mean <memory>?',
      },
    ],
    givesUp: [],
    refusals: [],
  });
});

test('validate --json of a valid file with something without effect', () => {
  expect(printed('[Exec]\nBoot=yes\nPrivateUsers=pick\nFoo=1\n[Network]\nPrivate=yes\n', 'web.nspawn')).toEqual({
    file: 'web.nspawn',
    format: 'nspawn',
    valid: true,
    diagnostics: [
      {
        severity: 'warning',
        file: 'web.nspawn',
        line: 4,
        column: 1,
        message: "unknown key 'Foo' in [Exec]: ignored",
      },
    ],
    givesUp: [],
    refusals: [],
  });
});

test('validate --json of what nobody knows', () => {
  expect(printed('hello', '-')).toEqual({
    file: '-',
    valid: false,
    diagnostics: [
      {
        severity: 'error',
        file: '-',
        line: 1,
        column: 1,
        message: "cannot read definition '-': neither name nor text tell its format",
        hint: '--format xml, nspawn, lxc, oci or json',
      },
    ],
    givesUp: [],
    refusals: [],
  });
});

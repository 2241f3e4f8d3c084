import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatLibvirt, readLibvirt } from '../../../../src/config/libvirt/parse-libvirt-xml.js';
import { anySpec } from './spec-arbitrary.js';

test('a file of 40 lines with 12 mistakes reports all 12, each in its line, with a hint where a name is near', () => {
  const text = `<domain type='lxc'>
  <name>web/1</name>
  <uuid>8369f1ac</uuid>
  <title>Web</title>
  <memory unit='MiBs'>64</memory>
  <vcpus>
  </vcpus>
  <vcpu cpuset='3-1'>2</vcpu>
  <cputune>
    <shares>many</shares>
  </cputune>
  <os>
    <type>exe</type>
    <init>sbin/init</init>
    <initag>x</initag>
  </os>
  <features>
    <privnet/>
    <capabilities policy='deny'>
      <sys_amdin state='on'/>
    </capabilities>
  </features>
  <on_crash>reboot</on_crash>
  <devices>
    <filesystem type='mount'>
      <source dir='/srv/web'/>
      <target dir='/'/>
    </filesystem>
    <filesystem type='rma'>
      <source usage='1024'/>
      <target dir='/tmp'/>
    </filesystem>
    <interface type='bridge'>
      <source bridg='br0'/>
      <ip address='10.0.0.300' prefix='24'/>
    </interface>
    <console type='pty'/>
    <!-- the end -->
  </devices>
</domain>`;
  const { definition, diagnostics } = readLibvirt(text, { file: 'web.xml' });
  expect(text.split('\n')).toHaveLength(40);
  expect(definition).toBeUndefined();
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const lines = [...new Set(errors.map(({ line }) => line))];
  expect(lines).toEqual([2, 3, 5, 8, 10, 14, 15, 20, 23, 29, 34, 35]);
  expect(errors.flatMap(({ hint }) => hint ?? [])).toEqual([
    'did you mean <initarg>?',
    'did you mean <sys_admin>?',
    "did you mean 'ram'?",
    "did you mean 'bridge'?",
  ]);
});

test('a changed byte of a right text gives a definition or located errors, and never throws', {
  timeout: 60_000,
}, () => {
  const bytes = fc
    .tuple(anySpec, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }))
    .map(([spec, changes]) => {
      const text = Buffer.from(formatLibvirt(spec));
      for (const [place, byte] of changes) text[place % text.length] = byte;
      return text.toString('utf8');
    });
  fc.assert(
    fc.property(bytes, (text) => {
      const { definition, diagnostics } = readLibvirt(text, { file: 'any.xml' });
      expect(definition !== undefined || diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
      const lines = text.split(/\r\n?|\n/).length;
      for (const { line, column } of diagnostics) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines);
        expect(column).toBeGreaterThanOrEqual(1);
      }
    }),
  );
});

test.each([
  ["<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain type='lxc'><name>&x;</name></domain>", /DOCTYPE/],
  [`<domain type='lxc'>${'<metadata>'.repeat(64)}`, /nested deeper than 64/],
  [`<domain type='lxc'><!--${' '.repeat(1024 * 1024)}--></domain>`, /longer than 1024 KiB/],
  ["<domain type='lxc'><__proto__/></domain>", /__proto__/],
])('%.60s is refused', (text, message) => {
  const { definition, diagnostics } = readLibvirt(text, { file: 'x.xml' });
  expect(definition).toBeUndefined();
  expect(diagnostics.map((diagnostic) => diagnostic.message).join('\n')).toMatch(message);
});

test('names of prototypes are names like others', () => {
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    const text = `<domain type='lxc'><name>web</name><memory>65536</memory><os><type>exe</type><init>/i</init></os><devices><filesystem type='${name}'/><interface type='${name}'/><disk type='${name}'/><hostdev type='${name}'/><console type='${name}'/></devices></domain>`;
    const { diagnostics } = readLibvirt(text, { file: 'x.xml' });
    expect(diagnostics.filter(({ message }) => message.startsWith(`unknown type '${name}'`))).toHaveLength(5);
  }
  expect(({} as Record<string, unknown>).type).toBeUndefined();
});

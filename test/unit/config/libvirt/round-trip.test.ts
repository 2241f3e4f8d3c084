import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineSpec, deriveMac, formatLibvirtXml, parseDefinition } from '../../../../src/config/index.js';
import { define, domainText } from '../domain-text.js';
import { anySpec } from './spec-arbitrary.js';

const UUID = '8369f1ac-7e46-e869-4ca5-759d51478066';

/** Prints what a text defines, after checking that the print says the same and prints the same. */
function printed(text: string): string {
  const { warnings: _, ...definition } = define(text);
  const print = formatLibvirtXml(definition);
  const { warnings: __, ...again } = define(print);
  expect(again).toEqual(definition);
  expect(formatLibvirtXml(again)).toBe(print);
  return print;
}

test('any spec is the same after printing and reading, and its print is stable', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(anySpec, (spec) => {
      const result = defineSpec(spec);
      if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
      expect(result.definition.spec).toEqual(spec);
      const print = formatLibvirtXml(result.definition);
      const again = parseDefinition(print, { file: 'again.xml' });
      expect(again.ok && again.definition).toEqual(result.definition);
      expect(again.ok && formatLibvirtXml(again.definition)).toBe(print);
    }),
  );
});

test('any text gives a definition or at least one error, and never throws', () => {
  const pieces = fc.constantFrom(
    "<domain type='lxc'>",
    '</domain>',
    '<name>web</name>',
    '<memory>65536</memory>',
    "<memory unit='b'>x</memory>",
    '<os>',
    '<type>exe</type>',
    '<init>/init</init>',
    '</os>',
    '<devices>',
    '</devices>',
    "<console type='pty'/>",
    '<idmap>',
    '</idmap>',
    "<uid start='0' target='1' count='2'/>",
    "<interface type='network'>",
    '</interface>',
    '<graphics/>',
    '<metadata>',
    '</metadata>',
    "<x:y xmlns:x='u'>t</x:y>",
    '<disk/>',
    '<nmae/>',
    '&amp;',
    '&bad;',
    'text',
    '<!-- c -->',
    '\n',
    '<',
    '\0',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(pieces, { maxLength: 25 }).map((parts) => parts.join('')),
        fc.string({ unit: 'binary' }),
      ),
      (text) => {
        const result = parseDefinition(text, { file: 'any.xml' });
        if (result.ok) return;
        expect(result.diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
        for (const { line, column } of result.diagnostics) expect(Math.min(line, column)).toBeGreaterThanOrEqual(1);
      },
    ),
    { numRuns: 1000 },
  );
});

test('a changed value in a right domain gives a definition or a fault in its line', () => {
  const right =
    "<domain type='lxc'>\n<name>web</name>\n<memory>65536</memory>\n<vcpu cpuset='0-3'>1</vcpu>\n<os>\n<type>exe</type>\n<init>/init</init>\n</os>\n<devices>\n<console type='pty'/>\n</devices>\n</domain>";
  const slots = ['web', '65536', '0-3', '1<', 'exe', '/init', 'pty'];
  fc.assert(
    fc.property(
      fc.constantFrom(...slots),
      fc.string({ maxLength: 5 }).filter((value) => !/[<&'\n\r]/.test(value)),
      (slot, value) => {
        const text = right.replace(slot, slot === '1<' ? `${value}<` : value);
        const result = parseDefinition(text, { file: 'web.xml' });
        const line = right.slice(0, right.indexOf(slot)).split('\n').length;
        if (!result.ok) expect(result.diagnostics.map((diagnostic) => diagnostic.line)).toContain(line);
      },
    ),
  );
});

describe('the canonical form', () => {
  test('fills in what libvirt fills in, in its order', () => {
    const text = `<domain type="lxc">
      <devices><console/><console type='pty'><target port='1'/></console></devices>
      <os><init>/sbin/init</init><type>exe</type></os>
      <vcpu>2</vcpu><memory unit='MB'>64</memory>
      <name>web</name>
    </domain>`;
    expect(printed(text)).toBe(`<domain type='lxc'>
  <name>web</name>
  <memory unit='KiB'>62500</memory>
  <currentMemory unit='KiB'>62500</currentMemory>
  <vcpu placement='static'>2</vcpu>
  <os>
    <type>exe</type>
    <init>/sbin/init</init>
  </os>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <emulator>/usr/libexec/libvirt_lxc</emulator>
    <console type='pty'>
      <target type='lxc' port='0'/>
    </console>
    <console type='pty'>
      <target type='lxc' port='1'/>
    </console>
  </devices>
</domain>
`);
  });

  test('a given uuid is printed where the text has none, with the addresses that come from it', () => {
    const devices =
      "<interface type='network'><source network='a'/></interface><interface type='network'><mac address='52:54:00:00:00:01'/><source network='b'/></interface><interface type='network'><source network='c'/></interface>";
    const print = formatLibvirtXml(define(domainText({ devices })), { uuid: UUID });
    expect(print).toContain(`  <name>web</name>\n  <uuid>${UUID}</uuid>\n`);
    const macs = [...print.matchAll(/mac address='([^']*)'/g)].map((match) => match[1]);
    expect(macs).toEqual([deriveMac(UUID, 0), '52:54:00:00:00:01', deriveMac(UUID, 2)]);
  });

  test('without a given uuid no address is made up', () => {
    const devices = "<interface type='network'><source network='a'/></interface>";
    expect(printed(domainText({ name: `<name>web</name><uuid>${UUID}</uuid>`, devices }))).not.toContain('<mac');
  });

  test("the text's own uuid wins over a given one", () => {
    const other = '00000000-0000-0000-0000-000000000000';
    const print = formatLibvirtXml(define(domainText({ name: `<name>web</name><uuid>${other}</uuid>` })), {
      uuid: UUID,
    });
    expect(print).toContain(other);
    expect(print).not.toContain(UUID);
  });

  test('values with markup, quotes and line breaks come back as they were', () => {
    const print = printed(
      domainText({
        os: `<type>exe</type><init>/init</init><initenv name='A'>"it's" &lt;1&gt; &amp;&#13;\n2</initenv>`,
      }),
    );
    expect(print).toContain("<initenv name='A'>&quot;it&apos;s&quot; &lt;1&gt; &amp;&#13;\n2</initenv>");
    const { spec } = define(print);
    expect(spec.init.env).toEqual([{ name: 'A', value: '"it\'s" <1> &\r\n2' }]);
  });

  test('capabilities stand in their order, without any they vanish', () => {
    const body = '<features><capabilities><syslog/><chown state="off"/></capabilities></features>';
    expect(printed(domainText({ body }))).toContain(`  <features>
    <capabilities policy='default'>
      <chown state='off'/>
      <syslog state='on'/>
    </capabilities>
  </features>
`);
    expect(printed(domainText({ body: '<features><capabilities/></features>' }))).not.toContain('<features>');
  });

  test('addresses, routes and sizes are in their canonical form', () => {
    const devices = `<interface type='bridge'><source bridge='br0'/>
<route gateway='FE80::1' address='::' />
<route gateway='10.0.0.1' netmask='255.0.0.0' address='10.0.0.0' />
<ip prefix='24' address='10.0.0.2'/><ip address='2001:DB8:0:0::2'/></interface>
<filesystem type='ram'><target dir='/tmp'/><source units='M' usage='1'/></filesystem>`;
    expect(printed(domainText({ devices }))).toContain(`    <filesystem type='ram' accessmode='passthrough'>
      <source usage='1024' units='KiB'/>
      <target dir='/tmp'/>
    </filesystem>
    <interface type='bridge'>
      <source bridge='br0'/>
      <ip address='10.0.0.2' family='ipv4' prefix='24'/>
      <ip address='2001:db8::2' family='ipv6'/>
      <route family='ipv6' address='::' gateway='fe80::1'/>
      <route address='10.0.0.0' netmask='255.0.0.0' gateway='10.0.0.1'/>
    </interface>
`);
  });

  test('what has no effect is kept at its place', () => {
    const devices = `<video><model type="vga" vram='16384'><acceleration accel3d='no'/></model></video><graphics type='vnc'>\n  <listen type='none'/></graphics>
<filesystem><driver type="path"/><source dir='/srv'/><target dir='/srv'/></filesystem>`;
    const print = printed(
      domainText({ devices, body: "<pm><suspend-to-mem enabled='no'/></pm><cpu mode='host-model'/>" }),
    );
    expect(print).toContain(`    <graphics type='vnc'>
      <listen type='none'/>
    </graphics>
    <video>
      <model type='vga' vram='16384'>
        <acceleration accel3d='no'/>
      </model>
    </video>
`);
    expect(print).toContain("accessmode='passthrough'>\n      <driver type='path'/>\n      <source");
    expect(print.indexOf('<cpu')).toBeLessThan(print.indexOf('<clock'));
    expect(print.indexOf('<pm>')).toBeGreaterThan(print.indexOf('<on_crash>'));
  });

  test("others' metadata stays as it is, byte for byte, in its order", () => {
    const app =
      '<app:state xmlns:app="urn:app"  note=\'x\'>\n  mixed <app:b/> text<!-- kept --><![CDATA[<raw>]]>\n</app:state>';
    const body = `<metadata>${app}<ctr:container xmlns:ctr='urn:ctr:container:1.0'><ctr:pids max='9'/></ctr:container><o xmlns='urn:o'/></metadata>`;
    expect(printed(domainText({ body }))).toContain(`  <metadata>
    ${app}
    <ctr:container xmlns:ctr='urn:ctr:container:1.0'>
      <ctr:pids max='9'/>
    </ctr:container>
    <o xmlns='urn:o'/>
  </metadata>
`);
  });

  test('metadata keeps the namespaces that were declared around it', () => {
    const root = "type='lxc' xmlns:app='urn:app' xmlns:unused='urn:unused'";
    expect(printed(domainText({ root, body: "<metadata><app:state app:k='>'/></metadata>" }))).toContain(
      "    <app:state xmlns:app='urn:app' app:k='>'/>\n",
    );
  });

  test('the prefix of the extension is a matter of taste', () => {
    const body =
      "<metadata xmlns:my='urn:ctr:container:1.0'><my:container><my:masks state='off'/></my:container></metadata>";
    expect(printed(domainText({ body }))).toContain(
      "<ctr:container xmlns:ctr='urn:ctr:container:1.0'>\n      <ctr:masks state='off'/>\n    </ctr:container>",
    );
  });

  test('currentMemory is never more than memory', () => {
    const print = printed(domainText({ memory: "<memory>65536</memory><currentMemory unit='GiB'>1</currentMemory>" }));
    expect(print).toContain("<currentMemory unit='KiB'>65536</currentMemory>");
  });
});

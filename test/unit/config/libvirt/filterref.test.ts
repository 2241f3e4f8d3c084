import { expect, test } from 'vitest';
import { formatLibvirtXml } from '../../../../src/config/index.js';
import { readLibvirt } from '../../../../src/config/libvirt/parse-libvirt-xml.js';
import { define, domainText } from '../domain-text.js';

const link = (filter: string) =>
  domainText({ devices: `<interface type='bridge'><source bridge='br0'/>${filter}</interface>` });

test('a filter is read with the addresses that it names, in their canonical form, and printed again', () => {
  const definition = define(
    link(
      "<filterref filter='clean-traffic'><parameter name='IP' value='192.0.2.7'/><parameter name='IP' value='FD00:0::7'/></filterref>",
    ),
  );
  expect(definition.spec.interfaces[0]?.filter).toEqual({ name: 'clean-traffic', addresses: ['192.0.2.7', 'fd00::7'] });
  expect(definition.spec.refusals).toBeUndefined();
  expect(define(formatLibvirtXml(definition)).spec).toEqual(definition.spec);
});

test('a variable that no filter of ctr has is kept, with a warning', () => {
  const definition = define(
    link("<filterref filter='clean-traffic'><parameter name='CTRL_IP_LEARNING' value='dhcp'/></filterref>"),
  );
  expect(definition.warnings.map(({ message }) => message)).toContain(
    "parameter 'CTRL_IP_LEARNING' has no effect: addresses are not learned",
  );
  expect(formatLibvirtXml(definition)).toContain("<parameter name='CTRL_IP_LEARNING' value='dhcp'/>");
});

test('what is no address is an error at its place', () => {
  const text = link("<filterref filter='clean-traffic'><parameter name='IP' value='192.0.2'/></filterref>");
  const { definition, diagnostics } = readLibvirt(text, { file: 'web.xml' });
  expect(definition).toBeUndefined();
  expect(diagnostics[0]?.message).toBe("parameter 'IP' must be an IPv4 or IPv6 address, not '192.0.2'");
});

import { childrenOf, type DomainElement } from '../libvirt/domain-element.js';
import { ipAddress } from '../libvirt/network-values.js';
import { attribute, element, type Written } from '../libvirt/rows.js';
import { integer, matching, oneOf, yesNo } from '../libvirt/values.js';
import { domainName, txtValue } from './dns-values.js';

const service = matching('letters, digits and hyphens', /^[A-Za-z0-9_-]{1,63}$/);

const forwarder = element('forwarder', 'a server for names that are not of the network', {
  many: true,
  attributes: [
    attribute('domain', 'only for names in this domain', domainName),
    attribute('addr', "the server; without one names of `domain` are asked of the host's", ipAddress),
  ],
  finish: (read, { element: source, report }) => {
    if (read.attributes.size === 0) report.error(source.offset, "<forwarder> needs the attribute 'domain' or 'addr'");
    return read;
  },
});

const txt = element('txt', 'a TXT record', {
  many: true,
  attributes: [
    attribute('name', 'of what', domainName, { required: true }),
    attribute('value', 'its text', txtValue, { required: true }),
  ],
});

const srv = element('srv', 'a SRV record', {
  many: true,
  attributes: [
    attribute('service', 'its name', service, { required: true }),
    attribute('protocol', 'as in `_SERVICE._PROTOCOL`', oneOf(['tcp', 'udp']), { required: true }),
    attribute('domain', 'when missing: the domain of the network', domainName),
    attribute('target', 'the host that has it', domainName),
    attribute('port', 'its port', integer(1, 65535)),
    attribute('priority', 'lower wins', integer(0, 65535)),
    attribute('weight', 'share among those of one priority', integer(0, 65535)),
  ],
  finish: finishSrv,
});

function finishSrv(read: DomainElement, written: Written): DomainElement {
  const { attributes } = read;
  if (!attributes.has('target'))
    for (const name of ['port', 'priority', 'weight'])
      if (attributes.has(name))
        written.report.error(written.attributeOffset(name), `attribute '${name}' of <srv> needs a 'target'`);
  return read;
}

const host = element('host', 'a name of an address', {
  many: true,
  attributes: [attribute('ip', 'the address', ipAddress, { required: true })],
  children: [element('hostname', 'a name of it', { many: true, text: domainName })],
  finish: (read, { element: source, report }) => {
    if (childrenOf(read, 'hostname').length === 0) report.error(source.offset, '<host> needs <hostname>');
    return read;
  },
});

/** `<dns>`, in libvirt's order. */
export const dnsRow = element('dns', 'the name server of the network', {
  attributes: [
    attribute('enable', '`no`: there is none', yesNo),
    attribute('forwardPlainNames', '`no`: names without a dot are asked of nobody else', yesNo),
  ],
  children: [forwarder, txt, srv, host],
  dropEmpty: true,
});

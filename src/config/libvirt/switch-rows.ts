import { childrenOf, type DomainElement } from './domain-element.js';
import { attribute, type ElementRow, element, keptAttributes, refused, type Written } from './rows.js';
import { hexInteger, integer, oneOf, uuid } from './values.js';

/** What a switch does with the traffic of an interface. ctr's bridges know nothing of VLANs and virtual ports, so a start refuses those. */

const vlan = refused('vlan', 'a VLAN tag', {
  attributes: [attribute('trunk', '`yes` with several tags', oneOf(['yes']))],
  children: [
    element('tag', 'one VLAN', {
      many: true,
      required: true,
      attributes: [
        attribute('id', 'its number', integer(0, 4095), { required: true }),
        attribute('nativeMode', 'whether untagged traffic belongs to it', oneOf(['tagged', 'untagged'])),
      ],
    }),
  ],
  finish: (read) => (childrenOf(read, 'tag').length > 1 ? { ...read, attributes: new Map([['trunk', 'yes']]) } : read),
});

/** Parameters that each type takes. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  '802.1Qbg': ['managerid', 'typeid', 'typeidversion', 'instanceid'],
  '802.1Qbh': ['profileid'],
  openvswitch: ['interfaceid', 'profileid'],
  midonet: ['interfaceid'],
};

function finishVirtualport(read: DomainElement, { element: source, report }: Written): DomainElement {
  const type = read.attributes.get('type') ?? '';
  for (const parameters of source.children) {
    for (const { name, offset } of parameters.attributes) {
      if (PARAMETERS[type]?.includes(name) === false)
        report.error(offset, `attribute '${name}' of <parameters> has no place in a virtual port of type '${type}'`);
    }
  }
  if (type === 'midonet' && childrenOf(read, 'parameters').length === 0)
    report.error(source.offset, "<virtualport> of type 'midonet' needs <parameters> with an 'interfaceid'");
  return read;
}

const virtualport = refused('virtualport', 'a virtual port profile', {
  attributes: [attribute('type', 'who manages the port', oneOf(Object.keys(PARAMETERS)))],
  children: [
    element('parameters', 'what it is told', {
      dropEmpty: true,
      attributes: [
        attribute('managerid', 'number of the manager', hexInteger(0, 255)),
        attribute('typeid', 'number of the type', hexInteger(0, 0xffffff)),
        attribute('typeidversion', 'its version', hexInteger(0, 255)),
        attribute('instanceid', 'uuid of the instance', uuid),
        attribute('interfaceid', 'uuid of the interface', uuid),
        attribute('profileid', 'name of the profile', {
          label: 'text of at most 39 characters',
          read: (text) => (text.length <= 39 ? { ok: true, canonical: text } : { ok: false }),
        }),
      ],
    }),
  ],
  finish: finishVirtualport,
});

const speed = (name: string, about: string) => attribute(name, about, integer(1, 4294967295));

const bandwidth = element('bandwidth', 'limits of speed of the host end; of a macvlan a start refuses them', {
  attributes: keptAttributes('classID'),
  children: ['inbound', 'outbound'].map((name) =>
    element(name, name === 'inbound' ? 'limits towards the container' : 'limits from the container', {
      attributes: [
        speed('average', 'KiB a second'),
        speed('peak', 'KiB a second, at most; towards the container only'),
        speed('floor', 'KiB a second that are never taken away: a start refuses'),
        speed('burst', 'KiB at the speed of the peak'),
      ],
    }),
  ),
});

const port = element('port', 'its port in the bridge', {
  attributes: [attribute('isolated', '`yes`: it does not reach the other isolated ports', oneOf(['yes', 'no']))],
});

/** In libvirt's order, behind `<source>`. */
export const switchRows: readonly ElementRow[] = [vlan, virtualport, bandwidth, port];

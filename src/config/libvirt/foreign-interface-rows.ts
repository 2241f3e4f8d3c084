import { ipAddress } from './network-values.js';
import { attribute, type ElementRow, element, kept, keptAttributes, type ValueType, type Variant } from './rows.js';
import { absolutePath, anyText, integer, oneOf, uuid } from './values.js';

/** The types of `<interface>` that are for virtual machines: kept, and refused at start by libvirt's LXC driver and by ctr. */

const required = { required: true };
const device = anyText;
const port = (options: { readonly required?: boolean } = required) =>
  attribute('port', 'port number', integer(0, 65535), options);
const address = (options: { readonly required?: boolean } = required) =>
  attribute('address', 'IPv4 address', ipAddress, options);

function source(options: Partial<ElementRow>): ElementRow {
  return element('source', 'kept', { required: true, ...options });
}

function named(name: string, type: ValueType): ElementRow {
  return source({ attributes: [attribute(name, 'kept', type, required)] });
}

const SOURCES: Readonly<Record<string, readonly ElementRow[]>> = {
  hostdev: [source({ attributes: keptAttributes('missing'), children: kept('address', 'vendor', 'product') })],
  vhostuser: [
    source({
      attributes: [
        attribute('type', 'kept', oneOf(['unix']), required),
        attribute('path', 'kept', absolutePath, required),
        attribute('mode', 'kept', oneOf(['server', 'client']), required),
      ],
      children: kept('reconnect'),
    }),
  ],
  server: [source({ attributes: [address({}), port()], children: kept('local') })],
  client: [source({ attributes: [address(), port()], children: kept('local') })],
  mcast: [source({ attributes: [address(), port()], children: kept('local') })],
  udp: [
    source({
      attributes: [address(), port()],
      children: [element('local', 'kept', { required: true, attributes: [address(), port()] })],
    }),
  ],
  internal: [named('name', device)],
  vdpa: [named('dev', device)],
  null: [],
  vds: [
    source({
      attributes: [
        attribute('switchid', 'kept', uuid, required),
        attribute('portid', 'kept', anyText, required),
        attribute('portgroupid', 'kept', anyText, required),
        attribute('connectionid', 'kept', anyText, required),
      ],
    }),
  ],
};

/** The variants by type; `complete` adds what all interfaces take. */
export function foreignInterfaces(complete: (...source: readonly ElementRow[]) => Variant): Record<string, Variant> {
  return Object.fromEntries(
    Object.entries(SOURCES).map(([type, rows]) => [
      type,
      { ...complete(...rows), about: 'a link of a virtual machine', refusal: 'only virtual machines have it' },
    ]),
  );
}

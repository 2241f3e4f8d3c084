import { finishAddress, finishRoute } from './finish-address.js';
import { ipAddress } from './network-values.js';
import { attribute, type ElementRow, element } from './rows.js';
import { integer, oneOf } from './values.js';

/** Addresses and routes, of an interface's two ends and of a link of the host. */

const family = attribute('family', 'taken from the address when missing', oneOf(['ipv4', 'ipv6']));
const address = attribute('address', 'IPv4 or IPv6', ipAddress, { required: true });
const prefix = attribute(
  'prefix',
  "bits of the network; when missing: the address's class, 64 for IPv6",
  integer(0, 128),
);

const ip = element('ip', 'an address', {
  many: true,
  attributes: [address, family, prefix, attribute('peer', 'the other end of a point-to-point link', ipAddress)],
  finish: finishAddress,
});

const route = element('route', 'a route by this interface', {
  many: true,
  attributes: [
    family,
    { ...address, about: 'the destination: an address without bits behind its prefix' },
    prefix,
    attribute('netmask', 'instead of a prefix, IPv4 only', ipAddress),
    attribute('gateway', 'the next hop', ipAddress, { required: true }),
    attribute('metric', 'priority; lower wins', integer(1, 4294967295)),
  ],
  finish: finishRoute,
});

/** `<ip>` and `<route>`, with what they are about at this place. */
export function addressRows(aboutIp: string, aboutRoute: string): ElementRow[] {
  return [
    { ...ip, about: aboutIp },
    { ...route, about: aboutRoute },
  ];
}

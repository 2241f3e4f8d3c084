import { ipAddress } from './network-values.js';
import { attribute, type ElementRow, element } from './rows.js';
import { matching } from './values.js';

/** `<filterref>`: libvirt's network filters, of which ctr has one. */

/** The one that a start can give. */
export const CLEAN_TRAFFIC = 'clean-traffic';

const NAME = /^[A-Za-z0-9_]+$/;

/** Values of `IP` are addresses; the other variables are for filters and ways of learning that ctr has not. */
export const filterRow: ElementRow = element('filterref', 'a filter of what the container sends', {
  attributes: [
    attribute(
      'filter',
      `\`${CLEAN_TRAFFIC}\`: under its own MAC address and addresses alone; a start refuses others`,
      matching('the name of a filter', /^[^\s/]+$/),
      { required: true },
    ),
  ],
  children: [
    element('parameter', 'a variable of the filter; `IP` is an address of the container besides those of `<ip>`', {
      many: true,
      attributes: [
        attribute('name', 'its name', matching("letters, digits and '_'", NAME), { required: true }),
        attribute('value', 'its value', matching("letters, digits and '_.:-'", /^[A-Za-z0-9_.:-]+$/), {
          required: true,
        }),
      ],
      finish: (read, { attributeOffset, report }) => {
        const name = read.attributes.get('name') ?? '';
        const value = read.attributes.get('value') ?? '';
        if (name !== 'IP') {
          report.warning(attributeOffset('name'), `parameter '${name}' has no effect: addresses are not learned`);
          return read;
        }
        const address = ipAddress.read(value);
        if (!address.ok) {
          report.error(attributeOffset('value'), `parameter 'IP' must be ${ipAddress.label}, not '${value}'`);
          return undefined;
        }
        return { ...read, attributes: new Map([...read.attributes, ['value', address.canonical]]) };
      },
    }),
  ],
});

import { attribute, element, keptAttributes } from '../libvirt/rows.js';
import { integer } from '../libvirt/values.js';

const speed = (name: string, about: string, required = false) =>
  attribute(name, about, integer(1, 4294967295), { required });

/** `<bandwidth>` of a network or a port group. */
export const bandwidthRow = element('bandwidth', 'limits of speed, in KiB', {
  attributes: keptAttributes('classID'),
  children: ['inbound', 'outbound'].map((name) =>
    element(name, `${name} traffic of the network`, {
      attributes: [
        speed('average', 'KiB a second', true),
        speed('peak', 'KiB a second, at most'),
        speed('floor', 'KiB a second that are never taken away'),
        speed('burst', 'KiB at the speed of the peak'),
      ],
    }),
  ),
  dropEmpty: true,
});

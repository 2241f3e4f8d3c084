import { addressRows } from './address-rows.js';
import { type DomainElement, descendant } from './domain-element.js';
import { linkName } from './network-values.js';
import {
  attribute,
  type ElementRow,
  element,
  ignored,
  ignoredAttributes,
  keptAttributes,
  live,
  type Variant,
  type Written,
} from './rows.js';
import { absolutePath, hexInteger, oneOf, refusing, yesNo } from './values.js';

const devicePath = refusing(absolutePath, (text) =>
  /^\/+[^/]+\/+[^/]/.test(text) || !text.startsWith('/')
    ? undefined
    : "must name something below a directory, like '/dev/sda'",
);

const behind = [
  ...ignored('readonly', 'shareable', 'driver', 'teaming', 'boot', 'rom', 'acpi'),
  live('alias', "libvirt's name of the device in a running domain"),
  ...ignored('address'),
];

const required = { required: true };

function capability(about: string, source: ElementRow, ...others: readonly ElementRow[]): Variant {
  return {
    about,
    attributes: [],
    children: [element('source', 'what of the host', { ...required, children: [source] }), ...others, ...behind],
  };
}

function node(name: 'block' | 'char'): ElementRow {
  return element(name, 'path on the host; the first directory becomes /dev inside', { ...required, text: devicePath });
}

const usbNumber = (name: string, about: string) => attribute(name, about, octalOrHex(1, 999), required);

/** libvirt reads these by strtoul(3) with base 0: `012` is ten. */
function octalOrHex(min: number, max: number) {
  const type = hexInteger(min, max);
  return {
    label: `a number from ${min} to ${max}; octal after 0, hexadecimal after 0x`,
    read: (text: string) => type.read(/^0[0-7]+$/.test(text) ? String(Number.parseInt(text, 8)) : text),
  };
}

const usbId: Pick<ReturnType<typeof octalOrHex>, 'label' | 'read'> = {
  label: 'four hexadecimal digits, like 0x1234',
  read: (text) =>
    /^(0x)?[0-9a-fA-F]{1,4}$/.test(text)
      ? { ok: true, canonical: `0x${text.replace(/^0x/, '').toLowerCase().padStart(4, '0')}` }
      : { ok: false },
};

const usbSource = element('source', 'the device', {
  ...required,
  attributes: ignoredAttributes('startupPolicy', 'guestReset'),
  children: [
    element('vendor', 'a start refuses a device that only this names', {
      attributes: [attribute('id', 'number of the vendor', usbId, required)],
    }),
    element('product', 'a start refuses a device that only this names', {
      attributes: [attribute('id', 'number of the product', usbId, required)],
    }),
    element('address', 'where it is now', {
      attributes: [usbNumber('bus', 'number of the bus'), usbNumber('device', 'number on the bus')],
    }),
  ],
});

/** `/dev/bus/usb/001/002`. */
const usb: Variant = { about: 'a USB device', attributes: [], children: [usbSource, ...behind] };

function foreign(about: string): Variant {
  return {
    about,
    refusal: 'only virtual machines have it',
    attributes: keptAttributes('sgio', 'rawio', 'model', 'display', 'ramfb'),
    children: [element('source', 'kept', { standing: 'kept' }), ...behind],
  };
}

const CAPABILITIES: ReadonlySet<string> = new Set(['storage', 'misc', 'net']);

function finishHostdev(
  read: DomainElement,
  { report, attributeOffset, element: source }: Written,
): DomainElement | undefined {
  const { attributes } = read;
  const type = attributes.get('type') ?? '';
  const mode = attributes.get('mode') ?? 'subsystem';
  if ((mode === 'capabilities') !== CAPABILITIES.has(type)) {
    report.error(
      attributeOffset('mode'),
      `<hostdev> of type '${type}' takes no mode '${mode}'`,
      `write mode='${CAPABILITIES.has(type) ? 'capabilities' : 'subsystem'}'`,
    );
    return undefined;
  }
  const device = descendant(read, 'source');
  if (type === 'usb' && ['address', 'vendor'].every((name) => descendant(device, name) === undefined))
    report.error(source.offset, "<hostdev> of type 'usb' needs <address bus='…' device='…'/> in its <source>");
  if (type === 'usb' && (descendant(device, 'vendor') === undefined) !== (descendant(device, 'product') === undefined))
    report.error(source.offset, '<vendor> and <product> of a USB device go together');
  const managed: [string, string][] = mode === 'subsystem' ? [['managed', attributes.get('managed') ?? 'no']] : [];
  return { ...read, attributes: new Map([['mode', mode], ['type', type], ...managed, ...attributes]) };
}

/** `<hostdev>`: a device or a link of the host, given to the container. */
export const hostdevRow = element('hostdev', 'a device or a link of the host', {
  many: true,
  attributes: [
    attribute(
      'mode',
      '`subsystem` when missing; `capabilities` for storage, misc and net',
      oneOf(['subsystem', 'capabilities']),
    ),
    attribute('type', 'what it is', oneOf('storage misc net usb pci scsi scsi_host mdev'.split(' ')), required),
    attribute('managed', 'no effect in a container', yesNo),
  ],
  variants: {
    attribute: 'type',
    shapes: {
      storage: capability('a block device', node('block')),
      misc: capability('a character device', node('char')),
      net: capability(
        'a link, which leaves the host for as long as the container runs',
        element('interface', 'name of the link', { ...required, text: linkName }),
        ...addressRows('an address of the link; brings it up', 'a route inside the container'),
      ),
      usb,
      pci: foreign('a PCI device'),
      scsi: foreign('a SCSI device'),
      scsi_host: foreign('a SCSI host'),
      mdev: foreign('a mediated device'),
    },
  },
  finish: finishHostdev,
});

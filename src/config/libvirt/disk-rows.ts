import { type DomainElement, descendant, makeElement } from './domain-element.js';
import {
  attribute,
  type ElementRow,
  element,
  ignored,
  ignoredAttributes,
  kept,
  keptAttributes,
  live,
  type Variant,
  type Written,
} from './rows.js';
import { defaultBus, diskName, IMAGE_FORMATS } from './storage-values.js';
import { absolutePath, matching, oneOf } from './values.js';

const driver = element('driver', 'how the file becomes a device', {
  dropEmpty: true,
  attributes: [
    attribute('name', '`loop`; a start refuses others', matching('a name', /^[A-Za-z0-9_+-]+$/)),
    attribute('type', '`raw`; a start refuses the others', oneOf([...IMAGE_FORMATS, 'aio'])),
    ...keptAttributes('cache', 'error_policy', 'rerror_policy', 'io', 'ioeventfd', 'event_idx', 'copy_on_read'),
    ...keptAttributes('discard', 'iothread', 'detect_zeroes', 'discard_no_unref', 'queues', 'queue_size'),
    ...keptAttributes('iommu', 'ats', 'packed', 'page_per_vq'),
  ],
  children: kept('iothreads', 'metadata_cache', 'statistics'),
});

const target = element('target', 'the node in the container', {
  required: true,
  attributes: [
    attribute('dev', 'its name in /dev', diskName, { required: true }),
    attribute(
      'bus',
      'kept; when missing: by the name',
      oneOf('ide fdc scsi virtio xen usb uml sata sd nvme none'.split(' ')),
    ),
    ...ignoredAttributes('tray', 'removable', 'rotation_rate', 'dpofua'),
  ],
  finish: completeBus,
});

function completeBus(read: DomainElement): DomainElement {
  const { attributes } = read;
  const dev = attributes.get('dev') ?? '';
  const completed = new Map([
    ['dev', dev],
    ['bus', attributes.get('bus') ?? defaultBus(dev)],
  ]);
  return { ...read, attributes: new Map([...completed, ...attributes]) };
}

const readonly = element('readonly', 'the container may only read');

function variant(about: string, source: ElementRow, refusal?: string): Variant {
  return {
    about,
    ...(refusal === undefined ? {} : { refusal }),
    attributes: [
      attribute('device', '`cdrom` is read-only', oneOf(['disk', 'cdrom', 'floppy', 'lun']), { byDefault: 'disk' }),
      ...ignoredAttributes('model', 'rawio', 'sgio', 'snapshot'),
    ],
    children: [
      driver,
      ...ignored('auth'),
      source,
      ...ignored('backingStore', 'backenddomain', 'geometry', 'blockio', 'mirror'),
      target,
      ...ignored('iotune', 'throttlefilters'),
      readonly,
      ...ignored('shareable', 'transient', 'serial', 'wwn', 'vendor', 'product', 'encryption', 'boot'),
      ...ignored('acpi'),
      live('alias', "libvirt's name of the device in a running domain"),
      ...ignored('address'),
    ],
  };
}

function pathSource(name: 'file' | 'dev', about: string): ElementRow {
  return element('source', about, {
    dropEmpty: true,
    attributes: [
      attribute(name, 'absolute path on the host; a start refuses a disk without it', absolutePath),
      ...ignoredAttributes('startupPolicy', 'index', 'fdgroup'),
    ],
    children: [...ignored('slices', 'seclabel', 'encryption', 'reservations', 'privateData')],
  });
}

const anySource = element('source', 'kept', { standing: 'kept' });
const VIRTUAL = 'only virtual machines have it';

/** The rules of libvirt's parser over a whole disk, and the read-only state of a CD. */
function finishDisk(read: DomainElement, { element: source, report }: Written): DomainElement {
  const device = read.attributes.get('device') ?? 'disk';
  const hasMedium = descendant(read, 'source') !== undefined;
  const name = descendant(read, 'target')?.attributes.get('dev') ?? '';
  if (!hasMedium && (device === 'disk' || device === 'lun'))
    report.error(source.offset, `disk '${name}' needs <source>: only a cdrom or floppy may be empty`);
  const isFloppyName = name.startsWith('fd');
  if (device === 'floppy' ? !isFloppyName : isFloppyName && device !== 'cdrom')
    report.error(
      source.offset,
      isFloppyName ? `'${name}' is the name of a floppy, not of a ${device}` : `'${name}' is no name of a floppy`,
      device === 'floppy' ? "those begin with 'fd'" : undefined,
    );
  // libvirt forgets the difference between a file and a device where there is neither
  const attributes = hasMedium ? read.attributes : new Map([...read.attributes, ['type', 'file']]);
  if (device !== 'cdrom' || descendant(read, 'readonly') !== undefined) return { ...read, attributes };
  const at = read.children.findIndex((node) => 'name' in node && AFTER_READONLY.has(node.name));
  const place = at === -1 ? read.children.length : at;
  return { ...read, attributes, children: read.children.toSpliced(place, 0, makeElement('readonly')) };
}

const AFTER_READONLY: ReadonlySet<string> = new Set(
  'shareable transient serial wwn vendor product encryption boot acpi alias address'.split(' '),
);

/** `<disk>`: a block device in the container's /dev. */
export const diskRow = element('disk', 'a disk as a node in /dev', {
  many: true,
  attributes: [
    attribute(
      'type',
      'what it is on the host',
      oneOf('file block network dir volume nvme vhostuser vhostvdpa'.split(' ')),
      {
        byDefault: 'file',
      },
    ),
  ],
  variants: {
    attribute: 'type',
    byDefault: 'file',
    shapes: {
      file: variant('a file, by a loop device', pathSource('file', 'the file')),
      block: variant('a block device', pathSource('dev', 'the device')),
      ...Object.fromEntries(
        ['network', 'dir', 'volume', 'nvme', 'vhostuser', 'vhostvdpa'].map((type) => [
          type,
          variant('a disk of a virtual machine', anySource, VIRTUAL),
        ]),
      ),
    },
  },
  finish: finishDisk,
});

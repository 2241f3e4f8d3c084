import { childrenOf, type DomainElement, type DomainNode, descendant } from './domain-element.js';
import { filesystemRow } from './filesystem-rows.js';
import { interfaceRow } from './interface-rows.js';
import { attribute, type ElementRow, element, ignored, live, liveAttribute, refused, type Written } from './rows.js';
import { absolutePath, integer, oneOf } from './values.js';

const consoleRow = element(
  'console',
  'a terminal of the container: the first is /dev/console, each is a /dev/ttyN; a start needs one',
  {
    many: true,
    attributes: [
      attribute('type', '`pty`, the only one of a container', oneOf(['pty']), { byDefault: 'pty' }),
      liveAttribute('tty', 'the terminal of a running domain'),
    ],
    children: [
      live('source', 'the terminal of a running domain'),
      ...ignored('protocol', 'log'),
      element('target', 'kept', {
        byDefault: '',
        attributes: [
          attribute('type', '`lxc`', oneOf(['lxc']), { byDefault: 'lxc' }),
          attribute('port', "the console's number, in the order of the text", integer(0, 65535)),
        ],
      }),
      live('alias', "libvirt's name of the device in a running domain"),
      ...ignored('address'),
    ],
  },
);

/** What may stand in `<devices>`, in libvirt's order. */
export const deviceRows: readonly ElementRow[] = [
  element('emulator', 'kept for libvirt; ctr has its own helper', {
    byDefault: '/usr/libexec/libvirt_lxc',
    text: absolutePath,
  }),
  refused('disk', 'disks'),
  ...ignored('controller', 'lease'),
  filesystemRow,
  interfaceRow,
  ...ignored('smartcard', 'serial', 'parallel'),
  consoleRow,
  ...ignored('channel', 'input', 'tpm', 'graphics', 'sound', 'audio', 'video'),
  refused('hostdev', 'devices and links of the host'),
  ...ignored('redirdev', 'redirfilter', 'hub', 'watchdog', 'memballoon', 'rng', 'nvram', 'panic', 'shmem'),
  ...ignored('memory', 'crypto', 'iommu', 'vsock', 'pstore'),
];

/** The `finish` of `<devices>`: libvirt numbers consoles by their order, whatever the text says. */
export function numberConsoles(read: DomainElement, { element: source, report }: Written): DomainElement {
  const numbers = new Map<DomainNode, number>(childrenOf(read, 'console').map((console, index) => [console, index]));
  const written = source.children.filter(({ name }) => name === 'console');
  const children = read.children.map((device): DomainNode => {
    const number = numbers.get(device);
    if (number === undefined) return device;
    const port = written[number]?.children
      .find(({ name }) => name === 'target')
      ?.attributes.find(({ name }) => name === 'port');
    if (port !== undefined && Number(port.value) !== number) {
      report.warning(
        port.valueOffset,
        `attribute 'port' of <target> becomes '${number}': consoles are numbered in the order of the text`,
      );
    }
    return withPort(device as DomainElement, number);
  });
  return { ...read, children };
}

function withPort(console: DomainElement, number: number): DomainElement {
  const target = descendant(console, 'target');
  const numbered = (node: DomainNode): DomainNode =>
    node === target ? { ...target, attributes: new Map([...target.attributes, ['port', String(number)]]) } : node;
  return { ...console, children: console.children.map(numbered) };
}

import { childrenOf, type DomainElement, type DomainNode, descendant } from './domain-element.js';
import {
  attribute,
  type ElementRow,
  element,
  ignored,
  kept,
  live,
  liveAttribute,
  type Variant,
  type Written,
} from './rows.js';
import { integer, oneOf } from './values.js';

const NOTHING = 'it has no effect in a container';

const FOREIGN_TARGETS = 'serial xen uml virtio openvz sclp sclplm'.split(' ');

const target = element('target', 'kept', {
  byDefault: '',
  attributes: [
    attribute('type', '`lxc`', oneOf(['lxc'], Object.fromEntries(FOREIGN_TARGETS.map((type) => [type, NOTHING]))), {
      byDefault: 'lxc',
    }),
    attribute('port', "the console's number, in the order of the text", integer(0, 65535)),
  ],
});

function children(source: readonly ElementRow[]): readonly ElementRow[] {
  return [
    ...source,
    ...ignored('protocol', 'log'),
    target,
    live('alias', "libvirt's name of the device in a running domain"),
    ...ignored('address'),
  ];
}

const pty: Variant = {
  about: 'a terminal',
  attributes: [],
  children: children([live('source', 'the terminal of a running domain')]),
};

const others = 'null vc dev file pipe stdio udp tcp unix spicevmc spiceport nmdm qemu-vdagent dbus'.split(' ');

const foreign: Variant = {
  about: 'something else than a terminal',
  refusal: "the consoles of a container are of type 'pty'",
  attributes: [],
  children: children(kept('source')),
};

/** `<console>`: a terminal of the container. */
export const consoleRow = element(
  'console',
  'a terminal of the container: the first is /dev/console, each is a /dev/ttyN; a start needs one',
  {
    many: true,
    attributes: [
      attribute('type', '`pty`; a start refuses others', oneOf(['pty', ...others]), { byDefault: 'pty' }),
      liveAttribute('tty', 'the terminal of a running domain'),
    ],
    variants: {
      attribute: 'type',
      byDefault: 'pty',
      shapes: { pty, ...Object.fromEntries(others.map((type) => [type, foreign])) },
    },
  },
);

/** libvirt numbers consoles by their order, whatever the text says. */
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

import type { XmlElement } from '../xml-element.js';

/** What whoever reads a domain says instead of its text. */
export interface Overrides {
  readonly name?: string;
  /** Absolute path on the host. */
  readonly rootfs?: string;
}

/** The domain as if its text said so. What is put in stands at the place of the domain itself. */
export function overrideDomain(domain: XmlElement, { name, rootfs }: Overrides): XmlElement {
  const named = name === undefined ? domain : replaceChild(domain, 'name', () => made(domain, 'name', {}, [], name));
  if (rootfs === undefined) return named;
  const rooted = replaceChild(named, 'devices', (devices = made(domain, 'devices')) => overrideRoot(devices, rootfs));
  return mapChildren(rooted, 'metadata', (metadata) =>
    mapChildren(metadata, 'container', (extension) => overrideExtension(extension, rootfs)),
  );
}

function overrideRoot(devices: XmlElement, rootfs: string): XmlElement {
  const index = devices.children.findIndex((child) => child.name === 'filesystem' && isRoot(child));
  const root = devices.children[index];
  const source = made(devices, 'source', { dir: rootfs });
  if (root === undefined) {
    const target = made(devices, 'target', { dir: '/' });
    return { ...devices, children: [made(devices, 'filesystem', {}, [source, target]), ...devices.children] };
  }
  // Of a root of another type only what holds for a directory, too, is left
  const isMount = (attributeOf(root, 'type') ?? 'mount') === 'mount';
  const kept = root.children.filter(({ name }) => name === 'target' || name === 'readonly');
  const replaced: XmlElement = isMount
    ? replaceChild(root, 'source', () => source)
    : { ...made(root, 'filesystem'), children: [source, ...kept] };
  return { ...devices, children: devices.children.with(index, replaced) };
}

/** The extension's root, which would stand instead. */
function overrideExtension(extension: XmlElement, rootfs: string): XmlElement {
  return mapChildren(extension, 'filesystem', (filesystem) => {
    if (!/^\/+$/.test(attributeOf(filesystem, 'target') ?? '')) return filesystem;
    const attributes = filesystem.attributes.filter(({ name }) => name !== 'source' && name !== 'type');
    const accessMode = attributeOf(filesystem, 'accessmode') === undefined ? { accessmode: 'passthrough' } : {};
    const { attributes: said } = made(extension, 'x', { type: 'mount', source: rootfs, ...accessMode });
    const children = filesystem.children.filter(({ name }) => name !== 'lowers');
    return { ...filesystem, attributes: [...said, ...attributes.filter(({ name }) => OF_MOUNTS.has(name))], children };
  });
}

const OF_MOUNTS: ReadonlySet<string> = new Set(
  'index target readonly flags propagation optional create accessmode recursive'.split(' '),
);

function isRoot(filesystem: XmlElement): boolean {
  const target = filesystem.children.find(({ name }) => name === 'target');
  return target !== undefined && /^\/+$/.test(attributeOf(target, 'dir') ?? '');
}

function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((attribute) => attribute.name === name)?.value;
}

function mapChildren(parent: XmlElement, name: string, change: (child: XmlElement) => XmlElement): XmlElement {
  return { ...parent, children: parent.children.map((child) => (child.name === name ? change(child) : child)) };
}

/** With the first child of a name replaced, or with a new one. */
function replaceChild(
  parent: XmlElement,
  name: string,
  change: (child: XmlElement | undefined) => XmlElement,
): XmlElement {
  const index = parent.children.findIndex((child) => child.name === name);
  const children =
    index === -1
      ? [...parent.children, change(undefined)]
      : parent.children.with(index, change(parent.children[index]));
  return { ...parent, children };
}

function made(
  near: XmlElement,
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  children: readonly XmlElement[] = [],
  text = '',
): XmlElement {
  const { offset } = near;
  return {
    name,
    namespace: undefined,
    attributes: Object.entries(attributes).map(([key, value]) => ({
      name: key,
      namespace: undefined,
      value,
      offset,
      valueOffset: offset,
    })),
    children,
    text,
    offset,
    textOffset: offset,
    source: '',
    inherited: new Map(),
    declared: [],
  };
}

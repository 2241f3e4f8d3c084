/** One device more or less in a libvirt domain. Pure. */
import type { Diagnostic } from './diagnostics.js';
import { quote } from './display-text.js';
import { childrenOf, type DomainElement, type DomainNode, descendant, isElement } from './libvirt/domain-element.js';
import { parseLibvirtXml } from './libvirt/parse-libvirt-xml.js';

/** The least domain around a device, on one line: the lines of the device's own text stay the same. */
const BEFORE =
  "<domain type='lxc'><name>x</name><memory>65536</memory><os><type>exe</type><init>/</init></os><devices>";
const AFTER = "<console type='pty'/></devices></domain>";

const KINDS = ['filesystem', 'interface', 'disk', 'hostdev', 'console'] as const;
type Kind = (typeof KINDS)[number];

function isKind(name: string): name is Kind {
  return KINDS.some((kind) => kind === name);
}

export interface ReadDevice {
  readonly device?: DomainElement;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads one `<filesystem>`, `<interface>`, `<disk>`, `<hostdev>` or `<console>`. Without a device at least one diagnostic is an error. */
export function readDevice(text: string, file: string): ReadDevice {
  const fault = (message: string): ReadDevice => ({
    diagnostics: [{ severity: 'error', file, line: 1, column: 1, message }],
  });
  // A declaration may only stand at the beginning of a whole document.
  const plain = text.replace(/^\uFEFF?\s*<\?xml[^>]*\?>/, (declaration) => declaration.replace(/[^\n]/g, ' '));
  const name = /^(?:\s|<!--[\s\S]*?-->)*<([A-Za-z][\w:.-]*)/.exec(plain.slice(0, 65536))?.[1];
  if (name === undefined) return fault('no element is in it: a device is one, as in <devices> of a definition');
  if (!isKind(name)) {
    return fault(
      `<${quote(name).slice(1, -1)}> is no device that can be attached: ${KINDS.map((kind) => `<${kind}>`).join(', ')}`,
    );
  }
  const { domain, diagnostics } = parseLibvirtXml(BEFORE + plain + AFTER, file);
  const placed = diagnostics.map((diagnostic) => withoutPrefix(diagnostic));
  if (domain === undefined) return { diagnostics: placed };
  // A disk brings the controller it hangs on, which the definition then makes for itself.
  const all = childrenOf(descendant(domain.document, 'devices')).filter(({ name }) => isKind(name));
  const [device, second] = all.toSpliced(
    all.findLastIndex(({ name }) => name === 'console'),
    1,
  );
  if (device === undefined) return fault('no device is in it');
  return second === undefined ? { device, diagnostics: placed } : fault('one device at a time: there are more in it');
}

function withoutPrefix(diagnostic: Diagnostic): Diagnostic {
  if (diagnostic.line > 1) return diagnostic;
  return { ...diagnostic, column: Math.max(1, diagnostic.column - BEFORE.length) };
}

export type EditedDomain =
  | { readonly ok: true; readonly document: DomainElement }
  /** Completes `cannot attach a device to 'NAME': `. */
  | { readonly ok: false; readonly reason: string };

/** With the device; one that is there already is not there twice. */
export function addDevice(document: DomainElement, device: DomainElement): EditedDomain {
  const key = describeKey(device);
  const twin =
    key === undefined ? undefined : devicesLike(document, device).find((other) => describeKey(other) === key);
  if (twin !== undefined) return { ok: false, reason: `a ${device.name} with ${key} is there already` };
  return { ok: true, document: withDevices(document, (devices) => [...devices, device]) };
}

/** Without the one device that fits: the same target, MAC address or source; an interface without MAC address by what it says. */
export function removeDevice(document: DomainElement, device: DomainElement): EditedDomain {
  const key = describeKey(device);
  const others = devicesLike(document, device);
  const fitting = others.filter((other) => (key === undefined ? contains(other, device) : describeKey(other) === key));
  // Consoles differ by nothing but their number.
  const found = device.name === 'console' ? others.at(-1) : fitting[0];
  if (found === undefined) return { ok: false, reason: `no ${device.name} with ${key ?? 'these settings'} is there` };
  if (device.name !== 'console' && fitting.length > 1) {
    return { ok: false, reason: `${fitting.length} of its ${device.name}s fit: name one by <mac address='…'/>` };
  }
  return { ok: true, document: withDevices(document, (devices) => devices.filter((other) => other !== found)) };
}

/** What tells a device from others of its kind. */
function describeKey(device: DomainElement): string | undefined {
  const attributeOf = (element: string, name: string) => descendant(device, element)?.attributes.get(name);
  const keys: Readonly<Record<Kind, () => string | undefined>> = {
    filesystem: () => named('target', attributeOf('target', 'dir')),
    disk: () => named('target', attributeOf('target', 'dev')),
    interface: () => named('MAC address', attributeOf('mac', 'address')?.toLowerCase()),
    hostdev: () => named('source', describeElement(descendant(device, 'source'))),
    console: () => undefined,
  };
  return keys[device.name as Kind]();
}

function named(what: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${what} ${quote(value)}`;
}

function describeElement(element: DomainElement | undefined): string | undefined {
  if (element === undefined) return undefined;
  const attributes = [...element.attributes].map(([name, value]) => ` ${name}=${value}`).sort();
  const children = childrenOf(element).map((child) => describeElement(child) ?? '');
  return `${element.name}${attributes.join('')}${element.text ?? ''}${children.map((child) => ` ${child}`).join('')}`;
}

function devicesLike(document: DomainElement, { name }: DomainElement): readonly DomainElement[] {
  return childrenOf(descendant(document, 'devices'), name);
}

/** Whether `part` says nothing that `whole` does not say as well. */
function contains(whole: DomainElement, part: DomainElement): boolean {
  if (whole.name !== part.name || (part.text ?? '') !== (whole.text ?? '')) return false;
  if ([...part.attributes].some(([name, value]) => whole.attributes.get(name) !== value)) return false;
  return childrenOf(part).every((child) => childrenOf(whole, child.name).some((other) => contains(other, child)));
}

function withDevices(
  document: DomainElement,
  change: (devices: readonly DomainNode[]) => readonly DomainNode[],
): DomainElement {
  const children = document.children.map((node) =>
    isElement(node) && node.name === 'devices' ? { ...node, children: change(node.children) } : node,
  );
  return { ...document, children };
}

/** Canonical form of an `<address>` that belongs to something kept: libvirt prints the numbers of PCI in hexadecimal, all four. */

const PCI_DIGITS = { domain: 4, bus: 2, slot: 2, function: 1 } as const;

/** Attributes as libvirt prints them; as they are where they are no address of PCI, or one that cannot be read. */
export function formatKeptAddress(attributes: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const type = attributes.get('type');
  if ((type !== undefined && type !== 'pci') || !attributes.has('slot')) return attributes;
  const numbers = Object.entries(PCI_DIGITS).map(([name, digits]): [string, string | undefined] => [
    name,
    formatNumber(attributes.get(name) ?? '0', digits),
  ]);
  if (numbers.some(([, text]) => text === undefined)) return attributes;
  const first: [string, string][] = type === undefined ? [] : [['type', type]];
  return new Map([...first, ...(numbers as [string, string][]), ...without(attributes)]);
}

function without(attributes: ReadonlyMap<string, string>): [string, string][] {
  return [...attributes].filter(([name]) => name !== 'type' && !Object.hasOwn(PCI_DIGITS, name));
}

/** As strtoul(3) with base 0 reads it: octal after 0, hexadecimal after 0x. */
function formatNumber(text: string, digits: number): string | undefined {
  if (!/^(0x[0-9A-Fa-f]{1,8}|\d{1,9})$/.test(text)) return undefined;
  const octal = /^0[0-7]+$/.test(text);
  return `0x${(octal ? Number.parseInt(text, 8) : Number(text)).toString(16).padStart(digits, '0')}`;
}

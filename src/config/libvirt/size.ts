import { quote } from '../display-text.js';
import type { DomainElement } from './domain-element.js';
import { type AttributeRow, attribute, type ValueType, type Written } from './rows.js';

/** Sizes with units, as libvirt reads them: `unit` scales the number, nothing means KiB. Kept in KiB, rounded up. */

const KIB = 1024;
/** libvirt's largest memory limit, in KiB, which means "no limit"; in `<memtune>` everything above it, too. */
export const UNLIMITED_KIB = Number.MAX_SAFE_INTEGER;
const MAX_BYTES = BigInt(Number.MAX_SAFE_INTEGER);
const POWERS = 'kmgtpe';

/** Bytes of one unit (b, bytes, k, KiB, KB, …, case does not count), or undefined. */
export function parseUnit(unit: string): bigint | undefined {
  const name = unit.toLowerCase();
  if (name === 'b' || name === 'byte' || name === 'bytes') return 1n;
  const match = /^([kmgtpe])(|ib|b)$/.exec(name);
  if (match === null) return undefined;
  const power = BigInt(POWERS.indexOf(match[1] ?? '') + 1);
  return (match[2] === 'b' ? 1000n : 1024n) ** power;
}

const unitType: ValueType = {
  label: 'a unit like b, KiB, MiB, GiB, KB, MB or GB',
  read: (text) => (parseUnit(text) === undefined ? { ok: false } : { ok: true, canonical: text }),
};

/** A number of units, as written. */
export const amount: ValueType = {
  label: 'a whole number',
  read: (text) =>
    /^\s*\+?\d{1,20}\s*$/.test(text) ? { ok: true, canonical: text.trim().replace('+', '') } : { ok: false },
};

/** The row of the attribute that scales a size. */
export function unitAttribute(name: 'unit' | 'units', byDefault = 'KiB'): AttributeRow {
  return attribute(name, 'what the number counts', unitType, { byDefault });
}

/** An amount in KiB, rounded up. */
function toKib(count: string, unit: string): bigint {
  return (BigInt(count) * (parseUnit(unit) ?? BigInt(KIB)) + BigInt(KIB - 1)) / BigInt(KIB);
}

export interface SizeRule {
  readonly minKib: number;
  /** What libvirt's "unlimited" does to the element; absent: it is too much. */
  readonly unlimited?: 'stays' | 'vanishes';
}

/** The `finish` of `<memory unit='…'>N</memory>` and its like. */
export function finishSize(rule: SizeRule): (element: DomainElement, written: Written) => DomainElement | undefined {
  return (element, { element: source, report }) => {
    const kib = toKib(element.text ?? '0', element.attributes.get('unit') ?? 'KiB');
    if (rule.unlimited === 'vanishes' && kib >= BigInt(UNLIMITED_KIB)) return undefined;
    if (rule.unlimited === 'stays' && kib === BigInt(UNLIMITED_KIB))
      return { ...element, attributes: new Map([['unit', 'KiB']]), text: String(UNLIMITED_KIB) };
    const fault = sizeFault(kib, rule.minKib);
    if (fault !== undefined)
      report.error(source.textOffset, `<${source.name}> ${fault}, not ${quote(source.text.trim())}`);
    return { ...element, attributes: new Map([...element.attributes, ['unit', 'KiB']]), text: String(kib) };
  };
}

/** The `finish` of `<source usage='N' units='…'/>` of a ram filesystem. */
export function finishUsage(element: DomainElement, written: Written): DomainElement {
  const kib = toKib(element.attributes.get('usage') ?? '0', element.attributes.get('units') ?? 'KiB');
  // tmpfs takes size=0 for "no limit"
  const fault = sizeFault(kib, 1);
  if (fault !== undefined)
    written.report.error(written.attributeOffset('usage'), `attribute 'usage' of <source> ${fault}`);
  return { ...element, attributes: new Map([...element.attributes, ['usage', String(kib)], ['units', 'KiB']]) };
}

/** The `finish` of `<space_hard_limit unit='…'>N</space_hard_limit>`: libvirt keeps it in bytes. */
export function finishSpace(element: DomainElement): DomainElement {
  const bytes = BigInt(element.text ?? '0') * (parseUnit(element.attributes.get('unit') ?? 'bytes') ?? 1n);
  return { ...element, attributes: new Map([['unit', 'bytes']]), text: String(bytes) };
}

function sizeFault(kib: bigint, minKib: number): string | undefined {
  if (kib < BigInt(minKib)) return `must be at least ${minKib} KiB`;
  return kib * BigInt(KIB) > MAX_BYTES ? 'must be less than 8 PiB' : undefined;
}

/** Bytes of a canonical size text (KiB); undefined where there is no text or no limit. */
export function bytesOfKib(kib: string | undefined): number | undefined {
  return kib === undefined || Number(kib) >= UNLIMITED_KIB ? undefined : Number(kib) * KIB;
}

import type { Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import type { LibvirtLine } from './libvirt-conf.js';

/** Numbers as libvirt's converter reads them. */

const MAX_64 = 2n ** 64n - 1n;

/** The bytes of a size with a unit (`8m`, `1GiB`, `5KB`); 0 after a report. */
export function readSize(text: string, { valueOffset }: Pick<LibvirtLine, 'valueOffset'>, report: Report): bigint {
  const match = /^\s*([+-]?\d{1,20})(.*)$/.exec(text);
  if (match?.[2] === '%') {
    report.error(valueOffset, `libvirt cannot convert a relative size: ${quote(text)}`);
    return 0n;
  }
  const scale = match === null ? undefined : readUnit(match[2] ?? '');
  // A negative number is one near 2^64 to libvirt.
  const bytes =
    scale === undefined ? undefined : BigInt.asUintN(64, BigInt(match?.[1]?.replace(/^\+/, '') ?? '0')) * scale;
  if (bytes !== undefined && bytes <= MAX_64) return bytes;
  report.error(valueOffset, `libvirt cannot convert the size ${quote(text)}`);
  return 0n;
}

function readUnit(unit: string): bigint | undefined {
  const name = unit.toLowerCase();
  if (name === '' || name === 'b' || name === 'byte' || name === 'bytes') return 1n;
  const match = /^([kmgtpe])(|ib|b)$/.exec(name);
  if (match === null) return undefined;
  return (match[2] === 'b' ? 1000n : 1024n) ** BigInt('kmgtpe'.indexOf(match[1] ?? '') + 1);
}

/** A whole number of at most 64 bits; undefined without a line, or after a report. */
export function readInteger(
  line: LibvirtLine | undefined,
  report: Report,
  text = line?.value ?? '',
): bigint | undefined {
  if (line === undefined) return undefined;
  if (/^\s*[+-]?\d{1,20}$/.test(text)) return BigInt(text.trim().replace(/^\+/, ''));
  report.error(line.valueOffset, `libvirt takes a whole number for ${quote(line.key)}, not ${quote(text)}`);
  return undefined;
}

/** 0 says nothing, as in libvirt's output. */
export function unlessZero(value: bigint | undefined): string | undefined {
  return value === undefined || value === 0n ? undefined : String(value);
}

/** Values of limits as `set` takes them, and back. Pure. */

/** A value, or what it has to be: completes "cannot set 'memory' of 'web' to '64Q': it is ". */
export type Read<T> = { readonly value: T } | { readonly mustBe: string };

/** `none`: the limit is taken away. */
export type Amount = number | 'none';

export interface ValueKind<T> {
  /** Completes "it is". */
  readonly label: string;
  readonly read: (text: string) => Read<T>;
}

const UNITS = 'KMGT';

function isNone(text: string): boolean {
  return text === 'max' || text === 'none' || text === '-1';
}

/** Bytes from `least`: `1048576`, `64M`, `1.5G`. */
export function size(least: number): ValueKind<Amount> {
  const label = `a number of bytes from ${least}, K, M, G or T behind it or not, or 'max' for no limit`;
  return {
    label,
    read: (text) => {
      if (isNone(text)) return { value: 'none' };
      const match = /^(\d{1,16}(?:\.\d{1,6})?)\s*([a-z]*)$/i.exec(text);
      const unit = /^([KMGT]?)(?:iB|B)?$/i.exec(match?.[2] ?? '?');
      if (match !== null && unit === null) return { mustBe: `${label}; nobody knows the unit '${match[2]}'` };
      // `64MB` is 1000-based to some programs and 1024-based to others.
      if (match === null || unit === null || /^[KMGT]B$/i.test(match[2] ?? ''))
        return { mustBe: match === null ? label : `${label}; '${match[2]}' may mean two things` };
      const power = unit[1] ? UNITS.indexOf(unit[1].toUpperCase()) + 1 : 0;
      const bytes = Math.round(Number(match[1]) * 1024 ** power);
      return Number.isSafeInteger(bytes) && bytes >= least ? { value: bytes } : { mustBe: label };
    },
  };
}

/** A whole number in a range; `none` where the range has an end that is open. */
export function count(least: number, most: number, what = 'a whole number'): ValueKind<Amount> {
  const label = `${what} from ${least} to ${most}, or 'max' for no limit`;
  return {
    label,
    read: (text) => {
      if (isNone(text)) return { value: 'none' };
      const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return number >= least && number <= most ? { value: number } : { mustBe: label };
    },
  };
}

/** A share against others: there is always one. `none` gives the usual one back. */
export function share(least: number, most: number): ValueKind<Amount> {
  const label = `a whole number from ${least} to ${most}, or 'default'`;
  return {
    label,
    read: (text) => {
      if (text === 'default') return { value: 'none' };
      const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      return number >= least && number <= most ? { value: number } : { mustBe: label };
    },
  };
}

const MOST_CPUS = 8192;

/** Processors, with a fraction. */
export const processors: ValueKind<Amount> = {
  label: `a number of processors from 0.01 to ${MOST_CPUS}, as in '1.5', or 'max' for no limit`,
  read: (text) => {
    if (isNone(text)) return { value: 'none' };
    const number = /^\d{1,5}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
    return number >= 0.01 && number <= MOST_CPUS ? { value: number } : { mustBe: processors.label };
  },
};

/** A list as in cpuset(7). */
export const numbers: ValueKind<string | 'none'> = {
  label: "a list like 0-3,8, or 'all'",
  read: (text) => {
    if (text === 'all') return { value: 'none' };
    const isList = text.split(',').every((part) => {
      const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
      return first !== undefined && Number(first) <= Number(last);
    });
    return isList ? { value: text } : { mustBe: numbers.label };
  },
};

export const onOff: ValueKind<boolean> = {
  label: "'on' or 'off'",
  read: (text) => {
    if (['on', 'yes', 'true', '1'].includes(text)) return { value: true };
    return ['off', 'no', 'false', '0'].includes(text) ? { value: false } : { mustBe: onOff.label };
  },
};

/** One block device and its amount, as `virsh blkiotune` has it: `/dev/sda,10M`. */
export function ofDevice(amount: ValueKind<Amount>): ValueKind<{ readonly path: string; readonly amount: Amount }> {
  const label = `the path of a block device and, behind a comma, ${amount.label}`;
  return {
    label,
    read: (text) => {
      const match = /^(\/[^,]*),([^,]+)$/.exec(text);
      if (match === null) return { mustBe: label };
      const read = amount.read(match[2] ?? '');
      return 'value' in read ? { value: { path: match[1] ?? '', amount: read.value } } : { mustBe: label };
    },
  };
}

/** In the largest unit that says it exactly: `96M`. */
export function formatSize(bytes: number): string {
  let [value, power] = [bytes, 0];
  while (power < UNITS.length && value >= 1024 && value % 1024 === 0) [value, power] = [value / 1024, power + 1];
  return `${value}${UNITS[power - 1] ?? ''}`;
}

/** Numbers as systemd reads them: unsigned with a base, sizes, time spans. Undefined: not one, or too large to be exact. */

const SIZE_UNITS = ['E', 'P', 'T', 'G', 'M', 'K', 'B'];

/** Microseconds. */
const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365.25 * DAY;
const TIME_UNITS: readonly (readonly [string, number])[] = [
  ['us usec µs μs', 1],
  ['ms msec', 1000],
  ['s sec second seconds', SECOND],
  ['m min minute minutes', MINUTE],
  ['h hr hour hours', HOUR],
  ['d day days', DAY],
  ['w week weeks', 7 * DAY],
  ['M month months', YEAR / 12],
  ['y year years', YEAR],
];
const MICROSECONDS = new Map(
  TIME_UNITS.flatMap(([names, length]) => names.split(' ').map((name) => [name, length] as const)),
);

/** Decimal, or with 0x, 0b, 0o or 0 before it. */
export function parseUnsigned(text: string): number | undefined {
  const match = /^\+?(?:(0x[0-9a-f]+|0b[01]+|0o[0-7]+)|(0[0-7]+)|(0|[1-9]\d*))$/i.exec(text);
  if (match === null || text.length > 70) return undefined;
  const [, prefixed, octal, decimal] = match;
  return exact(Number(prefixed?.toLowerCase() ?? (octal === undefined ? decimal : `0o${octal}`)));
}

/** As `parseUnsigned`, with a sign. */
export function parseSigned(text: string): number | undefined {
  const value = parseUnsigned(text.replace(/^-/, ''));
  if (value === undefined || /^-\+/.test(text)) return undefined;
  return text.startsWith('-') && value !== 0 ? -value : value;
}

/** Bytes of `1.5G`, `1G 512M`: units of 1024, the larger first. */
export function parseSize(text: string): number | undefined {
  const amounts = splitAmounts(text, /[EPTGMKB]?/y);
  const places = amounts?.map(({ unit }) => SIZE_UNITS.indexOf(unit === '' ? 'B' : unit));
  if (amounts === undefined || places?.some((place, index) => place <= (places[index - 1] ?? -1))) return undefined;
  const powers = places?.map((place) => SIZE_UNITS.length - 1 - place) ?? [];
  return exact(Math.trunc(amounts.reduce((sum, { number }, index) => sum + number * 1024 ** (powers[index] ?? 0), 0)));
}

/**
 * Microseconds of `1min 30s`.
 *
 * @param unit of a number without one, in microseconds
 */
export function parseTimeSpan(text: string, unit: number): number | undefined {
  const amounts = splitAmounts(text, /[A-Za-zµμ]*/y);
  const lengthOf = (name: string) => (name === '' ? unit : (MICROSECONDS.get(name) ?? Number.NaN));
  if (amounts === undefined) return undefined;
  return exact(Math.round(amounts.reduce((sum, amount) => sum + amount.number * lengthOf(amount.unit), 0)));
}

interface Amount {
  readonly number: number;
  readonly unit: string;
}

/** Numbers with units, at least one. Each expression is sticky: one pass. */
function splitAmounts(text: string, unit: RegExp): Amount[] | undefined {
  const amounts: Amount[] = [];
  let at = 0;
  const take = (form: RegExp): string | undefined => {
    form.lastIndex = at;
    const taken = form.exec(text)?.[0];
    at += taken?.length ?? 0;
    return taken;
  };
  while (at < text.length || amounts.length === 0) {
    const number = take(/\d+(?:\.\d+)?/y);
    if (number === undefined) return undefined;
    take(/\s*/y);
    amounts.push({ number: Number(number), unit: take(unit) ?? '' });
    take(/\s*/y);
  }
  return amounts;
}

function exact(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

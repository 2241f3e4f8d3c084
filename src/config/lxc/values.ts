import { quote } from '../display-text.js';
import { nearestName } from '../nearest-name.js';
import type { Parsed, ValueType } from './rows.js';

/** Value types that several keys share. */

export const right = <T>(value: T): Parsed<T> => ({ ok: true, value });
export const WRONG = { ok: false } as const;

export const anyText: ValueType<string> = { label: 'text', parse: right };

/** A text of a form. */
export function matching(label: string, form: RegExp): ValueType<string> {
  return { label, parse: (text) => (form.test(text) ? right(text) : WRONG) };
}

/** As strtoul(3) with base 0 reads it: `0x` is hexadecimal, a leading 0 octal. Undefined when it is no number, or too large. */
export function parseInteger(text: string): number | undefined {
  const match = /^([+-]?)(0x[0-9a-f]{1,16}|0[0-7]{0,22}|[1-9]\d{0,18})$/i.exec(text);
  if (match === null) return undefined;
  const digits = match[2] ?? '';
  const value = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  if (!Number.isSafeInteger(value)) return undefined;
  return match[1] === '-' ? 0 - value : value;
}

/** A whole number, both ends included. */
export function integer(min: number, max: number): ValueType<number> {
  return {
    label: `a whole number from ${min} to ${max}`,
    parse: (text) => {
      const value = parseInteger(text);
      return value === undefined || value < min || value > max ? WRONG : right(value);
    },
  };
}

export const zeroOrOne: ValueType<boolean> = {
  label: '0 or 1',
  parse: (text) => {
    const value = parseInteger(text);
    return value === 0 || value === 1 ? right(value === 1) : WRONG;
  },
};

/** One of some words. */
export function oneOf<const W extends string>(...words: readonly W[]): ValueType<W> {
  return {
    label: words.length === 1 ? `'${words[0]}'` : `one of ${words.join(', ')}`,
    parse: (text) => {
      const word = words.find((known) => known === text);
      return word === undefined ? unknownWord(text, words) : right(word);
    },
  };
}

/** The answer to a word that is none of the known ones. */
export function unknownWord(text: string, words: readonly string[], reason?: string): Parsed<never> {
  const near = nearestName(text, words);
  return {
    ok: false,
    ...(reason === undefined ? {} : { reason }),
    ...(near === undefined ? {} : { hint: `did you mean '${near}'?` }),
  };
}

/** Words between blanks, each one of some. */
export function words<const W extends string>(known: readonly W[], what: string): ValueType<readonly W[]> {
  return {
    label: `${what} between blanks`,
    parse: (text) => {
      const found: W[] = [];
      for (const word of splitBlanks(text)) {
        const match = known.find((name) => name === word);
        if (match === undefined) return unknownWord(word, known, `${quote(word)} is none of ${known.join(', ')}`);
        found.push(match);
      }
      return right(found);
    },
  };
}

export function splitBlanks(text: string): string[] {
  return text.split(/[ \t]+/).filter((word) => word !== '');
}

/** A path from '/', without '..': what it means does not depend on links on the way. The canonical form has no '.' and no '//'. */
export const absolutePath: ValueType<string> = {
  label: "an absolute path without '..'",
  parse: (text) => {
    if (!text.startsWith('/')) return { ok: false, reason: `must be an absolute path, not ${quote(text)}` };
    const path = normalizePath(text);
    return path === undefined ? { ok: false, reason: "must not contain '..'" } : right(path);
  },
};

/** A path below the root it is for, with a leading '/'; undefined when it has '..'. */
export function normalizePath(path: string): string | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? undefined : `/${parts.join('/')}`;
}

/** Bytes with a suffix as the kernel's memparse() takes it (`512M`); undefined when it is none, or too large. */
export function parseMemorySize(text: string): number | undefined {
  const match = /^(\d{1,16})([kmgtpe]?)(?:ib|b)?$/i.exec(text);
  if (match === null) return undefined;
  const power = match[2] === '' ? 0 : 'kmgtpe'.indexOf((match[2] ?? '').toLowerCase()) + 1;
  const bytes = Number(match[1]) * 1024 ** power;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

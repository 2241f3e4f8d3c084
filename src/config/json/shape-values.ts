import { quote } from '../display-text.js';
import { nearestName } from '../nearest-name.js';
import { type Shape, scalar } from './shape.js';

/** Shapes of single values. */

const WRONG = {};

/** Text without NUL, which no call of the kernel takes. */
export function text(label = 'text', form?: RegExp): Shape<string> {
  const schema = form === undefined ? { type: 'string' } : { type: 'string', pattern: form.source };
  return scalar(label, schema, (node) => {
    if (node.kind !== 'string') return WRONG;
    if (node.value.includes('\0')) return { reason: 'must not contain the character NUL' };
    return form === undefined || form.test(node.value) ? { value: node.value } : WRONG;
  });
}

export const anyText = text();

export const boolean: Shape<boolean> = scalar('true or false', { type: 'boolean' }, (node) =>
  node.kind === 'boolean' ? { value: node.value } : WRONG,
);

/** A whole number, both ends included. Beyond 2^53 it is rounded. */
export function integer(min: number, max: number): Shape<number> {
  // limits of 64 bits are beyond what a number holds
  const isOpen = max > Number.MAX_SAFE_INTEGER;
  const label = isOpen ? 'a whole number' : `a whole number from ${min} to ${max}`;
  return scalar(label, { type: 'integer', ...(isOpen ? {} : { minimum: min, maximum: max }) }, (node) => {
    if (node.kind !== 'number' || !/^-?\d{1,20}$/.test(node.text)) return WRONG;
    const value = Number(node.text) + 0;
    return value >= min && value <= max ? { value } : WRONG;
  });
}

/** The known word that a value is near to, as a hint. */
export function didYouMean(value: string, words: readonly string[]): string | undefined {
  const near = nearestName(value, words);
  return near === undefined ? undefined : `did you mean '${near}'?`;
}

/** One of some words. */
export function oneOf<const Word extends string>(words: readonly Word[]): Shape<Word> {
  const label = words.length === 1 ? `'${words[0]}'` : `one of ${words.join(', ')}`;
  return scalar<Word>(label, { enum: words }, (node) => {
    if (node.kind !== 'string') return WRONG;
    const value = words.find((word) => word === node.value);
    if (value !== undefined) return { value };
    return { hint: () => didYouMean(node.value, words) };
  });
}

/** An absolute path without '..': what it means does not depend on links on the way. */
export const absolutePath: Shape<string> = scalar(
  "an absolute path without '..'",
  { type: 'string', pattern: '^/' },
  (node) => {
    if (node.kind !== 'string' || node.value.includes('\0')) return WRONG;
    if (!node.value.startsWith('/')) return { reason: `must be an absolute path, not ${quote(node.value)}` };
    return node.value.split('/').includes('..') ? { reason: "must not contain '..'" } : { value: node.value };
  },
);

const MAX_UINT64 = 2n ** 64n - 1n;

/** 0 to 2^64-1: a number, or decimal text where a number would round it. Either may be written. */
export const uint64: Shape<number | string> = scalar(
  `a whole number from 0 to ${MAX_UINT64}`,
  {
    anyOf: [
      { type: 'integer', minimum: 0, maximum: Number(MAX_UINT64) },
      { type: 'string', pattern: '^\\d{1,20}$' },
    ],
  },
  (node) => {
    const digits = node.kind === 'number' ? node.text : node.kind === 'string' ? node.value : '';
    if (!/^\d{1,20}$/.test(digits)) return WRONG;
    const value = BigInt(digits);
    if (value > MAX_UINT64) return WRONG;
    return { value: value > Number.MAX_SAFE_INTEGER ? String(value) : Number(value) };
  },
);

/** A number, or a word that stands for none. */
export function integerOr<const Word extends string>(word: Word, min: number, max: number): Shape<number | Word> {
  const number = integer(min, max);
  return scalar<number | Word>(`${number.label}, or '${word}'`, { anyOf: [number.schema, { const: word }] }, (node) => {
    if (node.kind === 'string') return node.value === word ? { value: word } : WRONG;
    const value = node.kind === 'number' && /^-?\d{1,20}$/.test(node.text) ? Number(node.text) : Number.NaN;
    return value >= min && value <= max ? { value } : WRONG;
  });
}

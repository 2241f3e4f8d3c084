import type { SeccompArgument } from '../spec.js';

const OPERATORS: Readonly<Record<string, SeccompArgument['op']>> = {
  SCMP_CMP_NE: 'ne',
  '!=': 'ne',
  SCMP_CMP_LT: 'lt',
  '<': 'lt',
  SCMP_CMP_LE: 'le',
  '<=': 'le',
  SCMP_CMP_EQ: 'eq',
  '==': 'eq',
  SCMP_CMP_GE: 'ge',
  '>=': 'ge',
  SCMP_CMP_GT: 'gt',
  '>': 'gt',
  SCMP_CMP_MASKED_EQ: 'masked-eq',
  '&=': 'masked-eq',
};

/** Conditions as `[INDEX,VALUE,OPERATOR]` or `[INDEX,VALUE,SCMP_CMP_MASKED_EQ,MASK]`; undefined when the text is none. */
export function parseSeccompArguments(text: string): readonly SeccompArgument[] | undefined {
  const found: SeccompArgument[] = [];
  const rest = text.replace(/\[([^\][]*)\]/g, (_, inner: string) => {
    const [index = '', value = '', operator = '', mask, ...more] = inner.split(',').map((part) => part.trim());
    const op = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
    const number = readNumber(value);
    const isWhole = op === 'masked-eq' ? mask !== undefined : mask === undefined;
    if (!/^[0-5]$/.test(index) || op === undefined || number === undefined || !isWhole || more.length > 0) return '?';
    const maskNumber = readNumber(mask ?? '0');
    if (maskNumber === undefined) return '?';
    const condition = op === 'masked-eq' ? { value: maskNumber, valueTwo: number } : { value: number };
    found.push({ index: Number(index), op, ...condition });
    return '';
  });
  return rest.trim() === '' ? found : undefined;
}

/** 64 bits; decimal text where a number does not hold it. */
function readNumber(text: string): number | string | undefined {
  if (!/^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(text)) return undefined;
  const value = BigInt(/^0[0-7]+$/.test(text) ? `0o${text.slice(1)}` : text);
  if (value >= 2n ** 64n) return undefined;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}

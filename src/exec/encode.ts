import { CtrError } from '../errors.js';
import { crc32 } from './crc32.js';
import { type FieldType, OPS, type Op, PHASES, PLAN_VERSION, type Plan } from './plan.js';
import { FIELD_HEADER_BYTES, HEADER_BYTES, MAGIC, OPERATION_HEADER_BYTES } from './plan-layout.js';

type FieldValue = string | number | bigint | Uint8Array;

/**
 * The plan as bytes (docs/plan-format.md).
 *
 * @throws CtrError CTR_BAD_CONFIG when a string holds NUL or a number is no u64, RangeError when operations are out of phase order
 */
export function encodePlan(plan: Plan): Uint8Array {
  checkPhaseOrder(plan);
  const body = concat(plan.ops.map(encodeOperation));
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, PLAN_VERSION, true);
  view.setUint32(12, plan.ops.length, true);
  view.setUint32(16, body.length, true);
  view.setUint32(20, crc32(body), true);
  bytes.set(body, HEADER_BYTES);
  return bytes;
}

function checkPhaseOrder({ ops }: Plan): void {
  let last = 0;
  for (const { op } of ops) {
    const phase = PHASES.indexOf(OPS[op].phase);
    if (phase < last) throw new RangeError(`operation '${op}' stands behind one of phase '${PHASES[last]}'`);
    last = phase;
  }
}

function encodeOperation(op: Op): Uint8Array {
  const shape = OPS[op.op];
  const values = op as unknown as Record<string, FieldValue>;
  const fields = Object.entries<FieldType>(shape.fields).map(([name, type]) => {
    try {
      return encodeField(type, values[name]);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new CtrError('CTR_BAD_CONFIG', `cannot encode operation '${op.op}': field '${name}' ${reason}`, { cause });
    }
  });
  const body = concat(fields);
  const header = new DataView(new ArrayBuffer(OPERATION_HEADER_BYTES));
  header.setUint16(0, shape.code, true);
  header.setUint16(2, fields.length, true);
  header.setUint32(4, body.length, true);
  return concat([new Uint8Array(header.buffer), body]);
}

function encodeField(type: FieldType, value: FieldValue | undefined): Uint8Array {
  const content = encodeValue(type, value);
  const bytes = new Uint8Array(FIELD_HEADER_BYTES + content.length + 1);
  new DataView(bytes.buffer).setUint32(0, content.length, true);
  bytes.set(content, FIELD_HEADER_BYTES);
  return bytes;
}

function encodeValue(type: FieldType, value: FieldValue | undefined): Uint8Array {
  if (type === 'str' && typeof value === 'string') return encodeString(value);
  if (type === 'bytes' && value instanceof Uint8Array) return value;
  if (type === 'u64' && (typeof value === 'number' || typeof value === 'bigint')) return encodeU64(value);
  throw new TypeError(`is no ${type}`);
}

function encodeString(value: string): Uint8Array {
  if (value.includes('\0')) throw new TypeError('holds a NUL character');
  if (/\p{Cs}/u.test(value)) throw new TypeError('is no well-formed text');
  return new TextEncoder().encode(value);
}

function encodeU64(value: number | bigint): Uint8Array {
  const isWhole = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!isWhole || value < 0 || value > 0xffffffffffffffffn) throw new TypeError(`is no u64: ${value}`);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

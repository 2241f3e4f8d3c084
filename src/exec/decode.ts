import { CtrError } from '../errors.js';
import { crc32 } from './crc32.js';
import { type FieldType, OPS, type Op, type OpName, PHASES, PLAN_VERSION, type Plan } from './plan.js';
import { FIELD_HEADER_BYTES, HEADER_BYTES, MAGIC, OPERATION_HEADER_BYTES } from './plan-layout.js';

const NAMES_BY_CODE = new Map<number, OpName>((Object.keys(OPS) as OpName[]).map((name) => [OPS[name].code, name]));

/**
 * The plan that `bytes` hold. Strict: refuses whatever the helper refuses (docs/plan-format.md). u64 fields become numbers where
 * these are exact, else bigints.
 *
 * @throws CtrError CTR_BAD_STATE
 */
export function decodePlan(bytes: Uint8Array): Plan {
  const count = readHeader(bytes);
  const body = bytes.subarray(HEADER_BYTES);
  const ops: Op[] = [];
  let at = 0;
  let phase = 0;
  while (at < body.length) {
    const operation = readOperation(body, at);
    const opPhase = PHASES.indexOf(OPS[operation.op.op].phase);
    if (opPhase < phase) refuse(`operation '${operation.op.op}' stands behind one of phase '${PHASES[phase]}'`);
    phase = opPhase;
    ops.push(operation.op);
    at = operation.end;
  }
  if (ops.length !== count) refuse(`it holds ${ops.length} operations, not ${count}`);
  return { ops };
}

function refuse(reason: string): never {
  throw new CtrError('CTR_BAD_STATE', `cannot read plan: ${reason}`);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Checks the header and the body's checksum; returns the count of operations. */
function readHeader(bytes: Uint8Array): number {
  if (bytes.length < HEADER_BYTES || !MAGIC.every((byte, index) => bytes[index] === byte)) refuse('it is no plan');
  const view = viewOf(bytes);
  const version = view.getUint32(8, true);
  if (version !== PLAN_VERSION) refuse(`its version is ${version}, not ${PLAN_VERSION}`);
  const length = view.getUint32(16, true);
  if (length !== bytes.length - HEADER_BYTES)
    refuse(`its body has ${bytes.length - HEADER_BYTES} bytes, not ${length}`);
  if (view.getUint32(20, true) !== crc32(bytes.subarray(HEADER_BYTES))) refuse('its checksum is wrong');
  return view.getUint32(12, true);
}

function readOperation(body: Uint8Array, start: number): { op: Op; end: number } {
  const first = start + OPERATION_HEADER_BYTES;
  if (first > body.length) refuse('an operation is cut off');
  const view = viewOf(body);
  const code = view.getUint16(start, true);
  const name = NAMES_BY_CODE.get(code);
  if (name === undefined) return refuse(`operation ${code} is unknown`);
  const end = first + view.getUint32(start + 4, true);
  if (end > body.length) refuse(`operation '${name}' is cut off`);
  const types = Object.entries<FieldType>(OPS[name].fields);
  const fieldCount = view.getUint16(start + 2, true);
  if (fieldCount !== types.length) refuse(`operation '${name}' has ${fieldCount} fields, not ${types.length}`);

  const op: Record<string, unknown> = { op: name };
  let at = first;
  for (const [field, type] of types) {
    const content = readField(body, at, end) ?? refuse(`field '${field}' of operation '${name}' is cut off`);
    op[field] = decodeValue(type, content) ?? refuse(`field '${field}' of operation '${name}' is no ${type}`);
    at += FIELD_HEADER_BYTES + content.length + 1;
  }
  if (at !== end) refuse(`operation '${name}' is longer than its fields`);
  return { op: op as unknown as Op, end };
}

/** The content of the field at `at`, or undefined when it does not fit before `end` or lacks its NUL. */
function readField(body: Uint8Array, at: number, end: number): Uint8Array | undefined {
  const start = at + FIELD_HEADER_BYTES;
  if (start > end) return undefined;
  const stop = start + viewOf(body).getUint32(at, true);
  return stop < end && body[stop] === 0 ? body.subarray(start, stop) : undefined;
}

function decodeValue(type: FieldType, content: Uint8Array): string | number | bigint | Uint8Array | undefined {
  if (type === 'bytes') return content.slice();
  if (type === 'u64') return content.length === 8 ? narrow(viewOf(content).getBigUint64(0, true)) : undefined;
  if (content.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}

function narrow(value: bigint): number | bigint {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

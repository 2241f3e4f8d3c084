/** The frames of ChromeOS's vsh, written a second time: what the native codec says is compared with what this one says. */

export interface Setup {
  readonly target?: string;
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly argv?: readonly (string | Buffer)[];
  readonly rows?: number;
  readonly cols?: number;
  readonly nopty?: boolean;
  readonly cwd?: string;
  readonly cwdPid?: number;
}

export const STATUS = { ready: 1, exited: 2, failed: 3 } as const;
export const STREAM = { stdin: 1, stdout: 2, stderr: 3 } as const;

/** A field of a message: a varint, or bytes. */
export interface Field {
  readonly number: number;
  readonly value: bigint | Buffer;
}

export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    if (rest <= 0x7fn) return Buffer.from(bytes);
  }
}

export function number(field: number, value: number | undefined): Buffer {
  if (value === undefined || value === 0) return Buffer.alloc(0);
  return Buffer.concat([varint(BigInt(field) << 3n), varint(BigInt(value))]);
}

export function bytes(field: number, value: string | Buffer): Buffer {
  const data = Buffer.from(value as string);
  return Buffer.concat([varint((BigInt(field) << 3n) | 2n), varint(BigInt(data.length)), data]);
}

function text(field: number, value: string | undefined): Buffer {
  return value === undefined || value === '' ? Buffer.alloc(0) : bytes(field, value);
}

/** Puts the length in front. */
export function frame(...parts: readonly Buffer[]): Buffer {
  const message = Buffer.concat(parts);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(message.length);
  return Buffer.concat([length, message]);
}

export function setupFrame(setup: Setup): Buffer {
  return frame(
    text(1, setup.target),
    text(2, setup.user),
    ...Object.entries(setup.env ?? {}).map(([name, value]) =>
      bytes(3, Buffer.concat([bytes(1, name), bytes(2, value)])),
    ),
    ...(setup.argv ?? []).map((word) => bytes(5, word)),
    number(6, setup.rows),
    number(7, setup.cols),
    number(8, setup.nopty === true ? 1 : 0),
    text(9, setup.cwd),
    number(10, setup.cwdPid),
  );
}

export function responseFrame(status: number, description: string, pid = 0): Buffer {
  return frame(number(1, status), text(2, description), number(3, pid));
}

export function dataFrame(stream: number, data: string | Buffer): Buffer {
  const body = data.length === 0 ? Buffer.alloc(0) : bytes(2, data);
  return frame(bytes(1, Buffer.concat([number(1, stream), body])));
}

export function exitedFrame(
  code: number,
  status: number = STATUS.exited,
  description = 'target process has exited',
): Buffer {
  const zigzag = code < 0 ? -2 * code - 1 : 2 * code;
  return frame(bytes(2, Buffer.concat([number(1, status), text(2, description), number(3, zigzag)])));
}

export function resizeFrame(rows: number, cols: number): Buffer {
  return frame(bytes(3, Buffer.concat([number(1, rows), number(2, cols)])));
}

export function signalFrame(signal: number): Buffer {
  return frame(number(4, signal));
}

/** @throws RangeError when it is no message */
export function readFields(message: Buffer): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < message.length; ) {
    const tag = takeVarint();
    const isBytes = (tag & 7n) === 2n;
    if (!isBytes && (tag & 7n) !== 0n) throw new RangeError(`wire type ${tag & 7n}`);
    const value = takeVarint();
    if (!isBytes) {
      fields.push({ number: Number(tag >> 3n), value });
      continue;
    }
    if (at + Number(value) > message.length) throw new RangeError('bytes beyond the end');
    fields.push({ number: Number(tag >> 3n), value: message.subarray(at, at + Number(value)) });
    at += Number(value);

    function takeVarint(): bigint {
      let result = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = message[at++];
        if (byte === undefined || shift > 63n) throw new RangeError('varint without an end');
        result |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return BigInt.asUintN(64, result);
      }
    }
  }
  return fields;
}

/** Frames out of a stream that splits anywhere. */
export function makeReader(): (chunk: Buffer) => Buffer[] {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const messages: Buffer[] = [];
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32LE()) {
      const end = 4 + rest.readUInt32LE();
      messages.push(rest.subarray(4, end));
      rest = rest.subarray(end);
    }
    return messages;
  };
}

/** A message of the server's, in words: `stdout "hi\n"`, `exited 42`. */
export type HostMessage =
  | { readonly kind: 'data'; readonly stream: number; readonly data: Buffer }
  | { readonly kind: 'status'; readonly status: number; readonly code: number; readonly description: string };

export function readHostMessage(message: Buffer): HostMessage | undefined {
  const [field] = readFields(message);
  if (field === undefined || !Buffer.isBuffer(field.value)) return undefined;
  const of = (wanted: number) => readFields(field.value as Buffer).find((inner) => inner.number === wanted)?.value;
  if (field.number === 1) {
    return { kind: 'data', stream: Number(of(1) ?? 0), data: (of(2) as Buffer | undefined) ?? Buffer.alloc(0) };
  }
  const zigzag = (of(3) as bigint | undefined) ?? 0n;
  const code = Number(BigInt.asIntN(32, (zigzag >> 1n) ^ -(zigzag & 1n)));
  return { kind: 'status', status: Number(of(1) ?? 0), code, description: String(of(2) ?? '') };
}

export interface Response {
  readonly status: number;
  readonly description: string;
  readonly pid: number;
}

export function readResponse(message: Buffer): Response {
  const fields = readFields(message);
  const of = (wanted: number) => fields.find((field) => field.number === wanted)?.value;
  return { status: Number(of(1) ?? 0), description: String(of(2) ?? ''), pid: Number(of(3) ?? 0) };
}

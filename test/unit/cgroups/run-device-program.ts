/** The subset of eBPF that device programs use, run as the kernel does. */

export interface DeviceAccess {
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
  /** Of `r`, `w`, `m`. */
  readonly access: string;
}

const ACCESS_BITS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };

/** Whether the program allows the access. Throws on what the kernel's verifier would refuse. */
export function runDeviceProgram(program: Uint8Array, request: DeviceAccess): boolean {
  const access = [...request.access].reduce((bits, letter) => bits | (ACCESS_BITS[letter] ?? 0), 0);
  const context = [((access << 16) | (request.type === 'b' ? 1 : 2)) >>> 0, request.major, request.minor];
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const registers = new Map<number, number>([[1, -1]]);
  const get = (register: number): number => {
    const value = registers.get(register);
    if (value === undefined) throw new Error(`register ${register} is read before it is written`);
    return value;
  };
  for (let at = 0; ; at++) {
    if (at < 0 || (at + 1) * 8 > program.length) throw new Error('control leaves the program');
    const code = view.getUint8(at * 8);
    const to = view.getUint8(at * 8 + 1) & 15;
    const from = view.getUint8(at * 8 + 1) >> 4;
    const offset = view.getInt16(at * 8 + 2, true);
    const constant = view.getInt32(at * 8 + 4, true);
    if (code === 0x61) registers.set(to, readContext(context, get(from), offset));
    else if (code === 0xbf) registers.set(to, get(from));
    else if (code === 0xb7) registers.set(to, constant);
    else if (code === 0x54) registers.set(to, (get(to) & constant) >>> 0);
    else if (code === 0x74) registers.set(to, get(to) >>> constant);
    else if (code === 0x15) at += get(to) === constant ? offset : 0;
    else if (code === 0x55) at += get(to) === constant ? 0 : offset;
    else if (code === 0x95) return get(0) === 1;
    else throw new Error(`instruction 0x${code.toString(16)} is unknown`);
  }
}

function readContext(context: readonly number[], pointer: number, offset: number): number {
  const value = context[offset / 4];
  if (pointer !== -1 || value === undefined) throw new Error(`no word of the context at ${offset}`);
  return value;
}

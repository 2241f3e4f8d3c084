/** Classic BPF as the kernel runs it for seccomp: the subset that filters use. */

export interface SyscallRequest {
  readonly auditArch: number;
  readonly number: number;
  readonly args?: readonly bigint[];
}

/** The filter's return value. Throws on what the kernel would not load. */
export function runFilter(program: Uint8Array, { auditArch, number, args = [] }: SyscallRequest): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, auditArch, true);
  args.forEach((value, index) => void data.setBigUint64(16 + 8 * index, value, true));
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  let accumulator = 0;
  for (let at = 0; ; at++) {
    if ((at + 1) * 8 > program.length) throw new Error('control leaves the program');
    const code = view.getUint16(at * 8, true);
    const [jt, jf, k] = [view.getUint8(at * 8 + 2), view.getUint8(at * 8 + 3), view.getUint32(at * 8 + 4, true)];
    if (code === 0x20) accumulator = data.getUint32(k, true);
    else if (code === 0x05) at += k;
    else if (code === 0x15) at += accumulator === k ? jt : jf;
    else if (code === 0x25) at += accumulator > k ? jt : jf;
    else if (code === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (code === 0x35) at += accumulator >= k ? jt : jf;
    else if (code === 0x45) at += (accumulator & k) !== 0 ? jt : jf;
    else if (code === 0x06) return k;
    else throw new Error(`instruction 0x${code.toString(16)} is unknown`);
  }
}

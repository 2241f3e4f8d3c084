/** eBPF as the kernel takes it: `struct bpf_insn` of `<linux/bpf.h>`. The programs of a plan are made of these. Pure. */

/** u8 code, u8 source and destination register, s16 offset of a jump or a load, s32 constant. */
export interface BpfInstruction {
  readonly code: number;
  readonly to?: number;
  readonly from?: number;
  readonly offset?: number;
  readonly constant?: number;
}

const SIZE = 8;

/** An array of `struct bpf_insn`, little endian. */
export function encodeBpf(instructions: readonly BpfInstruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * SIZE);
  const view = new DataView(bytes.buffer);
  instructions.forEach(({ code, to = 0, from = 0, offset = 0, constant = 0 }, index) => {
    view.setUint8(index * SIZE, code);
    view.setUint8(index * SIZE + 1, (from << 4) | to);
    view.setInt16(index * SIZE + 2, offset, true);
    view.setInt32(index * SIZE + 4, constant, true);
  });
  return bytes;
}

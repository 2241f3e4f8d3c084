/** Classic BPF as seccomp(2) takes it: `struct sock_filter` { u16 code; u8 jt; u8 jf; u32 k }, little endian. */

const BPF = {
  LD_W_ABS: 0x20,
  JA: 0x05,
  JEQ_K: 0x15,
  JGT_K: 0x25,
  JGE_K: 0x35,
  AND_K: 0x54,
  RET_K: 0x06,
} as const;

const INSTRUCTION_BYTES = 8;
/** A conditional jump counts the instructions it skips in 8 bits. */
const MAX_SKIP = 255;
/** The kernel's BPF_MAXINSNS. */
const MAX_INSTRUCTIONS = 4096;

/** A place in the program, counted from its end, where instructions after it no longer move. */
export type Label = number & { readonly label: unique symbol };

interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/**
 * Writes a program from its last instruction to its first: BPF jumps forward only, so each target is known when the jump to
 * it is written, and no second pass is needed.
 */
export class BpfProgram {
  readonly #reversed: Instruction[] = [];
  readonly #returns = new Map<number, Label>();

  /** `return value`. One that is near enough is used again. */
  ret(value: number): Label {
    const known = this.#returns.get(value);
    // Two instructions of a test may follow before the jump to it is written.
    if (known !== undefined && this.#skipTo(known) < MAX_SKIP - 2) return known;
    const label = this.#prepend({ code: BPF.RET_K, jt: 0, jf: 0, k: value });
    this.#returns.set(value, label);
    return label;
  }

  /** Loads the 32-bit word at `offset` of `struct seccomp_data`, then goes on at `next`. */
  load(offset: number, next: Label): Label {
    this.#fallThrough(next);
    return this.#prepend({ code: BPF.LD_W_ABS, jt: 0, jf: 0, k: offset });
  }

  /** Keeps the bits of a mask, then goes on at `next`. */
  and(mask: number, next: Label): Label {
    this.#fallThrough(next);
    return this.#prepend({ code: BPF.AND_K, jt: 0, jf: 0, k: mask });
  }

  ifEqual(value: number, then: Label, otherwise: Label): Label {
    return this.#branch(BPF.JEQ_K, value, then, otherwise);
  }

  /** Unsigned `accumulator >= value`. */
  ifAtLeast(value: number, then: Label, otherwise: Label): Label {
    return this.#branch(BPF.JGE_K, value, then, otherwise);
  }

  /** Unsigned `accumulator > value`. */
  ifGreater(value: number, then: Label, otherwise: Label): Label {
    return this.#branch(BPF.JGT_K, value, then, otherwise);
  }

  /** The program, which starts at `entry`. */
  finish(entry: Label): Uint8Array {
    this.#fallThrough(entry);
    if (this.#reversed.length > MAX_INSTRUCTIONS)
      throw new RangeError(`it has more than ${MAX_INSTRUCTIONS} instructions`);
    const bytes = new Uint8Array(this.#reversed.length * INSTRUCTION_BYTES);
    const view = new DataView(bytes.buffer);
    this.#reversed.toReversed().forEach(({ code, jt, jf, k }, index) => {
      const at = index * INSTRUCTION_BYTES;
      view.setUint16(at, code, true);
      view.setUint8(at + 2, jt);
      view.setUint8(at + 3, jf);
      view.setUint32(at + 4, k, true);
    });
    return bytes;
  }

  #prepend(instruction: Instruction): Label {
    return (this.#reversed.push(instruction) - 1) as Label;
  }

  /** Instructions between the one written next and the label. */
  #skipTo(label: Label): number {
    return this.#reversed.length - 1 - label;
  }

  #jump(label: Label): Label {
    return this.#prepend({ code: BPF.JA, jt: 0, jf: 0, k: this.#skipTo(label) });
  }

  #fallThrough(label: Label): void {
    if (this.#skipTo(label) !== 0) this.#jump(label);
  }

  #branch(code: number, k: number, then: Label, otherwise: Label): Label {
    // One jump instruction may come between: reckon with it for both.
    const near = (label: Label): Label => (this.#skipTo(label) < MAX_SKIP ? label : this.#jump(label));
    const nearThen = near(then);
    const nearOtherwise = near(otherwise);
    return this.#prepend({ code, jt: this.#skipTo(nearThen), jf: this.#skipTo(nearOtherwise), k });
  }
}

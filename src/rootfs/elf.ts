/** Executables, elf(5). Pure. */

const PT_INTERP = 3;

/** Whether the first bytes (4096 are enough) are those of an ELF program that needs no dynamic linker. */
export function isStaticElf(head: Uint8Array): boolean {
  if (head.length < 64 || head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c || head[3] !== 0x46) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const is64 = head[4] === 2;
  const littleEndian = head[5] === 1;
  const tableOffset = is64 ? Number(view.getBigUint64(32, littleEndian)) : view.getUint32(28, littleEndian);
  const entrySize = view.getUint16(is64 ? 54 : 42, littleEndian);
  const count = view.getUint16(is64 ? 56 : 44, littleEndian);
  if (count === 0 || tableOffset + count * entrySize > head.length) return false;
  for (let index = 0; index < count; index += 1) {
    if (view.getUint32(tableOffset + index * entrySize, littleEndian) === PT_INTERP) return false;
  }
  return true;
}

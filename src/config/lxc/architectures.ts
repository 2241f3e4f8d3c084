import type { ValueType } from './rows.js';
import { right, unknownWord } from './values.js';

/** What LXC calls an architecture, by the name that the model has for it. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  i686: ['i686', 'x86', 'i386', 'i486', 'i586', 'athlon', 'linux32'],
  x86_64: ['x86_64', 'amd64', 'linux64'],
  aarch64: ['aarch64', 'arm64', 'armv8b', 'armv8l', 'armv9l'],
  armv7l: ['armv7l', 'arm', 'armel', 'armhf', 'armv7'],
  armv6l: ['armv6l', 'armv6'],
  loongarch64: ['loongarch64'],
  mips: ['mips'],
  mipsel: ['mipsel'],
  mips64: ['mips64'],
  mips64el: ['mips64el'],
  ppc: ['ppc', 'powerpc'],
  ppc64: ['ppc64', 'powerpc64'],
  ppc64le: ['ppc64le', 'ppc64el'],
  riscv64: ['riscv64'],
  s390: ['s390'],
  s390x: ['s390x'],
};

const BY_NAME = new Map(Object.entries(NAMES).flatMap(([arch, names]) => names.map((name) => [name, arch] as const)));

export const architecture: ValueType<string> = {
  label: 'an architecture, like x86_64, i686 or aarch64',
  parse: (text) => {
    const arch = BY_NAME.get(text);
    return arch === undefined ? unknownWord(text, [...BY_NAME.keys()]) : right(arch);
  },
};

/** Whether LXC has a name for it; it is the same one then. */
export function isArchitecture(arch: string): boolean {
  return Object.hasOwn(NAMES, arch);
}

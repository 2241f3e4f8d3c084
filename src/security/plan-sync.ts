import { CtrError } from '../errors.js';
import type { OpOf } from '../exec/plan.js';
import type { HostFacts } from '../system/host-facts.js';
import { ABIS, type Abi } from './seccomp-compile.js';

/** They write to disk what has been written to files, and return: all that a program sees of it is the time. */
const SYNC_CALLS = ['fdatasync', 'fsync', 'msync', 'sync', 'sync_file_range', 'sync_file_range2', 'syncfs'];
/** Opens with these flags would sync at each write; the number is that of the argument with the flags. */
const OPEN_CALLS: readonly (readonly [name: string, flagsArgument: number])[] = [
  ['open', 1],
  ['openat', 2],
];
/** O_DSYNC and __O_SYNC, the same on all machines of the table. */
const SYNC_FLAGS = 0o4010000;

const EINVAL = 22;
/** `<linux/filter.h>`, `<linux/seccomp.h>` */
const LD_W_ABS = 0x20;
const JEQ_K = 0x15;
const JSET_K = 0x45;
const RET_K = 0x06;
const RET_ALLOW = 0x7fff0000;
const RET_ERRNO = 0x00050000;
const OFFSET_NR = 0;
const OFFSET_ARCH = 4;
const OFFSET_ARGUMENTS = 16;

type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, value: number];

/**
 * A second filter, under which calls that sync succeed at once and do nothing, and files cannot be opened to be synced at each write
 * (EINVAL), as with systemd-nspawn(1), --suppress-sync=. What a configuration does not ask for has no filter.
 *
 * @throws CtrError CTR_UNSUPPORTED when the kernel has no seccomp or no table knows its architecture
 */
export function planSync(
  name: string,
  suppressSync: boolean | undefined,
  host: Pick<HostFacts, 'seccomp' | 'arch'>,
): OpOf<'seccomp'>[] {
  if (suppressSync !== true) return [];
  const abis = host.seccomp ? ABIS[host.arch] : undefined;
  if (abis === undefined) {
    const reason = host.seccomp ? `no table of system calls for '${host.arch}'` : 'this kernel has no seccomp';
    throw new CtrError('CTR_UNSUPPORTED', `cannot suppress the sync calls of '${name}': ${reason}`);
  }
  const program: Instruction[] = [[LD_W_ABS, 0, 0, OFFSET_ARCH]];
  for (const abi of abis) {
    const part = filterAbi(abi);
    program.push([JEQ_K, 0, part.length, abi.auditArch], ...part);
  }
  program.push([RET_K, 0, 0, RET_ALLOW]);
  return [{ op: 'seccomp', program: encode(program), options: 0 }];
}

/** All of it for one ABI: each test has its answer behind it. */
function filterAbi({ syscalls }: Abi): Instruction[] {
  const numbers = new Map(syscalls);
  const part: Instruction[] = [[LD_W_ABS, 0, 0, OFFSET_NR]];
  for (const call of SYNC_CALLS) {
    const number = numbers.get(call);
    if (number !== undefined) part.push([JEQ_K, 0, 1, number], [RET_K, 0, 0, RET_ERRNO]);
  }
  for (const [call, argument] of OPEN_CALLS) {
    const number = numbers.get(call);
    if (number === undefined) continue;
    part.push(
      [JEQ_K, 0, 4, number],
      [LD_W_ABS, 0, 0, OFFSET_ARGUMENTS + 8 * argument],
      [JSET_K, 0, 1, SYNC_FLAGS],
      [RET_K, 0, 0, RET_ERRNO | EINVAL],
      [RET_K, 0, 0, RET_ALLOW],
    );
  }
  return [...part, [RET_K, 0, 0, RET_ALLOW]];
}

function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(([code, jumpTrue, jumpFalse, value], index) => {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, jumpTrue);
    view.setUint8(index * 8 + 3, jumpFalse);
    view.setUint32(index * 8 + 4, value, true);
  });
  return bytes;
}

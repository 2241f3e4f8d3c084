/** Frames as a standard protobuf encoder writes them from vsh's schema, the length included. */
import {
  dataFrame,
  exitedFrame,
  resizeFrame,
  responseFrame,
  type Setup,
  STATUS,
  STREAM,
  signalFrame,
} from './vsh-codec.js';

const EXITED_TEXT = '12197461726765742070726f636573732068617320657869746564';

export const GOLDEN_SETUPS: readonly { readonly name: string; readonly setup: Setup; readonly hex: string }[] = [
  {
    name: 'a login shell of chronos, 24×80',
    setup: { target: '/vm_shell', user: 'chronos', env: { TERM: 'xterm-256color' }, rows: 24, cols: 80 },
    hex: '30000000 0a092f766d5f7368656c6c 12076368726f6e6f73 1a16 0a045445524d 120e787465726d2d323536636f6c6f72 3018 3850',
  },
  {
    name: 'a command of root without a terminal',
    setup: { target: '/vm_shell', user: 'root', argv: ['/bin/echo', 'hi'], nopty: true },
    hex: '22000000 0a092f766d5f7368656c6c 1204726f6f74 2a092f62696e2f6563686f 2a026869 4001',
  },
  {
    name: 'a container, in the directory of a process',
    setup: { target: 'penguin', cwdPid: 1234 },
    hex: '0c000000 0a0770656e6775696e 50d209',
  },
];

export const GOLDEN_FRAMES: readonly { readonly name: string; readonly frame: Buffer; readonly hex: string }[] = [
  {
    name: 'READY',
    frame: responseFrame(STATUS.ready, 'vsh ready', 321),
    hex: '10000000 0801 1209767368207265616479 18c102',
  },
  {
    name: 'FAILED',
    frame: responseFrame(STATUS.failed, 'could not find user: bob'),
    hex: '1c000000 0803 1218636f756c64206e6f742066696e6420757365723a20626f62',
  },
  { name: 'stdin', frame: dataFrame(STREAM.stdin, 'ls\n'), hex: '09000000 0a07 0801 12036c730a' },
  { name: 'end of stdin', frame: dataFrame(STREAM.stdin, ''), hex: '04000000 0a02 0801' },
  { name: 'resize', frame: resizeFrame(50, 132), hex: '07000000 1a05 0832 108401' },
  { name: 'HUP', frame: signalFrame(1), hex: '02000000 2001' },
  { name: 'INT', frame: signalFrame(2), hex: '02000000 2002' },
  { name: 'QUIT', frame: signalFrame(3), hex: '02000000 2003' },
  { name: 'TERM', frame: signalFrame(15), hex: '02000000 200f' },
  { name: 'stdout', frame: dataFrame(STREAM.stdout, 'hi\n'), hex: '09000000 0a07 0802 12036869 0a' },
  { name: 'end of stderr', frame: dataFrame(STREAM.stderr, ''), hex: '04000000 0a02 0803' },
  { name: 'EXITED 0', frame: exitedFrame(0), hex: `1f000000 121d 0802 ${EXITED_TEXT}` },
  { name: 'EXITED 42', frame: exitedFrame(42), hex: `21000000 121f 0802 ${EXITED_TEXT} 1854` },
  { name: 'EXITED 127', frame: exitedFrame(127), hex: `22000000 1220 0802 ${EXITED_TEXT} 18fe01` },
  { name: 'EXITED 255', frame: exitedFrame(255), hex: `22000000 1220 0802 ${EXITED_TEXT} 18fe03` },
  { name: 'EXITED -1', frame: exitedFrame(-1), hex: `21000000 121f 0802 ${EXITED_TEXT} 1801` },
];

export function fromHex(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

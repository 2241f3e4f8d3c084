/**
 * What a console said, for reading: nothing in it steers the terminal. Escape sequences (ECMA-48) go, line ends become
 * newlines, other control bytes are shown as `^X`. Pure; the state survives a cut at any byte.
 */

type State = 'ground' | 'escape' | 'csi' | 'string' | 'string-escape' | 'intermediate';

const ESC = 0x1b;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const TAB = 0x09;
const BELL = 0x07;

/** A function that filters one piece after the other. */
export function createConsoleFilter(): (piece: Uint8Array) => Buffer {
  let state: State = 'ground';
  let previous = 0;
  return (piece) => {
    const out: number[] = [];
    for (const byte of piece) {
      if (state === 'ground') pushGround(out, byte, previous);
      state = nextState(state, byte);
      previous = byte;
    }
    return Buffer.from(out);
  };
}

function pushGround(out: number[], byte: number, previous: number): void {
  if (byte === ESC || byte === RETURN) return;
  // C1 controls in UTF-8 are 0xc2 0x80 to 0xc2 0x9f: the first byte alone is held back, and written with its second.
  if (byte === 0xc2) return;
  if (previous === 0xc2 && byte >= 0x80 && byte < 0xc0) {
    if (byte >= 0xa0) out.push(0xc2, byte);
  } else if (byte >= 0x20 && byte !== 0x7f) {
    out.push(byte);
  } else if (byte === NEWLINE || byte === TAB) {
    out.push(byte);
  } else {
    out.push(0x5e, byte ^ 0x40);
  }
}

function nextState(state: State, byte: number): State {
  if (byte === ESC) return state === 'string' ? 'string-escape' : 'escape';
  switch (state) {
    case 'ground':
      return 'ground';
    case 'escape':
      if (byte === 0x5b) return 'csi';
      // OSC, DCS, SOS, PM and APC run until BEL or ESC \.
      if (byte === 0x5d || byte === 0x50 || byte === 0x58 || byte === 0x5e || byte === 0x5f) return 'string';
      return byte >= 0x20 && byte < 0x30 ? 'intermediate' : 'ground';
    case 'csi':
      return byte >= 0x40 && byte < 0x7f ? 'ground' : byte === NEWLINE ? 'ground' : 'csi';
    case 'intermediate':
      return byte >= 0x20 && byte < 0x30 ? 'intermediate' : 'ground';
    case 'string':
      return byte === BELL || byte === NEWLINE ? 'ground' : 'string';
    case 'string-escape':
      return 'ground';
  }
}

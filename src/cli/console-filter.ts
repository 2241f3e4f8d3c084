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
  let held: number[] = [];
  return (piece) => {
    const out: number[] = [];
    for (const byte of piece) {
      held = state === 'ground' ? pushGround(out, byte, held) : [];
      state = nextState(state, byte);
    }
    return Buffer.from(out);
  };
}

/**
 * Characters that are held back until they are whole: C1 controls are 0xc2 0x80 to 0xc2 0x9f, marks that turn the direction of what
 * is read are 0xe2 0x80 and 0xe2 0x81 with a third byte. One that stays incomplete is left out.
 *
 * @param held the bytes before this one that are held back
 * @returns what is held back now
 */
function pushGround(out: number[], byte: number, held: readonly number[]): number[] {
  const isContinuation = byte >= 0x80 && byte < 0xc0;
  if (held.length > 0 && isContinuation) {
    const [first] = held;
    if (held.length === 1 && first === 0xe2 && (byte === 0x80 || byte === 0x81)) return [0xe2, byte];
    if (first === 0xc2 ? byte >= 0xa0 : !turnsDirection([...held, byte])) out.push(...held, byte);
    return [];
  }
  if (byte === 0xc2 || byte === 0xe2) return [byte];
  if (byte === ESC || byte === RETURN) return [];
  if ((byte >= 0x20 && byte !== 0x7f) || byte === NEWLINE || byte === TAB) out.push(byte);
  else out.push(0x5e, byte ^ 0x40);
  return [];
}

/** U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069. */
function turnsDirection([, second = 0, third = 0]: readonly number[]): boolean {
  if (second === 0x80) return third === 0x8e || third === 0x8f || (third >= 0xaa && third <= 0xae);
  return second === 0x81 && third >= 0xa6 && third <= 0xa9;
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

import { describe, expect, test } from 'vitest';
import { dataFrame, makeReader, readHostMessage, readResponse, setupFrame } from '../../rig/vsh-codec.js';
import { fromHex, GOLDEN_FRAMES, GOLDEN_SETUPS } from '../../rig/vsh-golden.js';

describe('the rig’s codec of vsh', () => {
  test.for(GOLDEN_SETUPS)('asks for $name as a standard encoder does', ({ setup, hex }) => {
    expect(setupFrame(setup).toString('hex')).toBe(fromHex(hex).toString('hex'));
  });

  test.for(GOLDEN_FRAMES)('says $name as a standard encoder does', ({ frame, hex }) => {
    expect(frame.toString('hex')).toBe(fromHex(hex).toString('hex'));
  });

  test('writes 4000 bytes as one frame of 4008', () => {
    const frame = dataFrame(2, Buffer.alloc(4000, 'x'));
    expect(frame.length).toBe(4 + 4008);
    expect(frame.subarray(0, 12).toString('hex')).toBe('a80f00000aa51f080212a01f');
  });

  test('reads what it has written, byte by byte', () => {
    const read = makeReader();
    const stream = Buffer.concat(GOLDEN_FRAMES.map(({ frame }) => frame));
    const messages = [...stream].flatMap((byte) => read(Buffer.from([byte])));
    expect(messages.map((message) => message.length + 4)).toEqual(GOLDEN_FRAMES.map(({ frame }) => frame.length));
    expect(readResponse(messages[0] as Buffer)).toEqual({ status: 1, description: 'vsh ready', pid: 321 });
    expect(readHostMessage(messages.at(-1) as Buffer)).toMatchObject({ kind: 'status', status: 2, code: -1 });
  });
});

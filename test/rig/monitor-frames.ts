/** Frames of the monitor's protocol (docs/monitor-protocol.md), for tests that are one of its sides. */
import type { Socket } from 'node:net';

export const TYPES = {
  HELLO: 1,
  ATTACH: 2,
  INPUT: 3,
  RESIZE: 4,
  STOP: 6,
  KILL: 7,
  OUTPUT: 8,
  EXIT: 10,
  ERROR: 11,
  OK: 12,
  WRITE: 14,
  ROLE: 15,
} as const;

export function frame(type: number, payload: readonly number[] | string = ''): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload);
  const header = Buffer.alloc(5);
  header.writeUInt32LE(bytes.length + 1);
  header[4] = type;
  return Buffer.concat([header, bytes]);
}

export const version = (number: number) => frame(TYPES.HELLO, [number, 0, 0, 0]);

/** Calls back with each whole frame. */
export function onFrames(socket: Socket, take: (type: number, payload: Buffer) => void): void {
  let held = Buffer.alloc(0);
  socket.on('data', (piece: Buffer) => {
    held = Buffer.concat([held, piece]);
    while (held.length >= 5 && held.length >= 4 + held.readUInt32LE(0)) {
      const length = held.readUInt32LE(0);
      take(held[4] ?? 0, held.subarray(5, 4 + length));
      held = held.subarray(4 + length);
    }
  });
}

/** Takes over what the front door has gathered. */
import { closeSync, readSync } from 'node:fs';
import { debug } from '../system/log.js';
import { END, FIELDS, type GatheredContainer, parseEvidence } from './parse-evidence.js';

/** Bytes read at once, unless a field is longer. */
const PIECE = 1 << 16;

/**
 * Each as soon as it is told, so that it is worked on while the front door reads of the next. None where there is no front door
 * before this: the library, say. It can be taken once.
 *
 * @returns whether it was all there is; false as well when whoever told it was ended
 */
export function* takeEvidence(): Generator<GatheredContainer, boolean> {
  const fd = Number(process.env.CTR_EVIDENCE_FD || Number.NaN);
  delete process.env.CTR_EVIDENCE_FD;
  if (!Number.isSafeInteger(fd)) return false;
  let fields: string[] = [];
  try {
    for (const more of readFields(fd)) {
      fields = fields.concat(more);
      const whole = fields.length - (fields.length % FIELDS);
      yield* parseEvidence(fields.slice(0, whole));
      fields = fields.slice(whole);
    }
  } finally {
    closeSync(fd);
  }
  return fields.length === 1 && fields[0] === END;
}

/** The fields, as many at a time as have come; one that is cut off is left out. */
function* readFields(fd: number): Generator<string[]> {
  let buffer = Buffer.allocUnsafe(PIECE);
  let held = 0;
  for (;;) {
    if (held === buffer.length) buffer = Buffer.concat([buffer], 2 * held);
    const count = readPiece(fd, buffer, held);
    if (count === 0) return;
    held += count;
    const end = buffer.subarray(0, held).lastIndexOf(0) + 1;
    if (end === 0) continue;
    yield buffer.toString('utf8', 0, end - 1).split('\0');
    buffer.copyWithin(0, end, held);
    held -= end;
  }
}

/** 0 at the end, and where it cannot be read. */
function readPiece(fd: number, buffer: Buffer, at: number): number {
  try {
    return readSync(fd, buffer, at, buffer.length - at, null);
  } catch (error) {
    debug(`evidence: ${String(error)}`);
    return 0;
  }
}

/** Takes over what the front door has gathered. */
import { closeSync, readFileSync } from 'node:fs';
import { debug } from '../system/log.js';
import { type GatheredContainer, parseEvidence } from './parse-evidence.js';

/** Undefined when there is none: the library, say, has no front door before it. It can be taken once. */
export function takeEvidence(): GatheredContainer[] | undefined {
  const fd = Number(process.env.CTR_EVIDENCE_FD || Number.NaN);
  delete process.env.CTR_EVIDENCE_FD;
  if (!Number.isSafeInteger(fd)) return undefined;
  try {
    return parseEvidence(readFileSync(fd, 'utf8'));
  } catch (error) {
    debug(`evidence: ${String(error)}`);
    return undefined;
  } finally {
    closeSync(fd);
  }
}

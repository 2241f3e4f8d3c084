/** /etc/subuid and /etc/subgid, subuid(5). */
import { readSmallFile } from './read-small-file.js';

/** Ids on the host that somebody owns. */
export interface HostIdRange {
  readonly outside: number;
  readonly count: number;
}

/** Lines `OWNER:FIRST:COUNT`; others are skipped. Pure. */
export function parseSubids(text: string): HostIdRange[] {
  return text.split('\n').flatMap((line) => {
    const match = /^[^:#]+:(\d+):(\d+)\s*$/.exec(line);
    return match ? { outside: Number(match[1]), count: Number(match[2]) } : [];
  });
}

/** The ranges of both files; a missing file has none. */
export function readSubids(): HostIdRange[] {
  return ['/etc/subuid', '/etc/subgid'].flatMap((path) => {
    const file = readSmallFile(path, 1024 * 1024);
    return file.kind === 'text' ? parseSubids(file.text) : [];
  });
}

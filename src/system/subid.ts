/** /etc/subuid and /etc/subgid, subuid(5): lines `OWNER:FIRST:COUNT`, where OWNER is a user's name or number. */
import { CtrError } from '../errors.js';
import type { HostIdRange } from './host-facts.js';
import { readSmallFile } from './read-small-file.js';

/** Enough for every id a usual system has, `nobody` (65534) included. */
const FULL_COUNT = 65_536;
/** Where the first user's ids begin, login.defs(5). */
const FIRST_SUBID = 100_000;
/** The last id, 2^32-1, means "none". */
const LAST_ID = 0xfffffffe;
const LIMIT_BYTES = 1024 * 1024;

/** Ranges of everybody; lines that are none are skipped. Pure. */
export function parseSubids(text: string): HostIdRange[] {
  return text.split('\n').flatMap((line) => {
    const match = /^[^:#]+:(\d+):(\d+)\s*$/.exec(line);
    return match ? { outside: Number(match[1]), count: Number(match[2]) } : [];
  });
}

/** The ranges of both files; a missing file has none. */
export function readSubids(): HostIdRange[] {
  return ['/etc/subuid', '/etc/subgid'].flatMap((path) => {
    const file = readSmallFile(path, LIMIT_BYTES);
    return file.kind === 'text' ? parseSubids(file.text) : [];
  });
}

/** Whose lines count. Both files name users, never groups. */
export interface SubidOwner {
  readonly uid: number;
  readonly gid: number;
  /** Absent: the user database does not know him. */
  readonly name?: string | undefined;
}

/**
 * The ranges that a file gives to one user, in the order of its lines. Pure.
 *
 * @param own the user's own id of that kind, which must not be among them
 * @throws CtrError CTR_UNSUPPORTED on a line of his that is malformed, too short, or has ids that cannot be his; hint: the line to write
 */
export function parseOwnSubids(path: string, text: string, owner: SubidOwner, own: number): HostIdRange[] {
  const names = [owner.name, `${owner.uid}`].filter((name) => name !== undefined);
  const ranges: HostIdRange[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (!names.includes(line.split(':', 1)[0] ?? '') || !line.includes(':')) continue;
    const fail = (reason: string) => refuseLine(path, `line ${index + 1} ${reason}`, text, owner);
    const match = /^[^:]+:(\d{1,10}):(\d{1,10})\s*$/.exec(line);
    if (match === null) throw fail(`is malformed: '${line}'`);
    const range = { outside: Number(match[1]), count: Number(match[2]) };
    const last = range.outside + range.count - 1;
    if (range.count < FULL_COUNT) throw fail(`gives ${range.count} ids, and a container takes ${FULL_COUNT}`);
    if (last > LAST_ID) throw fail(`ends at ${last}, beyond the last id of a system (${LAST_ID})`);
    if (range.outside === 0) throw fail("gives the host's root (0)");
    if (own >= range.outside && own <= last) throw fail(`gives ${own}, which is an id of your own already`);
    const other = ranges.find((before) => before.outside <= last && range.outside < before.outside + before.count);
    if (other !== undefined) throw fail('overlaps with a line above it');
    ranges.push(range);
  }
  return ranges;
}

function refuseLine(path: string, reason: string, text: string, owner: SubidOwner): CtrError {
  return new CtrError('CTR_UNSUPPORTED', `cannot use the ids of '${path}': ${reason}`, {
    hint: `the line to write there: ${proposeLine(text, owner)}`,
  });
}

/** A line with ids that nobody has. */
function proposeLine(text: string, { name, uid }: SubidOwner): string {
  const ends = parseSubids(text).map(({ outside, count }) => outside + count);
  const first = Math.max(FIRST_SUBID, ...ends.filter((end) => end + FULL_COUNT <= LAST_ID));
  return `${name ?? uid}:${first}:${FULL_COUNT}`;
}

/**
 * Both files' ranges of one user.
 *
 * @throws CtrError CTR_UNSUPPORTED when a file is broken for him, or only one has a line of his
 */
export function readOwnSubids(owner: SubidOwner): { uid: HostIdRange[]; gid: HostIdRange[] } {
  const uid = readFileOf('/etc/subuid', owner, owner.uid);
  const gid = readFileOf('/etc/subgid', owner, owner.gid);
  for (const [file, other] of [
    [uid, gid],
    [gid, uid],
  ] as const) {
    if (file.ranges.length === 0 && other.ranges.length > 0)
      throw refuseLine(file.path, `it has no line for you, and '${other.path}' has one`, file.text, owner);
  }
  return { uid: uid.ranges, gid: gid.ranges };
}

function readFileOf(path: string, owner: SubidOwner, own: number) {
  const file = readSmallFile(path, LIMIT_BYTES);
  if (file.kind === 'missing') return { path, text: '', ranges: [] };
  if (file.kind !== 'text') {
    throw new CtrError('CTR_UNSUPPORTED', `cannot use the ids of '${path}': it cannot be read: ${file.reason}`, {
      hint: `chmod 644 ${path}`,
    });
  }
  return { path, text: file.text, ranges: parseOwnSubids(path, file.text, owner, own) };
}

/** What the user has to have written for ids of his own, for hints. */
export function proposeSubids(owner: SubidOwner): string {
  const file = readSmallFile('/etc/subuid', LIMIT_BYTES);
  return proposeLine(file.kind === 'text' ? file.text : '', owner);
}

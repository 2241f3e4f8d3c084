import { Readable } from 'node:stream';
import { Header, type HeaderData } from 'tar';
import { describe, expect, test } from 'vitest';
import { readTarMember } from '../../../src/rootfs/read-tar-member.js';

const BLOCK = 512;
const END = Buffer.alloc(2 * BLOCK);

/** One member: header and padded content. */
function member(path: string, content: string | Buffer, header: HeaderData = {}): Buffer {
  const bytes = Buffer.from(content);
  const block = Buffer.alloc(BLOCK);
  new Header({ path, mode: 0o755, size: bytes.length, type: 'File', mtime: new Date(0), ...header }).encode(block);
  return Buffer.concat([block, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
}

/** In chunks of some odd size, as a pipe may give it. */
async function read(archive: Buffer, names = ['bin/busybox'], limitBytes = 1000): Promise<string> {
  const chunks: Buffer[] = [];
  for (let at = 0; at < archive.length; at += 333) chunks.push(archive.subarray(at, at + 333));
  return (await readTarMember(Readable.from(chunks), names, limitBytes)).toString();
}

describe('readTarMember', () => {
  test('gives the content of the one that is named, with or without ./ before its name', async () => {
    const others = member('./etc/passwd', 'root');
    expect(await read(Buffer.concat([others, member('./bin/busybox', 'program'), others, END]))).toBe('program');
    expect(await read(Buffer.concat([member('bin/busybox', 'x'.repeat(1000)), END]))).toBe('x'.repeat(1000));
    expect(await read(Buffer.concat([member('./usr/bin/busybox', ''), END]), ['bin/b', 'usr/bin/busybox'])).toBe('');
  });

  test.for<[string, Buffer[], RegExp]>([
    ['has none of that name', [member('bin/busybo', 'x'), END], /holds no 'bin\/busybox'/],
    ['has only one above it', [member('../bin/busybox', 'x'), END], /holds no/],
    ['has only an absolute one', [member('/bin/busybox', 'x'), END], /holds no/],
    ['has two', [member('bin/busybox', 'x'), member('./bin/busybox', 'y'), END], /twice/],
    ['has a link', [member('bin/busybox', '', { type: 'SymbolicLink', linkpath: '/x' }), END], /no regular file/],
    ['has a hard link', [member('bin/busybox', '', { type: 'Link', linkpath: 'x' }), END], /no regular file/],
    ['has a device', [member('bin/busybox', '', { type: 'BlockDevice' }), END], /no regular file/],
    ['has one that is too long', [member('bin/busybox', 'x'.repeat(1001)), END], /larger than 1000 bytes/],
    ['claims to have a huge one', [member('bin/busybox', 'x', { size: 2 ** 40 }), END], /larger than 1000 bytes/],
    ['is cut off in it', [member('bin/busybox', 'x'.repeat(900)).subarray(0, BLOCK + 100)], /[Tt]runcated/],
    ['has a wrong checksum', [Buffer.alloc(BLOCK, 0x41), END], /checksum/],
    ['is empty', [Buffer.alloc(0)], /Unrecognized/],
  ])('refuses an archive that %s', async ([, parts, message]) => {
    await expect(read(Buffer.concat(parts))).rejects.toThrow(message);
  });
});

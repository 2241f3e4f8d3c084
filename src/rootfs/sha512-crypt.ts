/**
 * The `$6$` password hash of crypt(5), as specified in "Unix crypt using SHA-256 and SHA-512" (Ulrich Drepper, version 0.6).
 * BusyBox's login reads it; yescrypt it does not. Pure.
 */
import { createHash } from 'node:crypto';

const ROUNDS = 5000;
const SALT_LENGTH = 16;
const DIGEST_BYTES = 64;
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function sha512(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** `bytes` over and over until there are `length`. */
function repeatTo(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}

/**
 * @param salt at most 16 characters of `./0-9A-Za-z`
 * @returns the field of /etc/shadow
 */
export function sha512Crypt(password: string, salt: string): string {
  const key = Buffer.from(password, 'utf8');
  const saltBytes = Buffer.from(salt.slice(0, SALT_LENGTH), 'latin1');
  let digest = firstDigest(key, saltBytes);
  const keySequence = repeatTo(sha512(...Array<Buffer>(key.length).fill(key)), key.length);
  const saltRepeats = Array<Buffer>(16 + (digest[0] ?? 0)).fill(saltBytes);
  const saltSequence = repeatTo(sha512(...saltRepeats), saltBytes.length);
  for (let round = 0; round < ROUNDS; round += 1) {
    const parts = [round % 2 ? keySequence : digest];
    if (round % 3) parts.push(saltSequence);
    if (round % 7) parts.push(keySequence);
    parts.push(round % 2 ? digest : keySequence);
    digest = sha512(...parts);
  }
  return `$6$${saltBytes.toString('latin1')}$${encode(digest)}`;
}

/** Steps 1 to 12 of the specification. */
function firstDigest(key: Buffer, salt: Buffer): Buffer {
  const alternate = sha512(key, salt, key);
  const parts = [key, salt, repeatTo(alternate, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? alternate : key);
  return sha512(...parts);
}

/** The specification's own order of bytes, three at a time, least significant six bits first. */
function encode(digest: Buffer): string {
  let text = '';
  const put = (high: number, middle: number, low: number, characters: number) => {
    let bits = ((digest[high] ?? 0) << 16) | ((digest[middle] ?? 0) << 8) | (digest[low] ?? 0);
    for (let index = 0; index < characters; index += 1, bits >>= 6) text += ALPHABET[bits & 63];
  };
  let [a, b, c] = [0, 21, 42];
  for (let group = 0; group < 21; group += 1) {
    put(a, b, c, 4);
    [a, b, c] = [b + 1, c + 1, a + 1];
  }
  // The last byte stands alone, as the lowest of three.
  const bits = digest[DIGEST_BYTES - 1] ?? 0;
  return text + ALPHABET[bits & 63] + ALPHABET[(bits >> 6) & 63];
}

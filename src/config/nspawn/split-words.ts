/** A value into words and back: the ways in which systemd's extract_first_word() is called for these settings. */

export interface Word {
  readonly text: string;
  /** Of its first character in the value. */
  readonly index: number;
}

/** Words between white space. */
export function splitPlain(value: string): Word[] {
  return Array.from(value.matchAll(/[^ \t\n\r]+/g), ({ 0: text, index }) => ({ text, index }));
}

/**
 * Words between separators, parts of them in single or double quotes. A backslash is a character like others.
 *
 * @param separators besides white space
 * @returns undefined when a quote is not closed
 */
export function splitQuoted(value: string, separators = ''): Word[] | undefined {
  const words: Word[] = [];
  let parts: string[] | undefined;
  let start = 0;
  for (let at = 0; at < value.length; at += 1) {
    const character = value.charAt(at);
    if (` \t\n\r${separators}`.includes(character)) {
      if (parts !== undefined) words.push({ text: parts.join(''), index: start });
      parts = undefined;
      continue;
    }
    if (parts === undefined) start = at;
    parts ??= [];
    if (character === '"' || character === "'") {
      const end = value.indexOf(character, at + 1);
      if (end < 0) return undefined;
      parts.push(value.slice(at + 1, end));
      at = end;
    } else {
      parts.push(character);
    }
  }
  if (parts !== undefined) words.push({ text: parts.join(''), index: start });
  return words;
}

/** A word as `splitQuoted` reads it back. */
export function quoteWord(word: string): string {
  // At the end of a line a backslash would join the next one to it
  if (/^[^ \t\n\r"'\\]+$/.test(word)) return word;
  if (!word.includes('"')) return `"${word}"`;
  if (!word.includes("'")) return `'${word}'`;
  return word
    .split('"')
    .map((part) => (part === '' ? '' : `"${part}"`))
    .join(`'"'`);
}

/**
 * Parts between colons; a backslash takes the next character as it is.
 *
 * @param limit so many parts at most, then `rest` is what follows, as it stands
 * @returns undefined when a backslash ends the value
 */
export function splitColons(
  value: string,
  limit = Number.POSITIVE_INFINITY,
): { readonly parts: readonly string[]; readonly rest?: string } | undefined {
  const parts: string[] = [];
  let part: string[] = [];
  for (let at = 0; at < value.length; at += 1) {
    const character = value.charAt(at);
    if (character === '\\') {
      at += 1;
      if (at === value.length) return undefined;
      part.push(value.charAt(at));
    } else if (character === ':') {
      parts.push(part.join(''));
      if (parts.length === limit) return { parts, rest: value.slice(at + 1) };
      part = [];
    } else {
      part.push(character);
    }
  }
  return { parts: [...parts, part.join('')] };
}

/** A part as `splitColons` reads it back. */
export function escapeColons(part: string): string {
  return part.replace(/[\\:]/g, '\\$&');
}

/** A command as LXC splits it: words between blanks, quotes of either kind keep blanks together and vanish. */
export function splitCommand(text: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quoted = '';
  for (const character of text) {
    if (character === quoted) quoted = '';
    else if (quoted === '' && (character === '"' || character === "'")) {
      quoted = character;
      word ??= '';
    } else if (quoted === '' && (character === ' ' || character === '\t')) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  return word === undefined ? found : [...found, word];
}

/** A command that is split into these words. */
export function joinCommand(command: readonly string[]): string {
  return command.map((word) => (/^[^\s"']+$/.test(word) ? word : quoteWord(word))).join(' ');
}

/** There is no escape: a word with both kinds of quotes is made of pieces. */
function quoteWord(word: string): string {
  if (!word.includes('"')) return `"${word}"`;
  return word
    .split(/("+)/)
    .filter((piece) => piece !== '')
    .map((piece) => (piece.startsWith('"') ? `'${piece}'` : `"${piece}"`))
    .join('');
}

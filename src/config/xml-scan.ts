import type { Report } from './diagnostics.js';
import { quote } from './display-text.js';

/** Where one element's markup lies in the text. */
export interface ElementSpan {
  readonly name: string;
  /** Of the start tag's `<`. */
  readonly offset: number;
  /** Behind the start tag's `>`. */
  readonly tagEnd: number;
  /** Behind the end tag's `>`. */
  readonly end: number;
}

/** The deepest nesting a configuration may have. */
export const MAX_DEPTH = 64;

/** Start of markup, up to where its name ends. */
const START_TAG = /<([\p{L}_][^\s/>"'<=!?]*)/uy;
const END_TAG = /<\/([^\s/>"'<]+)\s*>/y;
/** fast-xml-parser throws on elements of these names, so that they pollute no prototype. */
const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** Everything XML 1.0 section 2.2 does not call a character, and U+FFFD, which stands where bytes were no UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffd-\uffff]/gu;
const REFERENCE = /&(?:#x([0-9A-Fa-f]{1,8})|#([0-9]{1,8})|(amp|lt|gt|quot|apos));/y;

/**
 * Walks the markup once, left to right, and refuses what fast-xml-parser lets pass: a DOCTYPE, two roots, text outside the root,
 * undefined entities, `<` in attribute values, control characters, unclosed comments, processing instructions, deep nesting.
 * Faults go to `report`, each at its place.
 *
 * @returns the elements by the offset of their `<`, or undefined where the text cannot be followed to its end.
 */
export function scanMarkup(text: string, report: Report): Map<number, ElementSpan> | undefined {
  for (const match of text.matchAll(NOT_XML)) report.error(match.index, describeBadCharacter(match[0]));
  const spans = new Map<number, ElementSpan>();
  const open: { readonly name: string; readonly offset: number; readonly tagEnd: number }[] = [];
  let roots = 0;
  let offset = skipDeclaration(text, report);

  const fail = (at: number, message: string, hint?: string): undefined => {
    report.error(at, message, hint);
    return undefined;
  };

  while (offset < text.length) {
    const markup = text.indexOf('<', offset);
    const textEnd = markup === -1 ? text.length : markup;
    if (open.length > 0) checkText(text, offset, textEnd, report);
    else if (!checkOutside(text, offset, textEnd, report)) return undefined;
    if (markup === -1) break;

    if (text.startsWith('<!--', markup)) {
      const end = text.indexOf('--', markup + 4);
      if (end === -1) return fail(markup, "the comment is never closed with '-->'");
      if (text[end + 2] !== '>') return fail(end, "'--' inside a comment");
      offset = end + 3;
    } else if (text.startsWith('<![CDATA[', markup)) {
      const end = text.indexOf(']]>', markup);
      if (end === -1) return fail(markup, "the CDATA section is never closed with ']]>'");
      if (open.length === 0) return fail(markup, 'CDATA outside the root element');
      offset = end + 3;
    } else if (text.startsWith('<!DOCTYPE', markup)) {
      return fail(
        markup,
        'a DOCTYPE is not accepted: a configuration defines no entities and names no other files',
        'remove it',
      );
    } else if (text.startsWith('<?', markup)) {
      return fail(markup, 'processing instructions are not accepted', 'remove it');
    } else if (text.startsWith('</', markup)) {
      END_TAG.lastIndex = markup;
      const name = END_TAG.exec(text)?.[1];
      if (name === undefined) return fail(markup, "this end tag is not of the form '</name>'");
      const element = open.pop();
      if (element === undefined) return fail(markup, `the end tag </${shortName(name)}> closes nothing`);
      if (element.name !== name) {
        const opened = `<${shortName(element.name)}> of line ${report.lineOf(element.offset)}`;
        return fail(markup, `the end tag </${shortName(name)}> stands where ${opened} must be closed`);
      }
      offset = END_TAG.lastIndex;
      spans.set(element.offset, { ...element, end: offset });
    } else {
      START_TAG.lastIndex = markup;
      const name = START_TAG.exec(text)?.[1];
      if (name === undefined) return fail(markup, "'<' begins no element", "write '<' as '&lt;' in text");
      const tagEnd = findTagEnd(text, START_TAG.lastIndex, report);
      if (tagEnd === undefined) return fail(markup, `the tag of <${shortName(name)}> is never closed with '>'`);
      checkReferences(text, START_TAG.lastIndex, tagEnd, report);
      if (RESERVED.has(name)) return fail(markup, `<${name}> is not accepted as an element`);
      if (open.length === 0) {
        roots += 1;
        if (roots === 2) return fail(markup, `a second root element <${shortName(name)}>: a file holds one`);
      }
      const span = { name, offset: markup, tagEnd };
      if (text[tagEnd - 2] === '/') spans.set(markup, { ...span, end: tagEnd });
      else open.push(span);
      if (open.length > MAX_DEPTH) return fail(markup, `elements are nested deeper than ${MAX_DEPTH}`);
      offset = tagEnd;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) return fail(unclosed.offset, `<${shortName(unclosed.name)}> is never closed`);
  return roots === 1 ? spans : fail(text.length, 'the file holds no element');
}

/** The text with its references replaced: the five of XML, and characters by number. Anything else stays; `scanMarkup` reported it. */
export function decodeReferences(raw: string): string {
  if (!raw.includes('&')) return raw;
  return raw.replace(new RegExp(REFERENCE.source, 'g'), (whole, hex, decimal, name) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = Number.parseInt(hex ?? decimal, hex === undefined ? 10 : 16);
    return isXmlCharacter(code) ? String.fromCodePoint(code) : whole;
  });
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** XML 1.0 section 2.2, `Char`. */
function isXmlCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

function describeBadCharacter(character: string): string {
  if (character === '\ufffd') return 'this is not UTF-8 text';
  return `the character ${quote(character)} cannot stand in XML`;
}

/** A file's name for an element may be a megabyte long, or hold control characters; a message's may not. */
function shortName(name: string): string {
  return quote(name).slice(1, -1);
}

function skipDeclaration(text: string, report: Report): number {
  const declaration = /^<\?xml\s[^?]*\?>/.exec(text)?.[0];
  if (declaration === undefined) return 0;
  const encoding = /\sencoding\s*=\s*["']([^"']*)/.exec(declaration);
  if (encoding !== null && !/^(utf-?8|us-ascii)$/i.test(encoding[1] ?? '')) {
    report.error(
      encoding.index + 1,
      `encoding ${quote(encoding[1] ?? '')} is not supported`,
      'convert the file to UTF-8',
    );
  }
  return declaration.length;
}

function checkText(text: string, from: number, to: number, report: Report): void {
  checkReferences(text, from, to, report);
  for (let at = find(text, ']]>', from, to); at !== -1; at = find(text, ']]>', at + 3, to)) {
    report.error(at, "']]>' cannot stand in text", "write it as ']]&gt;'");
  }
}

function checkOutside(text: string, from: number, to: number, report: Report): boolean {
  const stray = text.slice(from, to).search(/\S/);
  if (stray === -1) return true;
  report.error(from + stray, 'text outside the root element');
  return false;
}

function checkReferences(text: string, from: number, to: number, report: Report): void {
  for (let at = find(text, '&', from, to); at !== -1; at = find(text, '&', at + 1, to)) {
    REFERENCE.lastIndex = at;
    const match = REFERENCE.exec(text);
    if (match === null) {
      const name = /&[\w.:#-]{0,40};/y;
      name.lastIndex = at;
      const entity = name.exec(text)?.[0];
      if (entity === undefined) report.error(at, "'&' begins no entity", "write '&' as '&amp;'");
      else
        report.error(
          at,
          `undefined entity ${quote(entity)}`,
          'only &amp; &lt; &gt; &quot; &apos; and characters by number are defined',
        );
    } else if (match[3] === undefined && decodeReferences(match[0]) === match[0]) {
      report.error(at, `${quote(match[0])} is no character of XML`);
    }
  }
}

/** `indexOf` below `to`. The slice keeps the whole scan linear: a bare indexOf would look to the end of the file each time. */
function find(text: string, wanted: string, from: number, to: number): number {
  const at = text.slice(from, to).indexOf(wanted);
  return at === -1 ? -1 : from + at;
}

/** Behind the `>` that ends a start tag: one outside quotes. */
function findTagEnd(text: string, from: number, report: Report): number | undefined {
  let quoteMark = '';
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (quoteMark !== '') {
      if (character === quoteMark) quoteMark = '';
      else if (character === '<') report.error(at, "'<' in an attribute value", "write it as '&lt;'");
    } else if (character === '"' || character === "'") quoteMark = character;
    else if (character === '>') return at + 1;
    else if (character === '<') return undefined;
  }
  return undefined;
}

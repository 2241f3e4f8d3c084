import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Report } from './diagnostics.js';
import { quote } from './display-text.js';
import { readDeclarations, readWrittenAttributes, resolveAttributes, resolveName } from './xml-attributes.js';
import type { XmlElement } from './xml-element.js';
import { decodeReferences, type ElementSpan, MAX_DEPTH, scanMarkup } from './xml-scan.js';

/** Longer files are refused: a container's definition has a few KiB. */
const MAX_BYTES = 1024 * 1024;
/** In scope at one element: each element with a declaration copies them. */
const MAX_PREFIXES = 64;

/** Line ends as XML 1.0 section 2.11 wants them, without the byte order mark. All offsets are into this form of the text. */
export function normalizeXmlText(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
}

/**
 * Reads a text (already normalized) into its root element. fast-xml-parser judges names and attribute syntax and builds the tree;
 * it accepts what must be refused and knows no place of an attribute, so `scanMarkup` goes before it and its elements are
 * joined with the scanned ones by their offset.
 *
 * @returns undefined when the text is no XML; the faults are in `report` then. Some faults leave a document.
 */
export function readXmlDocument(text: string, report: Report): XmlElement | undefined {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    report.error(0, `the file is longer than ${MAX_BYTES / 1024} KiB`);
    return undefined;
  }
  const spans = scanMarkup(text, report);
  if (spans === undefined || !checkSyntax(text, report)) return undefined;
  const root = parseNodes(text, report).find((node) => elementName(node) !== undefined);
  const join = { text, report, spans, joined: 0 };
  const element = root === undefined ? undefined : joinElement(root, join, XML_PREFIXES);
  if (element !== undefined && join.joined === spans.size) return element;
  if (!report.hasErrors()) report.error(0, 'the structure of this XML is ambiguous');
  return undefined;
}

const XML_PREFIXES: ReadonlyMap<string, string> = new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]);

function checkSyntax(text: string, report: Report): boolean {
  // References were judged by the scan, all of them; the validator would stop at the first
  const result = XMLValidator.validate(text.replaceAll('&', ' '));
  if (result === true) return true;
  const { msg, line, col } = result.err;
  const lineStart = nthLineStart(text, line ?? 1);
  const reason = msg.replace(/\.$/, '').replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  report.error(lineStart + Math.max(0, (col ?? 1) - 1), `malformed XML: ${quoteRest(reason)}`);
  return false;
}

/** The library's messages repeat names from the file, unbounded. */
function quoteRest(reason: string): string {
  return quote(reason.slice(0, 200)).slice(1, -1);
}

function nthLineStart(text: string, line: number): number {
  let start = 0;
  for (let count = 1; count < line; count += 1) start = text.indexOf('\n', start) + 1;
  return start;
}

/** fast-xml-parser's node: one key names it, `:@` holds attributes. */
type ParsedNode = Readonly<Record<string, unknown>>;

function parseNodes(text: string, report: Report): readonly ParsedNode[] {
  const parser = new XMLParser({
    preserveOrder: true,
    captureMetaData: true,
    ignoreAttributes: true,
    trimValues: false,
    parseTagValue: false,
    processEntities: false,
    ignoreDeclaration: true,
    commentPropName: '#comment',
    cdataPropName: '#cdata',
    maxNestedTags: MAX_DEPTH + 1,
    // The default renames elements like <toString>. They are array members here, never keys of a lookup, and unknown anyway.
    onDangerousProperty: (name: string) => name,
  });
  try {
    return parser.parse(text);
  } catch (error) {
    report.error(0, `malformed XML: ${quoteRest(String(error))}`);
    return [];
  }
}

const METADATA = XMLParser.getMetaDataSymbol() as symbol;

function elementName(node: ParsedNode): string | undefined {
  for (const key in node) if (key !== ':@' && !key.startsWith('#') && !key.startsWith('?')) return key;
  return undefined;
}

interface Join {
  readonly text: string;
  readonly report: Report;
  readonly spans: ReadonlyMap<number, ElementSpan>;
  /** Elements joined so far: each scanned one must be met once. */
  joined: number;
}

function joinElement(node: ParsedNode, join: Join, outer: ReadonlyMap<string, string>): XmlElement | undefined {
  const parsedName = elementName(node);
  const metadata = (node as Readonly<Record<symbol, { readonly startIndex?: number } | undefined>>)[METADATA];
  const span = join.spans.get(metadata?.startIndex ?? -1);
  if (parsedName === undefined || span === undefined || span.name !== parsedName) return undefined;
  join.joined += 1;

  const written = readWrittenAttributes(join.text, span);
  if (written === undefined) return undefined;
  const declared = readDeclarations(written);
  const prefixes = declared.size === 0 ? outer : new Map([...outer, ...declared]);
  if (prefixes.size > MAX_PREFIXES) {
    join.report.error(span.offset, `more than ${MAX_PREFIXES} namespace prefixes are declared here`);
    return undefined;
  }
  const content = node[parsedName] as readonly ParsedNode[];
  const text = content.map((child) => directText(child)).join('');
  const gap = join.text.slice(span.tagEnd, span.end).search(/\S/);
  const { name, namespace } = resolveName(span.name, span.offset + 1, prefixes, true, join.report);
  // No spread here: it makes a slow object, and there may be many
  return {
    name,
    namespace,
    attributes: resolveAttributes(written, prefixes, join.report),
    children: content.flatMap((child) =>
      elementName(child) === undefined ? [] : (joinElement(child, join, prefixes) ?? []),
    ),
    text,
    offset: span.offset,
    textOffset: text.trim() === '' ? span.tagEnd : span.tagEnd + gap,
    source: join.text.slice(span.offset, span.end),
    inherited: outer,
    declared: [...declared.keys()],
  };
}

function directText(node: ParsedNode): string {
  if (typeof node['#text'] === 'string') return decodeReferences(node['#text']);
  const sections = node['#cdata'] as readonly ParsedNode[] | undefined;
  return sections?.map((section) => section['#text'] as string).join('') ?? '';
}

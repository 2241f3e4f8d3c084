import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { createReport } from '../../../src/config/diagnostics.js';
import { normalizeXmlText, readXmlDocument } from '../../../src/config/xml-document.js';
import type { XmlElement } from '../../../src/config/xml-element.js';

interface Outcome {
  readonly root?: XmlElement;
  readonly faults: readonly string[];
}

function read(text: string): Outcome {
  const normalized = normalizeXmlText(text);
  const report = createReport('a.xml', normalized);
  const root = readXmlDocument(normalized, report);
  const faults = report.diagnostics().map(({ line, column, message }) => `${line}:${column} ${message}`);
  return root === undefined ? { faults } : { root, faults };
}

function root(text: string): XmlElement {
  const outcome = read(text);
  if (outcome.root === undefined || outcome.faults.length > 0) throw new Error(outcome.faults.join('\n'));
  return outcome.root;
}

test('attributes have their values and places', () => {
  const text = `<a one='1'\n   two = "2>3"/>`;
  const [one, two] = root(text).attributes;
  expect(one).toEqual({ name: 'one', value: '1', offset: 3, valueOffset: 8 });
  expect(two).toEqual({ name: 'two', value: '2>3', offset: text.indexOf('two'), valueOffset: text.indexOf('2>3') });
});

test('the text of an element is what is directly inside, with references and CDATA resolved', () => {
  const element = root('<a>x &lt;<b>inner</b><!-- no -->&#65;&#x1F600;<![CDATA[<&amp;]]></a>');
  expect(element.text).toBe('x <A😀<&amp;');
  expect(element.children.map(({ name, text }) => [name, text])).toEqual([['b', 'inner']]);
});

test('white space in attributes becomes spaces unless written by reference', () => {
  expect(root("<a b='x\n\ty&#10;z'/>").attributes[0]?.value).toBe('x  y\nz');
});

test('a place in the text is the first character that counts', () => {
  const text = '<a>\n  <b>\n  12</b></a>';
  expect(root(text).children[0]?.textOffset).toBe(text.indexOf('12'));
});

test('line ends of other systems and a byte order mark change nothing', () => {
  expect(root('\ufeff<a>\r\n<b/>\r</a>').children[0]?.offset).toBe(4);
});

test('prefixes are resolved to their namespaces, also when declared again', () => {
  const element = root("<a xmlns:p='one' p:k='v'><p:b/><p:b xmlns:p='two'/><c xmlns='three'><d/></c></a>");
  expect(element.attributes).toMatchObject([{ name: 'k', namespace: 'one' }]);
  const [first, second, third] = element.children;
  expect([first?.namespace, second?.namespace, third?.namespace, third?.children[0]?.namespace]).toEqual([
    'one',
    'two',
    'three',
    'three',
  ]);
});

test.each([
  ['', '1:1 the file holds no element'],
  [' \n ', '2:2 the file holds no element'],
  ['<a/><b/>', '1:5 a second root element <b>: a file holds one'],
  ['<a/>x', '1:5 text outside the root element'],
  ['x<a/>', '1:1 text outside the root element'],
  ['<a>', '1:1 <a> is never closed'],
  ['<a><b></a>', '1:7 the end tag </a> stands where <b> of line 1 must be closed'],
  ['</a>', '1:1 the end tag </a> closes nothing'],
  ['<a></a', "1:4 this end tag is not of the form '</name>'"],
  ['<a', "1:1 the tag of <a> is never closed with '>'"],
  ["<a b='>", "1:1 the tag of <a> is never closed with '>'"],
  ['<a><b <c/></a>', "1:4 the tag of <b> is never closed with '>'"],
  ['<a b=1/>', "1:4 malformed XML: attribute 'b' is without value"],
  ["<a b='1' b='2'/>", "1:10 malformed XML: attribute 'b' is repeated"],
  ["<a b='1'c='2'/>", "1:9 malformed XML: attribute 'c' has no space in starting"],
  ['<a>1 < 2</a>', "1:6 '<' begins no element"],
  ['<1/>', "1:1 '<' begins no element"],
  ['<a><!-- </a>', "1:4 the comment is never closed with '-->'"],
  ['<a/><!-- ', "1:5 the comment is never closed with '-->'"],
  ['<a><!-- -- --></a>', "1:9 '--' inside a comment"],
  ['<a><![CDATA[</a>', "1:4 the CDATA section is never closed with ']]>'"],
  ['<![CDATA[x]]><a/>', '1:1 CDATA outside the root element'],
  ['<a><?php x?></a>', '1:4 processing instructions are not accepted'],
  ['<a><!ELEMENT b></a>', "1:4 '<' begins no element"],
  [
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    '1:1 a DOCTYPE is not accepted: a configuration defines no entities and names no other files',
  ],
  ['<__proto__/>', '1:1 <__proto__> is not accepted as an element'],
  ['<a><constructor/></a>', '1:4 <constructor> is not accepted as an element'],
])('%j is refused: %s', (text, fault) => {
  const outcome = read(text);
  expect(outcome).toEqual({ faults: [fault] });
});

test.each([
  ['<a>&nosuch;</a>', "1:4 undefined entity '&nosuch;'"],
  ['<a>a & b</a>', "1:6 '&' begins no entity"],
  ['<a>&#0;</a>', "1:4 '&#0;' is no character of XML"],
  ['<a>&#xD800;</a>', "1:4 '&#xD800;' is no character of XML"],
  ["<a b='&nosuch;'/>", "1:7 undefined entity '&nosuch;'"],
  ["<a b='<'/>", "1:7 '<' in an attribute value"],
  ['<a>]]></a>', "1:4 ']]>' cannot stand in text"],
  ['<a>\0</a>', String.raw`1:4 the character '\x00' cannot stand in XML`],
  ['<a>\ufffd</a>', '1:4 this is not UTF-8 text'],
  ["<?xml version='1.0' encoding='latin1'?><a/>", "1:21 encoding 'latin1' is not supported"],
  ['<a><p:b/></a>', "1:5 the prefix 'p' is declared nowhere"],
])('%j is a fault, and reading goes on: %s', (text, fault) => {
  const outcome = read(text);
  expect(outcome.faults).toEqual([fault]);
  expect(outcome.root?.name).toBe('a');
});

test('names of object properties are ordinary names', () => {
  const element = root("<a __proto__='1' constructor='2'><toString/><hasOwnProperty/></a>");
  expect(element.attributes.map(({ name }) => name)).toEqual(['__proto__', 'constructor']);
  expect(element.children.map(({ name }) => name)).toEqual(['toString', 'hasOwnProperty']);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test('64 levels are read, 65 are refused', () => {
  const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  expect(read(nested(64)).faults).toEqual([]);
  expect(read(nested(65)).faults).toEqual(['1:193 elements are nested deeper than 64']);
  expect(read('<a>'.repeat(300_000)).faults).toEqual(['1:193 elements are nested deeper than 64']);
});

test('a text of more than 1 MiB is refused, counted in bytes', () => {
  expect(read(`<a>${'x'.repeat(2 ** 21)}</a>`).faults).toEqual(['1:1 the file is longer than 1024 KiB']);
  expect(read(`<a>${'é'.repeat(2 ** 19)}</a>`).faults).toEqual(['1:1 the file is longer than 1024 KiB']);
  expect(read(`<a>${'x'.repeat(2 ** 20 - 7)}</a>`).faults).toEqual([]);
});

test('namespace declarations are bounded', () => {
  const many = Array.from({ length: 100 }, (_, index) => ` xmlns:p${index}='u'`).join('');
  expect(read(`<a${many}/>`).faults).toEqual(['1:1 more than 64 namespace prefixes are declared here']);
});

const markup = fc.array(
  fc.constantFrom(
    '<',
    '>',
    '</',
    '/>',
    '<a',
    '<b>',
    '</a>',
    '</b>',
    " x='",
    "'",
    '"',
    '=',
    '&',
    '&lt;',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
    '\n',
    ' ',
    'é',
    '\0',
    '<!DOCTYPE',
  ),
  { maxLength: 40 },
);

test('any text gives an element or a fault, and never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        markup.map((parts) => parts.join('')),
        fc.string({ unit: 'binary' }),
      ),
      (text) => {
        const outcome = read(text);
        expect(outcome.root !== undefined || outcome.faults.length > 0).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});

test('a text that is accepted holds the elements that fast-xml-parser finds in it', () => {
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('text', ' ', '<!-- c -->', '<![CDATA[<z>]]>', '&amp;', "<e x='>'/>", '<f/>'),
      fc
        .tuple(fc.constantFrom('a', 'b'), fc.array(tie('tree'), { maxLength: 4 }))
        .map(([name, parts]) => `<${name}>${parts.join('')}</${name}>`),
    ),
  }));
  const names = (element: XmlElement): string[] => [element.name, ...element.children.flatMap(names)];
  const parser = new XMLParser({ preserveOrder: true });
  const parsedNames = (nodes: readonly Record<string, unknown>[]): string[] =>
    nodes.flatMap((node) =>
      Object.keys(node)
        .filter((key) => !key.startsWith('#') && key !== ':@')
        .flatMap((key) => [key, ...parsedNames(node[key] as Record<string, unknown>[])]),
    );
  fc.assert(
    fc.property(tree, (inner) => {
      const text = `<r>${inner}</r>`;
      expect(names(root(text))).toEqual(parsedNames(parser.parse(text)));
    }),
  );
});

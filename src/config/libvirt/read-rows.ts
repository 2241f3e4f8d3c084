import type { Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import { nearestName } from '../nearest-name.js';
import type { XmlElement } from '../xml-element.js';
import { type DomainElement, type DomainNode, isElement } from './domain-element.js';
import { keepElement, rawElement } from './keep-element.js';
import { readAttributes, readText } from './read-values.js';
import { type ElementRow, hasShape, type Shape, type Variants, type Written } from './rows.js';

/** What the reading of one text needs and leaves. */
export interface RowReading {
  readonly report: Report;
  /** The element as written of each element that was read, so that later rules can point at a place. */
  readonly origins: Map<DomainElement, XmlElement>;
  /** Where an element is at home, for one that stands in the wrong place. */
  readonly homes: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads one element by its row into canonical form; every fault in it goes to the report.
 *
 * @returns undefined when the element vanishes (live state, or nothing inside)
 */
export function readElement(source: XmlElement, row: ElementRow, reading: RowReading): DomainElement | undefined {
  const { report } = reading;
  let faults = 0;
  const counting: RowReading = {
    ...reading,
    report: {
      ...report,
      error: (...fault) => {
        faults += 1;
        report.error(...fault);
      },
    },
  };

  const shape = row.variants === undefined ? row : chooseShape(source, row, row.variants, counting.report);
  if (shape === undefined) return undefined;
  const attributes = readAttributes(source, [...new Set([...row.attributes, ...shape.attributes])], counting.report);
  const children = readChildren(source, row, [...new Set([...row.children, ...shape.children])], counting);
  const text = readText(source, row, counting.report);
  const name = row.prefix === undefined ? row.name : `${row.prefix}:${row.name}`;
  const read: DomainElement = { name, attributes, children, ...(text === undefined ? {} : { text }) };

  const finished =
    faults === 0 && row.finish !== undefined ? row.finish(read, writtenOf(source, counting.report)) : read;
  if (finished === undefined) return undefined;
  if (row.dropEmpty && faults === 0 && finished.children.length === 0 && finished.attributes.size === 0)
    return undefined;
  reading.origins.set(finished, source);
  return finished;
}

function writtenOf(element: XmlElement, report: Report): Written {
  return {
    element,
    report,
    attributeOffset: (name) =>
      element.attributes.find((attribute) => attribute.name === name)?.valueOffset ?? element.offset,
  };
}

function chooseShape(source: XmlElement, row: ElementRow, variants: Variants, report: Report): Shape | undefined {
  const written = source.attributes.find(
    ({ name, namespace }) => name === variants.attribute && namespace === undefined,
  );
  const value = written?.value ?? variants.byDefault;
  if (value === undefined) {
    report.error(source.offset, `<${row.name}> needs the attribute '${variants.attribute}'`);
    return undefined;
  }
  const offset = written?.valueOffset ?? source.offset;
  const shape = Object.hasOwn(variants.shapes, value) ? variants.shapes[value] : undefined;
  if (shape !== undefined) return shape;
  const near = nearestName(value, Object.keys(variants.shapes));
  const hint =
    near === undefined ? `known here: ${Object.keys(variants.shapes).join(', ')}` : `did you mean '${near}'?`;
  report.error(offset, `unknown ${variants.attribute} ${quote(value)} of <${row.name}>`, hint);
  return undefined;
}

function readChildren(
  source: XmlElement,
  parent: ElementRow,
  rows: readonly ElementRow[],
  reading: RowReading,
): readonly DomainNode[] {
  const { report } = reading;
  const found: { readonly order: number; readonly node: DomainNode }[] = [];
  const first = new Map<ElementRow, XmlElement>();
  for (const child of source.children) {
    const row = rows.find(({ name, namespace }) => name === child.name && namespace === child.namespace);
    const earlier = row === undefined ? undefined : first.get(row);
    if (row === undefined) {
      if (parent.foreign && isForeign(child, rows)) found.push({ order: 0, node: rawElement(child) });
      else reportUnknownElement(child, source, rows, reading);
      continue;
    }
    if (earlier !== undefined && !row.many) {
      report.error(
        child.offset,
        `a second <${child.name}> in <${source.name}>: the first is in line ${report.lineOf(earlier.offset)}`,
      );
      continue;
    }
    first.set(row, child);
    const node = readByStanding(child, row, reading);
    if (node !== undefined) found.push({ order: parent.foreign ? 0 : rows.indexOf(row), node });
  }
  for (const row of rows) {
    if (first.has(row)) continue;
    if (row.required) report.error(source.offset, `<${source.name}> needs <${row.name}>`);
    else if (row.byDefault !== undefined) found.push({ order: rows.indexOf(row), node: defaultElement(row) });
  }
  return found.toSorted((a, b) => a.order - b.order).map(({ node }) => node);
}

function isForeign({ namespace }: XmlElement, rows: readonly ElementRow[]): boolean {
  return namespace !== undefined && !rows.some((row) => row.namespace === namespace);
}

function readByStanding(child: XmlElement, row: ElementRow, reading: RowReading): DomainNode | undefined {
  const { report } = reading;
  if (row.standing === 'live') {
    report.warning(child.offset, `<${child.name}> is dropped: ${row.about}`);
    return undefined;
  }
  if (row.standing === 'ignored')
    report.warning(child.offset, `<${child.name}> has no effect in a container; it is kept`);
  if (row.standing === 'used' || hasShape(row)) return readElement(child, row, reading);
  const node = keepElement(child);
  if (isElement(node)) reading.origins.set(node, child);
  return node;
}

function defaultElement(row: ElementRow): DomainElement {
  const attributes = row.attributes.flatMap(({ name, byDefault }): [string, string][] =>
    byDefault === undefined ? [] : [[name, byDefault]],
  );
  const children = row.children.filter((child) => child.byDefault !== undefined).map((child) => defaultElement(child));
  const element = { name: row.name, attributes: new Map(attributes), children };
  return row.text === undefined ? element : { ...element, text: row.byDefault ?? '' };
}

function reportUnknownElement(
  child: XmlElement,
  parent: XmlElement,
  rows: readonly ElementRow[],
  { report, homes }: RowReading,
): void {
  if (report.isFull()) return;
  const message = `unknown element <${quote(child.name).slice(1, -1)}> in <${parent.name}>`;
  const home =
    child.namespace === undefined
      ? homes
          .get(child.name)
          ?.map((name) => `<${name}>`)
          .join(' or ')
      : undefined;
  const near = nearestName(
    child.name,
    rows.map(({ name }) => name),
  );
  let hint: string | undefined;
  if (home !== undefined) hint = `<${child.name}> belongs in ${home}`;
  else if (near !== undefined)
    hint = near === child.name ? `<${near}> takes another namespace here` : `did you mean <${near}>?`;
  report.error(child.offset, message, hint);
}

import type { Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import { nearestName } from '../nearest-name.js';
import type { XmlAttribute, XmlElement } from '../xml-element.js';
import type { AttributeRow, ElementRow } from './rows.js';

/** Reads an element's attributes by their rows, in the rows' order and with their defaults; faults go to the report. */
export function readAttributes(
  source: XmlElement,
  rows: readonly AttributeRow[],
  report: Report,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const written of source.attributes) {
    const row = written.namespace === undefined ? rows.find(({ name }) => name === written.name) : undefined;
    if (row === undefined) reportUnknownAttribute(source, written, rows, report);
    else readAttribute(source, written, row, values, report);
  }
  for (const row of rows) {
    if (source.attributes.some(({ name, namespace }) => name === row.name && namespace === undefined)) continue;
    if (row.required) report.error(source.offset, `<${source.name}> needs the attribute '${row.name}'`);
    else if (row.byDefault !== undefined) values.set(row.name, row.byDefault);
  }
  const order = rows.map(({ name }) => name);
  return new Map([...values].toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
}

function readAttribute(
  source: XmlElement,
  written: XmlAttribute,
  row: AttributeRow,
  values: Map<string, string>,
  report: Report,
): void {
  const what = `attribute '${row.name}' of <${source.name}>`;
  if (row.standing === 'live') {
    report.warning(written.offset, `${what} is dropped: ${row.about}`);
  } else {
    if (row.standing === 'ignored') report.warning(written.offset, `${what} has no effect in a container; it is kept`);
    const canonical = readValue(written.value, written.valueOffset, what, row, report);
    if (canonical !== undefined) values.set(row.name, canonical);
  }
}

function readValue(
  value: string,
  offset: number,
  what: string,
  { type }: Pick<AttributeRow, 'type'>,
  report: Report,
): string | undefined {
  const reading = type.read(value);
  if (reading.ok) {
    if (reading.warning !== undefined) report.warning(offset, `${what} is ${quote(value)}: ${reading.warning}`);
    return reading.canonical;
  }
  report.error(offset, `${what} ${reading.reason ?? `must be ${type.label}, not ${quote(value)}`}`, reading.hint);
  return undefined;
}

function reportUnknownAttribute(
  source: XmlElement,
  written: XmlAttribute,
  rows: readonly AttributeRow[],
  report: Report,
): void {
  if (report.isFull()) return;
  const near = nearestName(
    written.name,
    rows.map(({ name }) => name),
  );
  const message = `unknown attribute ${quote(written.name)} of <${source.name}>`;
  report.error(written.offset, message, near === undefined ? undefined : `did you mean '${near}'?`);
}

/** Reads an element's text by its row; text where the row has none is a fault. */
export function readText(source: XmlElement, row: ElementRow, report: Report): string | undefined {
  if (row.text !== undefined)
    return readValue(source.text, source.textOffset, `<${source.name}>`, { type: row.text }, report);
  const stray = source.text.trim();
  if (stray !== '') report.error(source.offset, `<${source.name}> takes no text, but holds ${quote(stray)}`);
  return undefined;
}

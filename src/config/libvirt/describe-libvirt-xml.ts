import { describeFates } from './describe-fates.js';
import { domainRow } from './domain-rows.js';
import type { AttributeRow, ElementRow, Variants } from './rows.js';

const HEAD = `# libvirt's domain XML

<!-- Generated from the tables in src/config/libvirt/ by \`npm run generate\`. Do not edit. -->

\`ctr\` reads libvirt's \`<domain type='lxc'>\` and prints it back in libvirt's canonical form. Every element and attribute it
knows is on this page; any other is an error, with its line, its column and the nearest known name. All faults of a file are
reported together. The text is UTF-8 of at most 1 MiB, nested at most 64 deep, without DOCTYPE and processing instructions.

An element stands at most once, unless it is marked with "…". An attribute is written as \`element@attribute\`. Defaults are
printed, too. Sizes are kept in KiB, rounded up; their unit is one of b, KiB, MiB, GiB, TiB, PiB, EiB (or k, M, G, T, P, E; steps
of 1024) or KB, MB, GB, TB, PB, EB (steps of 1000), in any case.

## What ctr acts on
`;

/** Elements with a table of their own. */
const SECTIONS: ReadonlySet<string> = new Set(
  'container init process seccomp hooks os features clock disk filesystem interface console hostdev'.split(' '),
);

/** The reference page of this format, in Markdown, made from the same tables that the reader goes by. */
export function describeLibvirtXml(): string {
  return `${[HEAD, ...describeSection(domainRow, 'domain'), ...describeFates()].join('\n').trimEnd()}\n`;
}

interface Line {
  readonly cells: readonly string[];
}

/** A row as a table, and those below it that have tables of their own. */
export function describeSection(row: ElementRow, path: string): string[] {
  const later: { readonly row: ElementRow; readonly path: string }[] = [];
  const lines = linesOf(row, '', (section, at) => later.push({ row: section, path: `${path}/${at}` }));
  const section = `### \`${path}\`\n\n${sentence(row.about)}\n\n${formatTable(lines)}\n`;
  const variants = row.variants === undefined ? [] : describeVariants(row, row.variants);
  return [section, ...variants, ...later.flatMap((place) => describeSection(place.row, place.path))];
}

function formatTable(lines: readonly Line[]): string {
  const rows = lines.map(({ cells }) => `| ${cells.join(' | ')} |`);
  return ['| | value | default | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** What all variants share is in the element's own table. */
function describeVariants(row: ElementRow, variants: Variants): string[] {
  const shapes = Object.entries(variants.shapes).filter(([, { refusal }]) => refusal === undefined);
  const { variants: _, ...plain } = row;
  const shared = sharedChildren(row);
  return shapes.map(([value, shape]) => {
    const children = shape.children.filter((child) => !shared.includes(child));
    const own = { ...plain, attributes: shape.attributes, children };
    const lines = linesOf(own, '', () => undefined);
    const table = lines.length === 0 ? '' : `${formatTable(lines)}\n`;
    return `With \`${variants.attribute}='${value}'\`: ${shape.about}.\n\n${table}`;
  });
}

function sharedChildren(row: ElementRow): readonly ElementRow[] {
  const shapes = Object.values(row.variants?.shapes ?? {});
  const [first, ...others] = shapes.filter(({ refusal }) => refusal === undefined);
  return first?.children.filter((child) => others.every(({ children }) => children.includes(child))) ?? [];
}

function linesOf(row: ElementRow, path: string, defer: (section: ElementRow, at: string) => void): Line[] {
  const attributes = row.attributes
    .filter(({ standing }) => standing === 'used')
    .map((attribute) => attributeLine(path, attribute));
  const used = [...row.children, ...sharedChildren(row)].filter(({ standing }) => standing === 'used');
  if (
    used.length > 1 &&
    used.every((child) => child.attributes.length > 0 && child.attributes === used[0]?.attributes)
  ) {
    return [...attributes, ...alikeLines(used, path)];
  }
  const children = used.flatMap((child) => {
    const at = `${path}${path === '' ? '' : '/'}${nameOf(child)}`;
    if (!SECTIONS.has(child.name) || child.text !== undefined)
      return [elementLine(at, child), ...linesOf(child, at, defer)];
    defer(child, at);
    return [elementLine(at, child, 'see below')];
  });
  return [...attributes, ...children];
}

/** Many elements with the same attributes: the capabilities. */
function alikeLines(rows: readonly ElementRow[], path: string): Line[] {
  const names = rows.map(({ name }) => `\`${name}\``).join(', ');
  const any = `${path}/NAME`;
  const first = { cells: [`\`${any}\``, `NAME is one of ${names}`, '', 'the capability of that name'] };
  return [first, ...(rows[0]?.attributes ?? []).map((attribute) => attributeLine(any, attribute))];
}

function nameOf({ name, prefix }: ElementRow): string {
  return prefix === undefined ? name : `${prefix}:${name}`;
}

function attributeLine(path: string, { name, type, required, byDefault, about }: AttributeRow): Line {
  return line(`\`${path}@${name}\``, type.label, required, byDefault, about);
}

function elementLine(path: string, row: ElementRow, remark?: string): Line {
  const byDefault = row.byDefault === '' ? undefined : row.byDefault;
  return line(
    `\`${path}\`${row.many ? ' …' : ''}`,
    row.text?.label ?? '',
    row.required,
    byDefault,
    remark ?? row.about,
  );
}

function line(name: string, label: string, required: boolean, byDefault: string | undefined, about: string): Line {
  const fallback = byDefault === undefined ? '' : `\`${byDefault}\``;
  return { cells: [name, label, required ? 'required' : fallback, about].map((cell) => cell.replaceAll('|', '\\|')) };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

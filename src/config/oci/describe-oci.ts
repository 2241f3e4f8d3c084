import type { AnyShape, Field, Standing } from '../json/shape.js';
import { configShape } from './config-shape.js';

const HEAD = `# The OCI runtime specification's config.json

<!-- Generated from the tables in src/config/oci/ by \`npm run generate\`. Do not edit. -->

\`ctr\` reads the \`config.json\` of an OCI bundle, versions 1.0 to 1.2 of the specification, and prints it. Another major version is an
error. Every property it knows is on this page; any other is ignored with a warning, as the specification wants it. A value of a
wrong type or out of its range is an error, with its line and column; all faults of a file are reported together. The text is
JSON of at most 1 MiB, nested at most 64 deep; a name that stands twice in an object is an error, \`null\` is as if nothing stood
there.

The bundle's directory gives the container's name and is where relative paths start. What a file leaves out means what the
specification says: a kind of namespace that is not listed is the host's, no mount is made that is not listed, no capability is
there. With one exception: without \`linux.seccomp\` the container has ctr's own filter of system calls.

What no start can give is not dropped in silence: the file is read, with a warning, and a start refuses. Such are a namespace by a
path that is not absolute, the host's mount namespace, id maps without a user namespace, devices outside /dev, a sysctl that belongs to no
namespace of the container, procfs, sysfs and cgroups mounted anywhere but at /proc, /sys and /sys/fs/cgroup, and what the last
table lists.

Of \`mounts\`, ctr makes /proc, /sys, /sys/fs/cgroup, /dev (tmpfs) and /dev/pts itself, in its own way; there options other than \`ro\` and the
size of /dev have no effect. \`ro\` of an \`rbind\` is of all that is mounted below, as \`rro\`. Hooks are told the state on stdin.
Names in \`[]\` are of each entry of a list.
`;

/** Parts with a table of their own. */
const SECTIONS = ['', 'process', 'mounts[]', 'linux', 'linux.resources', 'linux.seccomp'];

const ASIDE: Readonly<Record<Exclude<Standing, 'used'>, string>> = {
  kept: 'Without effect: kept, printed back, warned about. In lists they are not kept.',
  refused: 'Kept, too; a start refuses them.',
};

/** The reference page of this format, in Markdown, made from the same table that the reader goes by. */
export function describeOci(): string {
  const properties = listProperties(configShape, '');
  const sections = SECTIONS.map((section) => describeSection(section, properties));
  const aside = (['kept', 'refused'] as const).map((standing) => describeAside(standing, properties));
  return `${[HEAD, ...sections, '## Not acted on\n', ...aside].join('\n').trimEnd()}\n`;
}

interface Property {
  readonly path: string;
  readonly field: Field;
}

/** Every property, each before what is in it. What stands elsewhere already is only named. */
function listProperties({ inside, schema }: AnyShape, path: string, seen = new Map<unknown, string>()): Property[] {
  if (inside === undefined) return [];
  if (isShape(inside)) return listProperties(inside, `${path}${schema.type === 'array' ? '[]' : '.NAME'}`, seen);
  seen.set(inside, path);
  return Object.entries(inside).flatMap(([name, field]) => {
    const own = path === '' ? name : `${path}.${name}`;
    const parts = partsOf(field.shape);
    const before = parts === undefined ? undefined : seen.get(parts);
    if (before !== undefined) return [{ path: own, field: { ...field, about: `${field.about}; as \`${before}\`` } }];
    return [{ path: own, field }, ...listProperties(field.shape, own, seen)];
  });
}

/** The table of what is in a shape, or in its lists. */
function partsOf({ inside }: AnyShape): unknown {
  return inside !== undefined && isShape(inside) ? partsOf(inside) : inside;
}

function isShape(inside: NonNullable<AnyShape['inside']>): inside is AnyShape {
  return typeof inside.read === 'function';
}

/** Of sections inside each other the innermost has the property. */
function sectionOf(path: string): string {
  return SECTIONS.findLast((section) => section === '' || path.startsWith(`${section}.`)) ?? '';
}

function describeSection(section: string, properties: readonly Property[]): string {
  const own = properties.filter(({ path, field }) => field.standing === 'used' && sectionOf(path) === section);
  const rows = own.map(({ path, field }) => {
    const name = section === '' ? path : path.slice(section.length + 1);
    const isBelow = SECTIONS.some((other) => other === path || other === `${path}[]`);
    const about = isBelow ? `${field.about}: see below` : field.about;
    return row(`\`${name}\``, labelOf(field.shape), field.required ? 'required' : '', field.needs ?? '', about);
  });
  const title = section === '' ? '## The whole' : `## \`${section}\``;
  return [`${title}\n`, '| | value | | needs | |', '| --- | --- | --- | --- | --- |', ...rows, ''].join('\n');
}

/** Of what has parts, the parts have labels. */
function labelOf({ label, inside, schema }: AnyShape): string {
  if (inside === undefined) return label;
  if (!isShape(inside)) return '';
  return inside.inside === undefined ? label : schema.type === 'array' ? 'a list' : 'an object';
}

function describeAside(standing: Exclude<Standing, 'used'>, properties: readonly Property[]): string {
  const rows = properties
    .filter(({ field }) => field.standing === standing)
    .map(({ path, field }) => row(`\`${path}\``, field.about));
  return [`${ASIDE[standing]}\n`, '| | |', '| --- | --- |', ...rows, ''].join('\n');
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

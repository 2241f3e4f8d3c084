/** The reference of the settings file. Pure. */
import { SETTINGS, type SettingRow } from './settings-rows.js';

/** The whole page docs/reference/settings.md. */
export function describeSettings(): string {
  const rows: readonly SettingRow[] = Object.values(SETTINGS);
  const sections = [...new Set(rows.map(({ section }) => section))];
  return `# Settings of a host

<!-- Generated from the table in src/system/settings-rows.ts by \`npm run generate\`. Do not edit. -->

\`/etc/ctr/ctr.conf\`, or the file that \`CTR_CONFIG\` names, has ctr's own settings. Everything in it is optional, and so is the
file. It has sections in brackets, lines \`key = value\`, and comments from \`;\` or \`#\`. A size is a number of bytes, or one with
\`K\`, \`M\`, \`G\` or \`T\` behind it, in steps of 1024.

An unknown section or key, a key given twice and a value of another form are errors; all of them are told together, each with its
line. The file is refused when it is a symbolic link, belongs to another user than root and the caller, or can be written by
others.

\`\`\`ini
[bootstrap]
memory = 128M

[ids]
first = 2000000
last = 2999999
\`\`\`
${sections.map((section) => describeSection(section, rows)).join('')}`;
}

function describeSection(section: string, rows: readonly SettingRow[]): string {
  const lines = rows
    .filter((row) => row.section === section)
    .map((row) => `| \`${row.key}\` | ${describeValue(row)} | ${row.usual} | ${row.about} |`);
  return `\n## \`[${section}]\`\n\n| key | value | usual | |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`;
}

function describeValue({ kind, least, most }: SettingRow): string {
  const write = (value: number) => (kind === 'size' ? writeSize(value) : String(value));
  return `a ${kind} from ${write(least)} to ${write(most)}`;
}

/** As a value in the file: in the largest unit that divides it. */
function writeSize(bytes: number): string {
  const units = ['', 'K', 'M', 'G', 'T'];
  let value = bytes;
  let unit = 0;
  while (value % 1024 === 0 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value}${units[unit]}`;
}

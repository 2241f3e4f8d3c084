import { SECTIONS, type Section } from './read-assignments.js';
import type { SettingRow } from './rows.js';
import { SETTING_ROWS } from './setting-rows.js';

const HEAD = `# systemd's .nspawn files

<!-- Generated from the tables in src/config/nspawn/ by \`npm run generate\`. Do not edit. -->

\`ctr\` reads the settings files of systemd-nspawn and prints them. All ${SETTING_ROWS.length} settings are on this page. What
systemd-nspawn skips with a warning, \`ctr\` skips with a warning: unknown sections and keys, values that are none. What it stops at is
an error: a broken section header, a wrong name of a link, settings that contradict each other. Sections and keys that begin with
\`X-\` are others'.

A file says neither the name of the container nor its root. The text is at most 1 MiB.

- The lines of a list add up; of other keys the last line holds. An empty value unsets a boolean, a name or a path, and empties
  \`Parameters\`, \`Environment\`, \`CPUAffinity\` and \`BindUser\`; elsewhere it is no value.
- \`#\` and \`;\` begin a comment at the start of a line only. A backslash at the end of a line joins the next one to it.
- Words with blanks stand in \`"…"\` or \`'…'\`; a backslash in them is a backslash. In paths a backslash takes the next character
  as it is: \`\\:\` is a colon. Specifiers like \`%i\` are not expanded.
- Booleans are 1, yes, y, true, t, on and 0, no, n, false, f, off, in any case.
- Sizes have units of 1024: K, M, G, T, P, E. Times have us, ms, s, min, h, d, w, month, y.

A file beside an image is not trusted: it may restrict and no more. Settings marked with ⚠ are ignored there, each with a warning;
\`SystemCallFilter\` is when it allows calls. A setting on the command line replaces its whole group in the file.

Mounts are made in the order of their targets, a directory before what is in it. /run and /tmp are tmpfs unless a setting mounts
something there.
`;

const ABOUT: Readonly<Record<Section, string>> = {
  Exec: 'What is started, and with which rights.',
  Files: 'The root, and what is mounted in it.',
  Network: 'Links of the container. Each of them asks for a network of its own.',
};

/** The reference page of this format, in Markdown, made from the same table that the reader goes by. */
export function describeNspawn(): string {
  return `${[HEAD, ...SECTIONS.map((section) => describeSection(section))].join('\n').trimEnd()}\n`;
}

function describeSection(section: Section): string {
  const rows = SETTING_ROWS.filter((row) => row.section === section).map((row) => describeRow(row));
  const table = ['| | value | default | | group |', '| --- | --- | --- | --- | --- |', ...rows];
  return `## [${section}]\n\n${ABOUT[section]}\n\n${table.join('\n')}\n`;
}

function describeRow({ key, value, byDefault = '', about, group, privileged }: SettingRow): string {
  const cells = [`\`${key}\`${privileged === true ? ' ⚠' : ''}`, value, byDefault, about, group];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

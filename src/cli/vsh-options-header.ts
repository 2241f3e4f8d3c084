import { VSH, VSHD, type VshOption, type VshProgram } from './vsh-options.js';

/** The text of `native/vsh_options.h`: options and help of vsh and vshd for the C side. Ends with a newline. Pure. */
export function formatVshOptionsHeader(): string {
  return [
    '/* The options of vsh and vshd. Generated from src/cli/vsh-options.ts by `npm run generate`; do not edit. */',
    '#ifndef CTR_VSH_OPTIONS_H',
    '#define CTR_VSH_OPTIONS_H',
    '',
    'enum vsh_value { VSH_NO_VALUE, VSH_VALUE, VSH_BOOL };',
    '',
    'struct vsh_option {',
    '\tconst char *name;',
    '\tenum vsh_value value;',
    '};',
    '',
    ...[VSH, VSHD].flatMap(formatProgram),
    '#endif',
    '',
  ].join('\n');
}

function formatProgram(program: VshProgram): string[] {
  const { name, options } = program;
  const prefix = name.toUpperCase();
  return [
    `enum { ${options.map((option) => `${prefix}_${option.name.toUpperCase()}`).join(', ')}, ${prefix}_OPTIONS };`,
    '',
    '/* Ends with an empty row. */',
    `static const struct vsh_option ${name}_options[] = {`,
    ...options.map((option) => `\t{ "${option.name}", ${kindOf(option)} },`),
    '\t{ 0 },',
    '};',
    '',
    `static const char ${name}_help[] =`,
    ...formatVshHelp(program)
      .trimEnd()
      .split('\n')
      .map((line) => `\t"${line.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}\\n"`),
    '\t;',
    '',
  ];
}

function kindOf({ value }: VshOption): string {
  if (value === undefined) return 'VSH_NO_VALUE';
  return value === '[=bool]' ? 'VSH_BOOL' : 'VSH_VALUE';
}

/** What `--help` prints, at most 100 columns wide. Pure. */
export function formatVshHelp({ usage, summary, options: all, after }: VshProgram): string {
  const options = all.filter(({ hidden }) => hidden === undefined);
  const flags = options.map(({ name, value = '' }) => `--${name}${value.startsWith('<') ? `=${value}` : value}`);
  const width = Math.max(...flags.map((flag) => flag.length)) + 2;
  const rows = options.map(({ text }, index) => `  ${(flags[index] ?? '').padEnd(width)}${text}`);
  return `Usage: ${usage}\n\n${summary}\n\nOptions:\n${rows.join('\n')}\n\n${after.join('\n')}\n`;
}

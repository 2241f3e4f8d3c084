import { HOT_VERBS, type HotOption } from './hot-verbs.js';

/** The text of `native/hot_verbs.h`: the options of the front door's verbs for the C side. Ends with a newline. Pure. */
export function formatHotVerbsHeader(): string {
  return [
    "/* The options of the front door's verbs. Generated from src/cli/hot-verbs.ts by `npm run generate`; do not edit. */",
    '#ifndef CTR_HOT_VERBS_H',
    '#define CTR_HOT_VERBS_H',
    '',
    '#include <stdbool.h>',
    '',
    'struct hot_option {',
    '\tchar short_name; /* 0: none */',
    '\tconst char *long_name;',
    '\tbool takes_value;',
    '};',
    '',
    '/* Each table ends with an empty row. */',
    ...Object.entries<readonly HotOption[]>(HOT_VERBS).flatMap(([verb, options]) => [
      `static const struct hot_option hot_options_${verb}[] = {`,
      ...options.map(formatRow),
      '\t{ 0 },',
      '};',
      '',
    ]),
    '#endif',
    '',
  ].join('\n');
}

function formatRow({ short, long, value }: HotOption): string {
  return `\t{ ${short === undefined ? 0 : `'${short}'`}, "${long}", ${value !== undefined} },`;
}

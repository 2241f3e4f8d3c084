/** `ctr --help`. Pure. */
import type { ListedVerb } from './verbs.js';

const NAME_WIDTH = 15;

/** Every verb with its summary, in groups; fits 80 columns. */
export function formatHelp(verbs: readonly ListedVerb[]): string {
  const groups = [...new Set(verbs.map(({ group }) => group))];
  const sections = groups.map((group) => {
    const rows = verbs.filter((verb) => verb.group === group).map(formatVerb);
    return `${group}:\n${rows.join('\n')}`;
  });
  return `usage: ctr [--debug] COMMAND [arguments]

${sections.join('\n\n')}

vsh and vshd: shells in virtual machines and their containers (vsh --help).
ctr COMMAND --help says more. Options of every command: --debug, --help.
ctr --version prints the version.
`;
}

function formatVerb({ name, alias, summary }: ListedVerb): string {
  return `  ${name.padEnd(NAME_WIDTH)}${summary}${alias === undefined ? '' : ` (also: ${alias})`}`;
}

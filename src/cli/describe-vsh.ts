/** docs/reference/vsh.md, from the options themselves. Pure. */
import { VSH, VSHD } from './vsh-options.js';
import { formatVshHelp } from './vsh-options-header.js';

const INTRODUCTION = `# vsh and vshd

Generated from \`src/cli/vsh-options.ts\` by \`npm run generate\`. [docs/vsh.md](../vsh.md) shows them at work.

Options are written \`--name=value\` or \`--name value\`, a switch also \`--name=false\` or \`--noname\`. The first word that is no option begins
what \`vsh\` sends.
`;

/** The whole page. */
export function describeVsh(): string {
  const sections = [VSH, VSHD].map(
    (program) => `## ${program.name}\n\n\`\`\`\n${formatVshHelp(program).trimEnd()}\n\`\`\`\n`,
  );
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

import { check, type NetworkCheckItem } from '../../container/check.js';
import type { CommandModule } from '../command.js';
import { answer, answerJson, terminalWidth } from '../output.js';
import { textWidth, visible } from '../visible.js';
import { wrapLine } from '../wrap.js';

/**
 * The text of `ctr check`: groups, and hints below what is not there.
 *
 * @param terminal its width in cells, which lines are broken for
 */
export function formatCheck(items: readonly NetworkCheckItem[], terminal?: number): string {
  const width = Math.max(...items.map(({ name }) => textWidth(name)));
  const groups = [...new Set(items.map(({ group }) => group))];
  const sections = groups.map((group) => {
    const lines = items.filter((item) => item.group === group).map((item) => formatItem(item, width, terminal));
    return `${group}\n${lines.join('')}`;
  });
  return sections.join('\n');
}

function formatItem({ name, status, detail, hint }: NetworkCheckItem, width: number, terminal?: number): string {
  const head = `  ${name.padEnd(width)}  ${status.padEnd('missing'.length)}  `;
  const line = wrapLine(`${head}${visible(detail)}`, textWidth(head), terminal);
  return status === 'ok' || hint === undefined ? line : line + wrapLine(`  hint: ${hint}`, '  hint: '.length, terminal);
}

export const command: CommandModule = {
  configure(command) {
    command
      .option('--json', 'as JSON')
      .addHelpText('after', '\nThe exit status is 1 when something is missing that every container needs.')
      .action(async ({ json }: { json?: boolean }) => {
        const items = await check();
        if (json) answerJson(items);
        else answer(formatCheck(items, terminalWidth()));
        if (items.some(({ status }) => status === 'missing')) process.exitCode = 1;
      });
  },
};

import { LIMITS } from '../../config/limits/table.js';
import { type LimitSet, limits, set } from '../../container/set.js';
import type { CommandModule } from '../command.js';
import { answer, answerJson, note } from '../output.js';
import { formatFields, formatTable } from '../table.js';

interface Options {
  live?: boolean;
  config?: boolean;
  current?: boolean;
  json?: boolean;
  keys?: boolean;
}

export const command: CommandModule = {
  configure(command) {
    command
      .argument('[name]', 'a container')
      .argument('[limit...]', "as in 'memory=96M' or 'pids=100'; 'max' takes one away; none: list those there are")
      .option('--live', 'the running container, until it stops')
      .option('--config', 'the definition, from the next start on')
      .option('--current', 'the running container, or the definition where it does not run (default)')
      .option('--keys', 'list what can be set')
      .option('--json', 'as JSON')
      .addHelpText('after', '\ndocs/reference/limits.md tells of each limit, and what virsh and others call it.')
      .action(async (name: string | undefined, words: string[], options: Options) => {
        const { live, config, current, json, keys } = options;
        if (current && (live || config)) command.error('error: --current excludes --live and --config');
        if (keys) {
          if (name !== undefined) command.error('error: --keys takes no names');
          return answer(formatKeys());
        }
        if (name === undefined) return command.error("error: missing required argument 'name'");
        const where = { live, config };
        if (words.length === 0) {
          if (live && config) command.error('error: --live and --config exclude each other where nothing is set');
          const there = await limits(name, where);
          if (json) answerJson(there);
          else
            answer(
              there.length === 0
                ? `'${name}' has no limits\n`
                : formatFields(there.map(({ key, value }) => [key, value])),
            );
          return;
        }
        const done = await set(name, words, where);
        for (const line of done.notes) note(`note: ${line}`);
        if (json) answerJson(done);
        else answer(formatSet(done, words));
      });
  },
};

function formatSet({ name, live, config }: LimitSet, words: readonly string[]): string {
  const where = [...(live ? ['as it runs'] : []), ...(config ? ['from its next start on'] : [])].join(' and ');
  return `set ${words.join(' ')} of '${name}' ${where}\n`;
}

function formatKeys(): string {
  return formatTable(
    [{ title: 'KEY' }, { title: 'WHAT' }],
    LIMITS.map(({ key, about }) => [key, about.replaceAll('`', "'")]),
  );
}

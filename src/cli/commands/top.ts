import { Option } from 'commander';
import { matchNames } from '../../container/match-names.js';
import { computeRates } from '../../container/stat-rates.js';
import { type ContainerStats, stats } from '../../container/stats.js';
import type { CommandModule } from '../command.js';
import { terminalWidth } from '../output.js';
import type { Reading } from '../stats-table.js';
import { SORT_KEYS, type SortKey } from '../top-model.js';
import { parseCount, parseInterval } from '../values.js';

interface TopFlags {
  readonly interval: number;
  readonly sort: SortKey;
  readonly reverse?: boolean;
  readonly count?: number;
}

/** Readings of those that are wanted, each with what it has used since the last one. */
function createReader(names: readonly string[]): () => Reading[] {
  let before: readonly ContainerStats[] = [];
  // A name that is not there is a mistake of the command line; later ones come and go.
  if (names.length > 0) stats({ names });
  return () => {
    const after = stats().filter(({ name }) => names.length === 0 || matchNames(name, names));
    const earlier = new Map(before.map((entry) => [entry.name, entry]));
    before = after;
    return after.map((now) => {
      const rates = computeRates(earlier.get(now.name), now);
      return rates === undefined ? { now } : { now, rates };
    });
  };
}

export const command: CommandModule = {
  configure(command) {
    command
      .argument('[name...]', "containers (default: all that run); '*', '?' and '[…]' match names")
      .addOption(new Option('-d, --interval <seconds>', 'look so often').argParser(parseInterval).default(2000, '2'))
      .addOption(new Option('-s, --sort <column>', 'sort by it').choices(SORT_KEYS).default('cpu'))
      .option('-r, --reverse', 'the other way round')
      .option('-n, --count <n>', 'so many looks, then end (default: until q; without a terminal: one)', parseCount)
      .addHelpText(
        'after',
        `
Keys: q quit, h help, r reverse, space look again,
      N P T M I sort by name, CPU use, CPU time, memory, i/o.
Without a terminal on stdout it prints tables, one after another.`,
      )
      .action(async (names: string[], flags: TopFlags) => {
        const reader = createReader(names);
        const live = terminalWidth() !== undefined;
        const { runTop, printTop } = await import('../top-loop.js');
        if (live) await runTop(reader, flags);
        else await printTop(reader, flags);
      });
  },
};

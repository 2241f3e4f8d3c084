import { setTimeout as sleep } from 'node:timers/promises';
import { matchNames } from '../../container/match-names.js';
import { computeRates } from '../../container/stat-rates.js';
import { type ContainerStats, stats } from '../../container/stats.js';
import type { CommandModule } from '../command.js';
import { answer, terminalWidth } from '../output.js';
import { formatStats, type Reading } from '../stats-table.js';
import { parseCount, parseInterval } from '../values.js';

interface StatsFlags {
  readonly json?: boolean;
  readonly interval?: number;
  readonly count?: number;
}

/** One JSON object a line, so that a reader has each as soon as it is there. */
function formatLines(readings: readonly Reading[]): string {
  return readings.map(({ now, rates }) => `${JSON.stringify({ ...now, ...rates })}\n`).join('');
}

async function show(names: readonly string[], { json, interval, count }: StatsFlags): Promise<void> {
  const print = (readings: readonly Reading[]) =>
    answer(json ? formatLines(readings) : formatStats(readings, terminalWidth()));
  let before: ContainerStats[] = stats({ names });
  if (interval === undefined) {
    print(before.map((now) => ({ now })));
    return;
  }
  let due = performance.now();
  for (let round = 0; count === undefined || round < count; round += 1) {
    due = Math.max(due + interval, performance.now());
    await sleep(due - performance.now());
    // One that has ended meanwhile is no mistake of the command line any more.
    const after = stats().filter(({ name }) => names.length === 0 || matchNames(name, names));
    const readings = after.map((now) => withRates(before, now));
    if (!json && round > 0) answer('\n');
    print(readings);
    before = after;
  }
}

function withRates(before: readonly ContainerStats[], now: ContainerStats): Reading {
  const rates = computeRates(
    before.find(({ name }) => name === now.name),
    now,
  );
  return rates === undefined ? { now } : { now, rates };
}

export const command: CommandModule = {
  configure(command) {
    command
      .argument('[name...]', "containers that run (default: all); '*', '?' and '[…]' match names")
      .option('--json', 'as JSON, one object a line')
      .option('-i, --interval <seconds>', 'again and again, with what is used in a second in between', parseInterval)
      .option('-n, --count <n>', 'so many times (default: until ^C)', parseCount)
      .addHelpText(
        'after',
        `
Without --interval: once, what each has used since its start. '-' is what this
host does not count for that container.

Examples:
  ctr stats
  ctr stats --interval 2 'web-*'
  ctr stats --json --interval 10 | jq -c '[.name, .cpuPercent]'`,
      )
      .action(async (names: string[], flags: StatsFlags) => {
        if (flags.count !== undefined && flags.interval === undefined)
          command.error('error: --count goes with --interval');
        await show(names, flags);
      });
  },
};

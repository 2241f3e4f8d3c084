/** What the command line costs beside the start of Node itself. */
import type { Place } from './place.js';
import { timeCommand } from './place.js';
import type { Figure } from './statistics.js';

/** The commands take turns, so that a noisy moment hits all of them. */
export function measureCommandLine(place: Place, rounds: number): Figure[] {
  const commands = {
    'node -e 0': [process.execPath, '-e', '0'],
    'ctr --version': [place.ctr, '--version'],
    'ctr list': [place.ctr, 'list'],
  };
  const values: Record<string, number[]> = {};
  for (const argv of Object.values(commands)) timeCommand(place, argv);
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, argv] of Object.entries(commands)) {
      values[name] ??= [];
      values[name].push(timeCommand(place, argv));
    }
  }
  const base = { what: 'node -e 0', values: values['node -e 0'] ?? [] };
  return [
    { what: base.what, unit: 'ms', values: base.values },
    { what: 'ctr --version', unit: 'ms', values: values['ctr --version'] ?? [], base, limit: 1.3 },
    { what: 'ctr list', unit: 'ms', values: values['ctr list'] ?? [], base, limit: 1.35 },
  ];
}

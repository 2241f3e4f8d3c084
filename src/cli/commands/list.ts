import { type ListEntry, list } from '../../container/list.js';
import type { CommandModule } from '../command.js';
import { formatAge } from '../format.js';
import { answer, answerJson, terminalWidth } from '../output.js';
import { formatTable } from '../table.js';

const COLUMNS = [
  { title: 'NAME' },
  { title: 'STATE' },
  { title: 'PID', align: 'right' },
  { title: 'UP', align: 'right' },
  { title: 'NOTE' },
] as const;

/** The table of `ctr list`. */
export function formatList(entries: readonly ListEntry[], now: number, width?: number): string {
  const hasNotes = entries.some(({ reason, transient }) => reason !== undefined || transient);
  const rows = entries.map(({ name, state, pid, since, reason, transient }) => [
    name,
    state,
    pid === undefined ? undefined : String(pid),
    since === undefined ? undefined : formatAge(now - Date.parse(since)),
    reason ?? (transient ? 'transient' : undefined),
  ]);
  return formatTable(hasNotes ? COLUMNS : COLUMNS.slice(0, -1), rows, { width });
}

export const command: CommandModule = {
  configure(command) {
    command
      .option('-a, --all', 'also those that do not run')
      .option('--json', 'as JSON')
      .action(({ all, json }: { all?: boolean; json?: boolean }) => {
        const entries = list({ all });
        if (json) answerJson(entries);
        else answer(formatList(entries, Date.now(), terminalWidth()));
      });
  },
};

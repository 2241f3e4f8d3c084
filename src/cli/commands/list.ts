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

interface ListFlags {
  readonly all?: boolean;
  readonly json?: boolean;
  readonly fancy?: boolean;
  readonly columns?: string;
}

/** What takes more files, and a reader of each definition, is loaded for this alone. */
async function showFancy({ all, json, columns }: ListFlags): Promise<void> {
  const { formatListDetails, parseColumns } = await import('../list-columns.js');
  const chosen = columns === undefined ? undefined : parseColumns(columns);
  const { listDetails } = await import('../../container/list-details.js');
  const entries = await listDetails({ all });
  if (json) answerJson(entries);
  else answer(formatListDetails(entries, chosen, Date.now(), terminalWidth()));
}

export const command: CommandModule = {
  configure(command) {
    command
      .option('-a, --all', 'also those that do not run')
      .option('-f, --fancy', 'with set-up, addresses and what each uses')
      .option('-F, --columns <columns>', "which columns --fancy has, as in 'name,ipv4,up'")
      .option('--json', 'as JSON')
      .addHelpText(
        'after',
        `
Columns: name state autostart groups ipv4 ipv6 memory cpu (as --fancy has them),
         limit pids pid up interface link mac rx tx unprivileged uuid note`,
      )
      .action(async (flags: ListFlags) => {
        if (flags.fancy || flags.columns !== undefined) {
          await showFancy(flags);
          return;
        }
        const entries = list({ all: flags.all });
        if (flags.json) answerJson(entries);
        else answer(formatList(entries, Date.now(), terminalWidth()));
      });
  },
};

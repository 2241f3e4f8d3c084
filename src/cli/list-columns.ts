/** The columns of `ctr list --fancy`. Pure. */
import { nearestName } from '../config/nearest-name.js';
import type { ListDetails } from '../container/list-details.js';
import { CtrError } from '../errors.js';
import { formatAge, formatCpuTime, formatShortBytes } from './format.js';
import { type Column, formatTable } from './table.js';

interface ListColumn extends Column {
  readonly cell: (entry: ListDetails, now: number) => string | undefined;
}

function list(values: readonly string[] | undefined): string | undefined {
  return values === undefined || values.length === 0 ? undefined : values.join(',');
}

function bytes(value: number | undefined): string | undefined {
  return value === undefined ? undefined : formatShortBytes(value);
}

function word(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : value ? 'yes' : 'no';
}

function addresses({ addresses: all }: ListDetails, family: 'ipv4' | 'ipv6'): string | undefined {
  return list(all?.filter((address) => address.family === family).map(({ address }) => address));
}

/** By the words of `--columns`. */
export const LIST_COLUMNS = {
  name: { title: 'NAME', least: 8, cell: ({ name }) => name },
  state: { title: 'STATE', cell: ({ state }) => state },
  autostart: { title: 'AUTOSTART', cell: ({ autostart }) => word(autostart) },
  groups: { title: 'GROUPS', least: 6, cell: ({ groups }) => list(groups) },
  ipv4: { title: 'IPV4', least: 9, cell: (entry) => addresses(entry, 'ipv4') },
  ipv6: { title: 'IPV6', least: 6, cell: (entry) => addresses(entry, 'ipv6') },
  memory: { title: 'MEMORY', align: 'right', cell: ({ stats }) => bytes(stats?.memoryBytes) },
  cpu: {
    title: 'CPU',
    align: 'right',
    cell: ({ stats }) => (stats?.cpuNs === undefined ? undefined : formatCpuTime(stats.cpuNs)),
  },
  limit: { title: 'LIMIT', align: 'right', cell: ({ stats }) => bytes(stats?.memoryLimitBytes) },
  pids: {
    title: 'PIDS',
    align: 'right',
    cell: ({ stats }) => (stats?.pids === undefined ? undefined : `${stats.pids}`),
  },
  pid: { title: 'PID', align: 'right', cell: ({ pid }) => (pid === undefined ? undefined : `${pid}`) },
  up: {
    title: 'UP',
    align: 'right',
    cell: ({ since }, now) => (since === undefined ? undefined : formatAge(now - Date.parse(since))),
  },
  interface: { title: 'INTERFACE', least: 9, cell: ({ interfaces }) => list(interfaces) },
  link: { title: 'LINK', least: 6, cell: ({ links }) => list(links?.map(({ host }) => host)) },
  mac: { title: 'MAC', least: 6, cell: ({ links }) => list(links?.map(({ mac }) => mac)) },
  rx: { title: 'RX', align: 'right', cell: ({ stats }) => bytes(stats?.rxBytes) },
  tx: { title: 'TX', align: 'right', cell: ({ stats }) => bytes(stats?.txBytes) },
  unprivileged: { title: 'UNPRIVILEGED', cell: ({ unprivileged }) => word(unprivileged) },
  uuid: { title: 'UUID', cell: ({ uuid }) => uuid },
  note: { title: 'NOTE', least: 4, cell: ({ reason }) => reason },
} as const satisfies Record<string, ListColumn>;

export type ListColumnName = keyof typeof LIST_COLUMNS;

/** As `lxc-ls --fancy` has them, but for what is used in place of whether it is unprivileged. */
export const USUAL_COLUMNS: readonly ListColumnName[] = [
  'name',
  'state',
  'autostart',
  'groups',
  'ipv4',
  'ipv6',
  'memory',
  'cpu',
];

/** Words separated by commas, in either case. @throws CtrError CTR_USAGE */
export function parseColumns(text: string): ListColumnName[] {
  const known = Object.keys(LIST_COLUMNS);
  return text.split(',').map((part) => {
    const name = part.trim().toLowerCase();
    if (known.includes(name)) return name as ListColumnName;
    const nearest = nearestName(name, known);
    throw new CtrError('CTR_USAGE', `cannot show column '${part}': there is none of that name`, {
      hint: nearest === undefined ? `columns: ${known.join(' ')}` : `did you mean '${nearest}'?`,
    });
  });
}

/** The table; a column of notes follows where there is one to tell. */
export function formatListDetails(
  entries: readonly ListDetails[],
  columns: readonly ListColumnName[] | undefined,
  now: number,
  width?: number,
): string {
  const hasNotes = entries.some(({ reason }) => reason !== undefined);
  const names = columns ?? [...USUAL_COLUMNS, ...(hasNotes ? (['note'] as const) : [])];
  const chosen: readonly ListColumn[] = names.map((name) => LIST_COLUMNS[name]);
  const rows = entries.map((entry) => chosen.map(({ cell }) => cell(entry, now)));
  return formatTable(chosen, rows, { width });
}

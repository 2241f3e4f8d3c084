import { FORMAT_TITLES } from '../../config/detect-format.js';
import { type ContainerInfo, info } from '../../container/info.js';
import { loadFormatsOf } from '../../container/load-formats-of.js';
import type { CommandModule } from '../command.js';
import { describeEnd } from '../describe-exit.js';
import { formatAge, formatBytes } from '../format.js';
import { answer, answerJson } from '../output.js';
import { formatFields } from '../table.js';

type Field = readonly [string, string | undefined];

/** The text of `ctr info`. */
export function formatInfo(container: ContainerInfo, now: number): string {
  const { memory, pids, cpu, since } = container;
  const fields: Field[] = [
    ['name', container.name],
    ['uuid', container.uuid],
    ['state', container.reason === undefined ? container.state : `${container.state} (${container.reason})`],
    ['fault', container.fault],
    ['definition', container.transient ? 'none: it is gone when it ends' : undefined],
    ['pid', optional(container.pid)],
    ['monitor', optional(container.monitorPid)],
    ['since', since === undefined ? undefined : `${since} (${formatAge(now - Date.parse(since))})`],
    ['ended', container.exit && `${container.exit.time} (${describeEnd(container)})`],
    ['rootfs', container.rootfs && `${container.rootfs}${container.rootfsMadeByCtr ? ' (made by ctr)' : ''}`],
    ['init', container.init],
    ['memory', formatUse(memory?.usedBytes, memory?.limitBytes, formatBytes)],
    ['oom kills', memory?.oomKills ? String(memory.oomKills) : undefined],
    ['pids', formatUse(pids?.used, pids?.limit, String)],
    ['cpu', cpu && `${(cpu.usedNs / 1e9).toFixed(2)} s`],
    ...container.interfaces.map(
      ({ guestName, type, source, mac }): Field => ['interface', `${guestName}  ${source ?? type}  ${mac}`],
    ),
    ['consoles', String(container.consoles)],
    ['definition', container.definition && `${container.definition}${inFormat(container)}`],
    ...container.givesUp.map((line): Field => ['gives up', line]),
  ];
  return formatFields(fields);
}

/** libvirt's XML goes without saying. */
function inFormat({ format }: ContainerInfo): string {
  return format === undefined || format === 'libvirt' ? '' : ` (${FORMAT_TITLES[format]})`;
}

function optional(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** `1.5 MiB of 64 MiB`, `no limit`, … */
function formatUse(used: number | undefined, limit: number | undefined, format: (value: number) => string) {
  const most = limit === undefined ? 'no limit' : `at most ${format(limit)}`;
  return used === undefined ? most : `${format(used)}, ${most}`;
}

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name>', 'a container')
      .option('--json', 'as JSON')
      .action(async (name: string, { json }: { json?: boolean }) => {
        await loadFormatsOf(name);
        const container = info(name);
        if (json) answerJson(container);
        else answer(formatInfo(container, Date.now()));
      });
  },
};

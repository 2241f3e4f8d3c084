import { FORMAT_TITLES } from '../../config/detect-format.js';
import { type ContainerInfo, info } from '../../container/info.js';
import { loadFormatsOf } from '../../container/load-formats-of.js';
import type { CommandModule } from '../command.js';
import { describeEnd } from '../describe-exit.js';
import { formatAge } from '../format.js';
import { type Field, reachFields, useFields } from '../info-fields.js';
import { answer, answerJson } from '../output.js';
import { formatFields } from '../table.js';

/** The text of `ctr info`. */
export function formatInfo(container: ContainerInfo, now: number): string {
  const { since } = container;
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
    ...useFields(container),
    ...reachFields(container),
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

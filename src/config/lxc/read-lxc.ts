import { createReport } from '../diagnostics.js';
import { quote } from '../display-text.js';
import type { ReadOptions, ReadResult } from '../format.js';
import { isContainerName, NAME_RULE } from '../name.js';
import type { ContainerSpec } from '../spec.js';
import { applyLine, createDraft } from './apply-line.js';
import { buildCgroups } from './build-cgroups.js';
import { buildMounts } from './build-mounts.js';
import { buildNetwork } from './build-network.js';
import { buildAutostart, buildLifecycle, buildNamespaces, buildProcess, buildPrograms } from './build-process.js';
import { buildCapabilities, buildIdmap, buildSecurity } from './build-security.js';
import { type Building, buildKept, optional } from './building.js';
import { arch, utsName } from './core-rows.js';
import { loadLines } from './load-lines.js';
import { ttyMax } from './mount-rows.js';

/**
 * Reads a container's configuration in LXC's format, of version 2 or later. Any text gives a definition or at least one error;
 * nothing is thrown. Faults of files that it names come behind its own.
 */
export function readLxc(text: string, options: ReadOptions): ReadResult {
  const { entries, reports } = loadLines(text, options);
  const draft = createDraft();
  for (const entry of entries) applyLine(entry, draft);
  const [report = createReport(options.file, text)] = reports;
  const building: Building = { draft, settings: draft.settings, options, report, reports, kept: [], refusals: [] };
  const spec = buildSpec(building);
  const diagnostics = reports.flatMap((file) => file.diagnostics());
  return reports.some((file) => file.hasErrors()) ? { diagnostics } : { definition: { spec }, diagnostics };
}

function buildSpec(building: Building): ContainerSpec {
  const { settings, refusals, kept } = building;
  buildKept(building);
  const hostname = settings.last(utsName);
  const name = findName(building, hostname);
  const { interfaces, isHost } = buildNetwork(building, name);
  const namespaces = buildNamespaces(building, isHost);
  const consoles = Array.from({ length: 1 + (settings.last(ttyMax) ?? 0) }, () => ({ type: 'pty' as const }));
  const spec: ContainerSpec = {
    format: 'lxc',
    name,
    ...optional('hostname', hostname),
    ...buildCgroups(building),
    ...optional('arch', settings.last(arch)),
    ...buildPrograms(building),
    ...optional('idmap', buildIdmap(building)),
    ...(Object.keys(namespaces).length === 0 ? {} : { namespaces }),
    features: {
      privnet: interfaces.length === 0 && namespaces.net === undefined,
      capabilities: buildCapabilities(building),
    },
    ...buildMounts(building),
    interfaces,
    consoles,
    lifecycle: buildLifecycle(building),
    ...optional('autostart', buildAutostart(building)),
    ...optional('process', buildProcess(building)),
    security: buildSecurity(building),
  };
  return {
    ...spec,
    ...(kept.length === 0 ? {} : { kept }),
    ...(refusals.length === 0 ? {} : { refusals }),
  };
}

/** The name that is asked for, else the host name where it can be one. */
function findName({ options, report, settings }: Building, hostname: string | undefined): string {
  if (options.name !== undefined) {
    if (!isContainerName(options.name)) report.error(0, `${quote(options.name)} cannot name a container: ${NAME_RULE}`);
    return options.name;
  }
  const entry = settings.lastSetting(utsName)?.entry;
  if (hostname === undefined || entry === undefined) {
    if (!settings.isSpoilt(utsName)) report.error(0, 'the file gives no name: lxc.uts.name is missing');
    return '';
  }
  if (!isContainerName(hostname)) {
    entry.report.error(
      entry.valueOffset,
      `${quote(hostname)} cannot name a container: ${NAME_RULE}`,
      'give it another name',
    );
  }
  return hostname;
}

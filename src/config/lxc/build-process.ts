import { quote } from '../display-text.js';
import { isContainerName, NAME_RULE } from '../name.js';
import { nearestName } from '../nearest-name.js';
import { searchProgram } from '../program-search.js';
import type {
  AutostartSpec,
  ContainerSpec,
  HookSpec,
  InitSpec,
  LifecycleSpec,
  NamespaceKind,
  NamespaceSource,
  NamespacesSpec,
  ProcessSpec,
} from '../spec.js';
import { type Building, optional, refuse } from './building.js';
import {
  environment,
  environmentHooks,
  environmentRuntime,
  group,
  initCmd,
  initCwd,
  initGid,
  initGroups,
  initUid,
  searchOf,
  signalHalt,
  signalReboot,
  signalStop,
  startAuto,
  startDelay,
  startOrder,
  type Variable,
} from './core-rows.js';
import {
  HOOK_ROWS,
  hookVersion,
  NAMESPACES,
  namespaceClone,
  namespaceKeep,
  namespaceShare,
  prlimit,
  procFile,
  RLIMITS,
  sysctl,
  timeBoot,
  timeMonotonic,
} from './process-rows.js';
import type { KeyRow } from './rows.js';

interface Environments {
  readonly ofInit: InitSpec['env'];
  readonly ofHooks: InitSpec['env'];
}

/** First what both have, then each one's own. */
function buildEnvironments(building: Building): Environments {
  const read = (row: KeyRow<Variable>) =>
    building.settings.all(row).flatMap(({ value: { name, value }, entry }) => {
      if (value !== undefined) return [{ name, value }];
      refuse(building, row.key, entry, `the variable ${quote(name)} of its caller`);
      return [];
    });
  const shared = read(environment);
  const ofInit = [...shared, ...read(environmentRuntime)];
  return { ofInit, ofHooks: [...shared, ...read(environmentHooks)] };
}

/** The first process, and hooks, which share its variables. */
export function buildPrograms(building: Building): Pick<ContainerSpec, 'init' | 'hooks'> {
  const { settings } = building;
  const { ofInit, ofHooks } = buildEnvironments(building);
  const [argv0, ...args] = settings.last(initCmd) ?? ['/sbin/init'];
  const dir = settings.last(initCwd);
  const program = searchProgram(argv0, searchOf({ env: ofInit, ...optional('dir', dir) }));
  const id = (value: number | undefined) => (value === undefined ? undefined : String(value));
  const init: InitSpec = {
    ...program,
    ...(program.path === argv0 ? {} : { argv0 }),
    args,
    env: ofInit,
    ...optional('dir', dir),
    ...optional('user', id(settings.last(initUid))),
    ...optional('group', id(settings.last(initGid))),
    // LXC drops all others, where ctr would take those of the user.
    supplementaryGids: settings.last(initGroups) ?? [],
  };
  const convention = settings.last(hookVersion) === '1' ? 'lxc1' : 'lxc';
  const env = ofHooks.length === 0 ? {} : { env: ofHooks };
  const hooks = HOOK_ROWS.flatMap((row) =>
    settings
      .all(row)
      .map(({ value }): HookSpec => ({ when: row.when, path: '/bin/sh', args: ['-c', value], ...env, convention })),
  );
  return { init, ...(hooks.length === 0 ? {} : { hooks }) };
}

export function buildLifecycle({ settings }: Building): LifecycleSpec {
  return {
    onPoweroff: 'destroy',
    onReboot: 'restart',
    onCrash: 'destroy',
    ...optional('stopSignal', settings.last(signalHalt)),
    ...optional('rebootSignal', settings.last(signalReboot)),
    ...optional('killSignal', settings.last(signalStop)),
  };
}

export function buildAutostart({ settings }: Building): AutostartSpec | undefined {
  const groups = [...new Set(settings.all(group).flatMap(({ value }) => value))];
  const parts = {
    ...optional('delaySeconds', settings.last(startDelay)),
    ...optional('order', settings.last(startOrder)),
    ...(groups.length === 0 ? {} : { groups }),
  };
  const enabled = settings.last(startAuto);
  return enabled === undefined && Object.keys(parts).length === 0 ? undefined : { enabled: enabled ?? false, ...parts };
}

export function buildProcess({ settings }: Building): ProcessSpec | undefined {
  const rlimits = settings.named(prlimit).map(([name, { value, entry }]) => {
    if (!RLIMITS.includes(name)) {
      const near = nearestName(name, RLIMITS);
      entry.report.error(
        entry.offset,
        `unknown limit ${quote(name)}`,
        near === undefined ? undefined : `did you mean '${near}'?`,
      );
    }
    return { name, ...value };
  });
  const sysctls = settings.named(sysctl).map(([name, { value }]) => ({ name, value }));
  const timeOffsets = {
    ...optional('monotonicNs', settings.last(timeMonotonic)),
    ...optional('boottimeNs', settings.last(timeBoot)),
  };
  const process: ProcessSpec = {
    ...(rlimits.length === 0 ? {} : { rlimits }),
    ...(sysctls.length === 0 ? {} : { sysctls }),
    ...buildProcFiles(settings),
    ...(Object.keys(timeOffsets).length === 0 ? {} : { timeOffsets }),
  };
  return Object.keys(process).length === 0 ? undefined : process;
}

function buildProcFiles(settings: Building['settings']): Pick<ProcessSpec, 'oomScoreAdj' | 'procFiles'> {
  let oomScoreAdj: number | undefined;
  const files: { file: string; value: string }[] = [];
  for (const [file, { value, entry }] of settings.named(procFile)) {
    if (file === 'oom_score_adj') {
      if (/^[+-]?\d{1,4}$/.test(value) && Math.abs(Number(value)) <= 1000) oomScoreAdj = Number(value);
      else
        entry.report.error(
          entry.valueOffset,
          `${quote(entry.key)} must be a whole number from -1000 to 1000, not ${quote(value)}`,
        );
    } else if (/^\.\.?$|\//.test(file)) {
      entry.report.error(entry.offset, `${quote(file)} is no file of /proc/PID`);
    } else files.push({ file, value });
  }
  return { ...optional('oomScoreAdj', oomScoreAdj), ...(files.length === 0 ? {} : { procFiles: files }) };
}

/** @param isHostNet the only network is `none` */
export function buildNamespaces(building: Building, isHostNet: boolean): NamespacesSpec {
  const { settings } = building;
  const clone = settings.all(namespaceClone);
  const kept = settings.all(namespaceKeep);
  if (clone[0] !== undefined && kept.length > 0) {
    clone[0].entry.report.error(
      clone[0].entry.offset,
      `${namespaceClone.key} and ${namespaceKeep.key} exclude each other`,
    );
  }
  const cloned = new Set(clone.flatMap(({ value }) => value));
  // Whether ids are mapped, and clocks shifted, is told by lines of their own.
  const others = NAMESPACES.filter(
    (kind) => clone.length > 0 && !cloned.has(kind) && kind !== 'user' && kind !== 'time',
  );
  const host = [...new Set([...others, ...kept.flatMap(({ value }) => value)])];
  const sources = new Map<NamespaceKind, NamespaceSource>(host.map((kind) => [kind, { kind: 'host' }]));
  if (isHostNet) sources.set('net', { kind: 'host' });
  for (const [name, { value, entry }] of settings.named(namespaceShare)) {
    const kind = NAMESPACES.find((known) => known === name);
    if (kind === undefined) {
      const near = nearestName(name, NAMESPACES);
      entry.report.error(
        entry.offset,
        `unknown namespace ${quote(name)}`,
        near === undefined ? undefined : `did you mean '${near}'?`,
      );
      continue;
    }
    const source = readSource(value);
    if (source !== undefined) sources.set(kind, source);
    else if (/^\//.test(value))
      refuse(building, `${namespaceShare.key}.${kind}`, entry, `a container of LXC (${quote(value)})`);
    else
      entry.report.error(
        entry.valueOffset,
        `${quote(entry.key)} must be a container's name (${NAME_RULE}), a pid or a path`,
      );
  }
  return Object.fromEntries(NAMESPACES.flatMap((kind) => (sources.has(kind) ? [[kind, sources.get(kind)]] : [])));
}

function readSource(text: string): NamespaceSource | undefined {
  if (/^[1-9]\d{0,9}$/.test(text)) return { kind: 'pid', pid: Number(text) };
  if (/^\/proc\/|^\/(var\/)?run\/netns\//.test(text) && !text.split('/').includes('..'))
    return { kind: 'path', path: text };
  return isContainerName(text) ? { kind: 'container', name: text } : undefined;
}

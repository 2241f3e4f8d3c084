/** The model of what a file's settings say. */
import { quote } from '../display-text.js';
import type { ContainerSpec, ProcessSpec } from '../spec.js';
import { LIMIT_NAMES, printRanges } from './limit-rows.js';
import { type Settings, wantsPrivateUsers } from './settings.js';
import { defaultStopSignal, initOf } from './spec-init.js';
import { filesystemsOf, rootModeOf } from './spec-mounts.js';
import { interfacesOf } from './spec-network.js';
import { capabilitiesOf, securityOf } from './spec-security.js';
import { usersOf } from './spec-users.js';

type Kept = NonNullable<ContainerSpec['kept']>[number];

/**
 * The model.
 *
 * @param place name of the container and directory of its root, which the text does not have
 */
export function specOfSettings(
  settings: Settings,
  { name, rootfs }: { readonly name: string; readonly rootfs: string },
): ContainerSpec {
  const { machineId, arch, ports } = settings;
  const stopSignal = settings.killSignal ?? defaultStopSignal(settings);
  const rootMode = rootModeOf(settings);
  const process = processOf(settings);
  const kept = listKept(settings);
  const refusals = listRefusals(settings);
  return {
    format: 'nspawn',
    name,
    ...(machineId === undefined ? {} : { uuid: machineId }),
    hostname: settings.hostname ?? name,
    memory: {},
    cpu: { count: 1 },
    ...(arch === undefined ? {} : { arch }),
    init: initOf(settings),
    ...usersOf(settings),
    features: { privnet: settings.private === true, capabilities: capabilitiesOf(settings) },
    filesystems: filesystemsOf(settings, rootfs),
    ...(rootMode === undefined ? {} : { rootMode }),
    // systemd-nspawn(1) mounts them writable for every payload; an init system of cgroup v2 does not come up without.
    ...(settings.startMode === 'boot' && wantsPrivateUsers(settings) ? { kernelMounts: { cgroup: 'writable' } } : {}),
    interfaces: interfacesOf(settings, name),
    ...(ports.size === 0 ? {} : { ports: [...ports.values()] }),
    consoles: [{ type: 'pty' }],
    lifecycle: {
      onPoweroff: 'destroy',
      onReboot: 'restart',
      onCrash: 'destroy',
      ...(stopSignal === undefined ? {} : { stopSignal }),
      ...(settings.notifyReady === true ? { notifyReady: true } : {}),
    },
    ...(Object.keys(process).length === 0 ? {} : { process }),
    security: securityOf(settings),
    hostFiles: {
      resolvConf: settings.resolvConf ?? 'auto',
      timezone: settings.timezone ?? 'auto',
      linkJournal: settings.linkJournal ?? 'auto',
    },
    ...(kept.length === 0 ? {} : { kept }),
    ...(refusals.length === 0 ? {} : { refusals }),
  };
}

function processOf({ rlimits, oomScoreAdjust, cpuAffinity, suppressSync }: Settings): ProcessSpec {
  const limits = LIMIT_NAMES.flatMap((name) => rlimits.get(name) ?? []);
  return {
    ...(limits.length === 0 ? {} : { rlimits: limits }),
    ...(oomScoreAdjust === undefined ? {} : { oomScoreAdj: oomScoreAdjust }),
    ...(cpuAffinity.length === 0 ? {} : { cpuAffinity: printRanges(cpuAffinity) }),
    ...(suppressSync === true ? { suppressSync: true } : {}),
  };
}

/** What the model has no word for, or says less of. */
function listKept(settings: Settings): Kept[] {
  const { pivotRoot, refusedMounts, bindUsers, ownership } = settings;
  const keep = (key: string, value: string): Kept => ({ format: 'nspawn', key, value });
  return [
    ...(pivotRoot === undefined ? [] : [keep('PivotRoot', pivotRoot)]),
    ...refusedMounts.toSorted((a, b) => compareTexts(a.key, b.key)).map(({ key, value }) => keep(key, value)),
    ...(ownership === 'chown' && wantsPrivateUsers(settings) ? [keep('PrivateUsersOwnership', ownership)] : []),
    ...(bindUsers.length === 0 ? [] : [keep('BindUser', bindUsers.join(' '))]),
  ];
}

function listRefusals({ pivotRoot, refusedMounts, bindUsers, mounts }: Settings): string[] {
  const roots = mounts.filter(({ target }) => /^\/+$/.test(target)).length;
  return [
    ...(pivotRoot === undefined ? [] : [`PivotRoot=${quote(pivotRoot)} asks for another root inside the root`]),
    ...refusedMounts
      .toSorted((a, b) => compareTexts(a.key, b.key))
      .map(({ key, value, reason }) => `${key}=${quote(value)} cannot be mounted: ${reason}`),
    ...(roots === 0 ? [] : ["a mount on '/' takes the place of the root"]),
    ...(bindUsers.length === 0 ? [] : [`BindUser=${quote(bindUsers.join(' '))} asks for users of the host inside`]),
  ];
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

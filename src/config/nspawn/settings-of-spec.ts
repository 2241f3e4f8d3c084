/** What the settings of a file must be to say what a model says: as far as nspawn has words for it. */
import type { ContainerSpec } from '../spec.js';
import { parseRanges } from './limit-rows.js';
import { parseId128 } from './parse-names.js';
import type { Say } from './rows.js';
import { SETTING_ROWS } from './setting-rows.js';
import { createSettings, type Settings } from './settings.js';
import { setInit } from './spec-init.js';
import { setMounts } from './spec-mounts.js';
import { setNetwork } from './spec-network.js';
import { setSecurity } from './spec-security.js';
import { setUsers } from './spec-users.js';

const SILENT: Say = { bad: () => undefined, warn: () => undefined, fail: () => undefined };

export function settingsOfSpec(spec: ContainerSpec): Settings {
  const settings = createSettings();
  setInit(settings, spec);
  setUsers(settings, spec);
  setMounts(settings, spec);
  setNetwork(settings, spec);
  setSecurity(settings, spec);
  setIdentity(settings, spec);
  setProcess(settings, spec);
  for (const { format, key, value } of spec.kept ?? []) {
    if (format === 'nspawn') SETTING_ROWS.find((row) => row.key === key)?.read(value, settings, SILENT);
  }
  return settings;
}

function setIdentity(settings: Settings, { name, hostname, uuid, arch, lifecycle, hostFiles }: ContainerSpec): void {
  settings.hostname = hostname === name ? undefined : hostname;
  settings.machineId = uuid === undefined ? undefined : parseId128(uuid);
  settings.arch = arch;
  settings.notifyReady = lifecycle.notifyReady;
  // nspawn's own default is auto, the model's is nothing
  const { resolvConf = 'off', timezone = 'off', linkJournal = 'no' } = hostFiles ?? {};
  // nspawn has no word for `network`: its own default leaves the file to who is inside.
  settings.resolvConf = resolvConf === 'auto' || resolvConf === 'network' ? undefined : resolvConf;
  settings.timezone = timezone === 'auto' ? undefined : timezone;
  settings.linkJournal = linkJournal === 'auto' ? undefined : linkJournal;
}

function setProcess(settings: Settings, { process }: ContainerSpec): void {
  for (const limit of process?.rlimits ?? []) settings.rlimits.set(limit.name, limit);
  settings.oomScoreAdjust = process?.oomScoreAdj;
  settings.suppressSync = process?.suppressSync;
  settings.cpuAffinity.push(...parseRanges(process?.cpuAffinity ?? ''));
}

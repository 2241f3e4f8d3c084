/** Settings of [Files] about the root and what is mounted in it. systemd.nspawn(5) */
import { findMountFault } from '../mount-paths.js';
import {
  type MountReading,
  printBind,
  printOverlay,
  printTmpfs,
  readBind,
  readOverlay,
  readTmpfs,
} from './mount-values.js';
import { flagRow, parseBoolean, type SettingRow } from './rows.js';
import type { CustomMount } from './settings.js';

const files = { section: 'Files', group: 'custom-mounts', privileged: true } as const;

type MountKey = 'Bind' | 'BindReadOnly' | 'TemporaryFileSystem' | 'Inaccessible' | 'Overlay' | 'OverlayReadOnly';

/** The settings that mount, in the order of the table. */
const MOUNT_KEYS: readonly MountKey[] = [
  'Bind',
  'BindReadOnly',
  'TemporaryFileSystem',
  'Inaccessible',
  'Overlay',
  'OverlayReadOnly',
];

/** Place of a mount's setting in the table: of mounts on one target it decides which is first. */
export function rankMount(mount: CustomMount): number {
  return MOUNT_KEYS.indexOf(keyOf(mount));
}

function keyOf(mount: CustomMount): MountKey {
  if (mount.type === 'ram') return 'TemporaryFileSystem';
  if (mount.type === 'inaccessible') return 'Inaccessible';
  if (mount.type === 'overlay') return mount.readonly ? 'OverlayReadOnly' : 'Overlay';
  return mount.readonly ? 'BindReadOnly' : 'Bind';
}

function printMount(mount: CustomMount): string {
  switch (mount.type) {
    case 'ram':
      return printTmpfs(mount);
    case 'inaccessible':
      return mount.target;
    case 'overlay':
      return printOverlay(mount);
    default:
      return printBind(mount);
  }
}

function mountRow(key: MountKey, value: string, about: string, read: (value: string) => MountReading): SettingRow {
  return {
    ...files,
    key,
    value,
    about,
    read: (text, { mounts, refusedMounts }, say) => {
      const reading = read(text);
      if (reading === undefined) say.bad();
      else if ('mount' in reading) {
        const fault = findMountFault(reading.mount);
        if (fault === undefined) mounts.push(reading.mount);
        else say.fail(`'${key}': the ${fault.part} ${fault.reason}`);
      } else refusedMounts.push({ key, value: text, reason: reading.refused });
    },
    print: ({ mounts, refusedMounts }) => [
      ...mounts.filter((mount) => keyOf(mount) === key).map((mount) => printMount(mount)),
      ...refusedMounts.filter((refused) => refused.key === key).map((refused) => refused.value),
    ],
  };
}

function readInaccessible(value: string): MountReading {
  return value.startsWith('/') ? { mount: { type: 'inaccessible', target: value, readonly: true } } : undefined;
}

const BIND = 'SRC, SRC:DST or SRC:DST:OPTIONS (rbind, norbind, idmap, noidmap, rootidmap, owneridmap)';
const OVERLAY = 'LOWER:…:UPPER:DST, the lowest first, or LOWER:UPPER';

const VOLATILE = ['state', 'overlay'] as const;

export const fileRows: readonly SettingRow[] = [
  flagRow(
    { section: 'Files', key: 'ReadOnly', about: 'the root is read-only', group: 'read-only', privileged: false },
    'readOnly',
  ),
  {
    section: 'Files',
    key: 'Volatile',
    value: `a boolean or one of ${VOLATILE.join(', ')}`,
    byDefault: 'no',
    about: '`yes`: an empty root with /usr of the tree; `state`: an empty /var; `overlay`: changes go to memory',
    group: 'volatile-mode',
    privileged: false,
    read: (value, settings, say) => {
      const flag = parseBoolean(value);
      const word = flag === undefined ? VOLATILE.find((known) => known === value) : flag ? 'yes' : 'no';
      if (word === undefined) say.bad();
      else settings.volatile = word;
    },
    print: ({ volatile }) => (volatile === undefined ? [] : [volatile]),
  },
  mountRow('Bind', BIND, 'a path of the host, with + one of the root, or nothing: an empty tmpfs', (value) =>
    readBind(value, false),
  ),
  mountRow('BindReadOnly', BIND, 'the same, read-only', (value) => readBind(value, true)),
  mountRow('TemporaryFileSystem', 'PATH or PATH:OPTIONS', 'a tmpfs; of mode 0755 without options', readTmpfs),
  mountRow('Inaccessible', 'an absolute path', 'hidden by an empty node that nobody may open', readInaccessible),
  mountRow(
    'Overlay',
    OVERLAY,
    'an overlayfs; with + paths of the root, with an empty UPPER changes go to memory',
    (value) => readOverlay(value, false),
  ),
  mountRow('OverlayReadOnly', OVERLAY, 'the same, read-only', (value) => readOverlay(value, true)),
];

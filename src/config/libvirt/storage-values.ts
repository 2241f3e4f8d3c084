import type { ValueType } from './rows.js';

/** Formats of disk images that libvirt knows. */
export const IMAGE_FORMATS = 'raw dir bochs cloop dmg iso vpc vdi fat vhd ploop luks cow qcow qcow2 qed vmdk'.split(
  ' ',
);

/** Prefixes of a disk's name, and the bus it is on where the text has none. */
const BUSES: readonly (readonly [prefix: string, bus: string])[] = [
  ['hd', 'ide'],
  ['sd', 'scsi'],
  ['vd', 'virtio'],
  ['xvd', 'xen'],
  ['ubd', 'uml'],
  ['fd', 'fdc'],
];

/** Name of a disk below /dev. */
export const diskName: ValueType = {
  label: "a disk's name, like sda, vdb or hdc",
  read: (text) =>
    /^(fd|hd|sd|vd|xvd|ubd)[A-Za-z0-9_]{1,28}$/.test(text) ? { ok: true, canonical: text } : { ok: false },
};

/** The bus that a disk of this name is on by default. */
export function defaultBus(disk: string): string {
  return BUSES.find(([prefix]) => disk.startsWith(prefix))?.[1] ?? 'virtio';
}

/** Number of a disk by the letters of its name: a is 0, z 25, aa 26. -1 for a name with other characters. */
export function diskIndex(disk: string): number {
  const letters = /^(?:xvd|ubd|..)([a-z]{1,6})\d*$/.exec(disk)?.[1];
  if (letters === undefined) return -1;
  return [...letters].reduce((sum, letter) => (sum + 1) * 26 + letter.charCodeAt(0) - 97, -1);
}

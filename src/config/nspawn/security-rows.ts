/** Settings of [Exec] and [Files] about rights. systemd.nspawn(5) */

import { CAPABILITY_NAMES } from '../capability-names.js';
import { quote } from '../display-text.js';
import { nearestName } from '../nearest-name.js';
import { parseCapability } from './capability-names.js';
import { isUserName } from './parse-names.js';
import { parseUnsigned } from './parse-numbers.js';
import { flagRow, parseBoolean, type Say, type SettingRow } from './rows.js';
import type { CapabilityList, PrivateUsers, Settings } from './settings.js';
import { splitPlain } from './split-words.js';
import { SYSCALL_ITEMS } from './syscall-filter.js';

const exec = { section: 'Exec' } as const;
const files = { section: 'Files', privileged: true, group: 'userns' } as const;

/** Ids a user namespace gets when the text gives no number. */
export const ID_COUNT = 65536;
/** The last id means "none"; 65535 is its 16-bit form. */
const NO_ID = 0xffffffff;
const NO_ID_16 = 0xffff;

const WRITTEN_NAMES = CAPABILITY_NAMES.map((name) => `CAP_${name.toUpperCase()}`);

function capabilityRow(
  row: Pick<SettingRow, 'key' | 'about' | 'privileged'> & { readonly byDefault?: string },
  listOf: (settings: Settings) => CapabilityList,
): SettingRow {
  return {
    ...exec,
    ...row,
    value: 'capabilities like CAP_NET_ADMIN, or all',
    group: 'capability',
    read: (value, settings, say) => {
      const list = listOf(settings);
      for (const { text, index } of splitPlain(value)) {
        const name = parseCapability(text);
        if (text === 'all') list.all = true;
        else if (name !== undefined) list.names.add(name);
        else say.warn(`unknown capability ${quote(text)}: ignored`, index, didYouMean(text, WRITTEN_NAMES));
      }
    },
    print: (settings) => {
      const { all, names } = listOf(settings);
      if (all) return ['all'];
      const known = CAPABILITY_NAMES.filter((name) => names.has(name));
      return known.length === 0 ? [] : [known.map((name) => `CAP_${name.toUpperCase()}`).join(' ')];
    },
  };
}

function didYouMean(word: string, known: Iterable<string>): () => string | undefined {
  return () => {
    const near = nearestName(word, known);
    return near === undefined ? undefined : `did you mean '${near}'?`;
  };
}

function readPrivateUsers(value: string, settings: Settings, say: Say): void {
  const parsed = parsePrivateUsers(value);
  if (parsed === undefined) say.bad();
  else settings.privateUsers = parsed;
}

/** A bare 0 or 1 is a boolean here, other than on nspawn's command line. */
function parsePrivateUsers(value: string): PrivateUsers | undefined {
  const flag = parseBoolean(value);
  if (flag !== undefined) return { kind: flag ? 'yes' : 'no' };
  if (value === 'pick') return { kind: 'pick' };
  if (value === 'identity') return { kind: 'range', base: 0, count: ID_COUNT };
  const [written = '', countWritten] = value.split(/:(.*)/s);
  if (!/^(?:0|[1-9]\d{0,9})$/.test(written)) return undefined;
  const base = Number(written);
  const count = countWritten === undefined ? ID_COUNT : parseUnsigned(countWritten);
  if (count === undefined || count === 0 || base === NO_ID_16 || base + count > NO_ID) return undefined;
  return { kind: 'range', base, count };
}

function printPrivateUsers({ privateUsers }: Settings): string[] {
  if (privateUsers === undefined) return [];
  if (privateUsers.kind !== 'range') return [privateUsers.kind];
  const { base, count } = privateUsers;
  return [base === 0 && count === ID_COUNT ? 'identity' : `${base}:${count}`];
}

function readSyscallFilter(value: string, settings: Settings, say: Say): void {
  const denies = value.startsWith('~');
  const list = denies ? settings.syscallDeny : settings.syscallAllow;
  for (const { text, index } of splitPlain(denies ? ` ${value.slice(1)}` : value)) {
    if (SYSCALL_ITEMS.has(text)) list.add(text);
    else say.warn(`unknown system call ${quote(text)}: ignored`, index, didYouMean(text, SYSCALL_ITEMS));
  }
}

const OWNERSHIPS = ['off', 'chown', 'map', 'auto'] as const;

function setOwnership(settings: Settings, ownership: (typeof OWNERSHIPS)[number], say: Say): void {
  settings.ownership = ownership;
  if (ownership !== 'chown') return;
  say.warn('owners of files on disk stay as they are: an id-mapped mount shows them as if changed');
}

function readOwnership(value: string, settings: Settings, say: Say): void {
  const flag = parseBoolean(value);
  const word = flag === undefined ? OWNERSHIPS.find((known) => known === value) : flag ? 'chown' : 'off';
  if (word === undefined) say.bad();
  else setOwnership(settings, word, say);
}

export const capabilityRows: readonly SettingRow[] = [
  capabilityRow(
    { key: 'Capability', about: "kept besides nspawn's 26; lines add up", privileged: true },
    ({ capability }) => capability,
  ),
  capabilityRow(
    { key: 'AmbientCapability', about: 'kept by a program that is not run by root; not with `Boot`', privileged: true },
    ({ ambientCapability }) => ambientCapability,
  ),
  capabilityRow(
    { key: 'DropCapability', about: 'taken away, last of all; lines add up', privileged: false },
    ({ dropCapability }) => dropCapability,
  ),
];

export const privilegeRows: readonly SettingRow[] = [
  {
    ...exec,
    key: 'PrivateUsers',
    value: 'a boolean, pick, identity or BASE[:COUNT] (ids of the host)',
    byDefault: 'no',
    about: 'a user namespace; `yes`: ids from the owner of the root on, `pick`: ids that are free',
    group: 'userns',
    privileged: true,
    read: readPrivateUsers,
    print: printPrivateUsers,
  },
  {
    ...exec,
    key: 'SystemCallFilter',
    value: 'system calls and @sets, after ~ to deny them',
    about: "change nspawn's list of allowed calls; lines add up. Without it `ctr`'s own filter holds",
    group: 'syscall-filter',
    privileged: 'allow-lists',
    read: readSyscallFilter,
    print: ({ syscallAllow, syscallDeny }) => [
      ...(syscallAllow.size === 0 ? [] : [[...syscallAllow].join(' ')]),
      ...(syscallDeny.size === 0 ? [] : [`~${[...syscallDeny].join(' ')}`]),
    ],
  },
  flagRow(
    {
      ...exec,
      key: 'NoNewPrivileges',
      about: 'no program gets rights from its file',
      group: 'no-new-privileges',
      privileged: false,
    },
    'noNewPrivileges',
  ),
];

export const ownershipRows: readonly SettingRow[] = [
  {
    ...files,
    key: 'PrivateUsersChown',
    value: 'a boolean',
    about: 'older name: `yes` is `PrivateUsersOwnership=chown`, `no` is `off`',
    read: (value, settings, say) => {
      const flag = parseBoolean(value);
      if (flag === undefined) say.bad();
      else setOwnership(settings, flag ? 'chown' : 'off', say);
    },
    print: () => [],
  },
  {
    ...files,
    key: 'PrivateUsersOwnership',
    value: `a boolean or one of ${OWNERSHIPS.join(', ')}`,
    byDefault: 'map with `PrivateUsers=pick`, else off',
    about:
      'ids on disk are ids inside; `map`, `auto` and `chown` by an id-mapped mount, `off`: they are ids of the host',
    read: readOwnership,
    print: ({ ownership }) => (ownership === undefined ? [] : [ownership]),
  },
  {
    section: 'Files',
    key: 'BindUser',
    value: 'names of users of the host',
    about: 'users of the host inside, with their homes. Needs `PrivateUsers`. Kept; a start refuses it',
    group: 'bind-user',
    privileged: true,
    read: (value, settings, say) => {
      if (value === '') settings.bindUsers.length = 0;
      for (const { text, index } of splitPlain(value)) {
        if (isUserName(text)) settings.bindUsers.push(text);
        else say.warn(`${quote(text)} is no name of a user: ignored`, index);
      }
    },
    print: ({ bindUsers }) => (bindUsers.length === 0 ? [] : [bindUsers.join(' ')]),
  },
];

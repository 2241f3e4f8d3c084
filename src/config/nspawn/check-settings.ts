/** Settings that contradict each other: nspawn does not start with them. systemd-nspawn(1) */
import type { Report } from '../diagnostics.js';
import type { SettingGroup } from './rows.js';
import { type Settings, wantsPrivateNetwork, wantsPrivateUsers } from './settings.js';
import { listCapabilities } from './spec-security.js';

export interface Checked {
  readonly settings: Settings;
  /** Offset of the last line that set a key. */
  readonly places: ReadonlyMap<string, number>;
  /** Groups that the command line has set: what a rule needs may be there. */
  readonly masked: ReadonlySet<SettingGroup>;
}

interface Rule {
  /** Where the fault is shown: the later one of these that the text has. */
  readonly keys: readonly string[];
  /** The rule asks about these groups; with one of them on the command line it is the caller's. */
  readonly groups: readonly SettingGroup[];
  readonly isBroken: (settings: Settings) => boolean;
  readonly message: string;
  readonly hint?: string;
}

const RULES: readonly Rule[] = [
  {
    keys: ['Port'],
    groups: ['network', 'expose-ports'],
    isBroken: (settings) => settings.ports.size > 0 && !wantsPrivateNetwork(settings),
    message: "'Port' needs a network of the container's own",
    hint: 'add VirtualEthernet=yes to [Network]',
  },
  {
    keys: ['Bridge', 'Zone'],
    groups: ['network'],
    isBroken: ({ bridge, zone }) => bridge !== undefined && zone !== undefined,
    message: "'Bridge' and 'Zone' cannot be set together",
  },
  {
    keys: ['Ephemeral', 'LinkJournal'],
    groups: ['ephemeral', 'link-journal'],
    isBroken: ({ ephemeral, linkJournal }) => ephemeral === true && (linkJournal === 'host' || linkJournal === 'guest'),
    message: "'Ephemeral' leaves no journal to link: 'LinkJournal' cannot be host or guest",
    hint: 'try-host and try-guest can be set',
  },
  {
    keys: ['PrivateUsersOwnership', 'PrivateUsersChown', 'ReadOnly', 'Volatile'],
    groups: ['userns', 'read-only', 'volatile-mode'],
    isBroken: ({ ownership, readOnly, volatile = 'no' }) =>
      ownership === 'chown' && (readOnly === true || volatile !== 'no'),
    message: 'owners on a read-only or volatile root cannot be changed',
    hint: 'PrivateUsersOwnership=map changes nothing on disk',
  },
  {
    keys: ['AmbientCapability'],
    groups: ['capability'],
    isBroken: ({ ambientCapability }) => ambientCapability.all,
    message: "'AmbientCapability' cannot be all",
  },
  {
    keys: ['AmbientCapability', 'DropCapability'],
    groups: ['capability', 'network'],
    isBroken: (settings) => {
      const kept = listCapabilities(settings);
      return [...settings.ambientCapability.names].some((name) => !kept.has(name));
    },
    message: "'AmbientCapability' has capabilities that the container does not have",
    hint: 'add them to Capability=',
  },
  {
    keys: ['AmbientCapability', 'Boot'],
    groups: ['capability', 'start-mode'],
    isBroken: ({ ambientCapability: { all, names }, startMode }) => startMode === 'boot' && (all || names.size > 0),
    message: "'AmbientCapability' is of no use with 'Boot': an init system sets its own",
  },
  {
    keys: ['BindUser'],
    groups: ['bind-user', 'userns'],
    isBroken: (settings) => settings.bindUsers.length > 0 && !wantsPrivateUsers(settings),
    message: "'BindUser' needs 'PrivateUsers'",
  },
];

/** Each broken rule is one error. */
export function checkSettings({ settings, places, masked }: Checked, report: Report): void {
  for (const { keys, groups, isBroken, message, hint } of RULES) {
    if (groups.some((group) => masked.has(group)) || !isBroken(settings)) continue;
    report.error(Math.max(0, ...keys.map((key) => places.get(key) ?? 0)), message, hint);
  }
}

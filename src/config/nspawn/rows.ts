/** The form of the table of settings: one row is all there is to know of a setting. */
import type { Section } from './read-assignments.js';
import type { Settings } from './settings.js';

/**
 * Settings that a command line replaces together: with one option of a group, what a file says of it does not count.
 * (systemd-nspawn(1), --settings=)
 */
export type SettingGroup =
  | 'start-mode'
  | 'ephemeral'
  | 'environment'
  | 'user'
  | 'working-directory'
  | 'pivot-root'
  | 'capability'
  | 'no-new-privileges'
  | 'kill-signal'
  | 'personality'
  | 'machine-id'
  | 'userns'
  | 'notify-ready'
  | 'syscall-filter'
  /** `rlimit-nofile`, …: each limit is a group of its own. */
  | `rlimit-${string}`
  | 'oom-score-adjust'
  | 'cpu-affinity'
  | 'hostname'
  | 'resolv-conf'
  | 'timezone'
  | 'link-journal'
  | 'suppress-sync'
  | 'read-only'
  | 'volatile-mode'
  | 'custom-mounts'
  | 'bind-user'
  | 'network'
  | 'expose-ports';

/** How a row tells what is wrong with a value. Places are indexes into the value. */
export interface Say {
  /** The value is ignored: it is not what the row says a value is, or for a reason, which follows the key in the message. */
  bad(reason?: string, index?: number): void;
  /** A warning that names all it needs. The hint is looked for only where it is shown. */
  warn(message: string, index?: number, hint?: () => string | undefined): void;
  /** nspawn stops here, and so do we. */
  fail(message: string, index?: number): void;
}

export interface SettingRow {
  readonly section: Section;
  readonly key: string;
  /** Completes "must be …". */
  readonly value: string;
  /** What holds without it. */
  readonly byDefault?: string;
  readonly about: string;
  readonly group: SettingGroup;
  /** Ignored in a file that is not trusted; of system calls, those that are allowed. */
  readonly privileged: boolean | 'allow-lists';
  readonly read: (value: string, settings: Settings, say: Say) => void;
  /** The values to print, one line each. */
  readonly print: (settings: Settings) => readonly string[];
}

/** Boolean settings, by their names in the model. */
type FlagField = {
  [K in keyof Settings]-?: Settings[K] extends boolean | undefined ? K : never;
}[keyof Settings];

/** What most rows share. */
type Common = Pick<SettingRow, 'section' | 'key' | 'about' | 'group' | 'privileged'> &
  Partial<Pick<SettingRow, 'byDefault'>>;

/** A row for a boolean; an empty value unsets it. */
export function flagRow(common: Common, field: FlagField): SettingRow {
  return {
    byDefault: 'no',
    ...common,
    value: 'a boolean',
    read: (value, settings, say) => {
      const flag = parseBoolean(value);
      if (flag === undefined && value !== '') say.bad();
      else settings[field] = flag;
    },
    print: (settings) => (settings[field] === true ? ['yes'] : []),
  };
}

/** A row for one of some words, some of which are booleans, too. */
export function wordRow<W extends string>(
  common: Common,
  words: readonly W[],
  booleans: { readonly yes: W; readonly no: W } | undefined,
  get: (settings: Settings) => W | undefined,
  set: (settings: Settings, word: W) => void,
): SettingRow {
  return {
    ...common,
    value: `${booleans === undefined ? '' : 'a boolean or '}one of ${words.join(', ')}`,
    read: (value, settings, say) => {
      const flag = booleans === undefined ? undefined : parseBoolean(value);
      const word = words.find((known) => known === value);
      if (word !== undefined) set(settings, word);
      else if (booleans !== undefined && flag !== undefined) set(settings, flag ? booleans.yes : booleans.no);
      else say.bad();
    },
    print: (settings) => {
      const word = get(settings);
      return word === undefined ? [] : [word];
    },
  };
}

/** Any of systemd's words for yes and no, in any case; undefined for others. */
export function parseBoolean(value: string): boolean | undefined {
  if (/^(?:1|yes|y|true|t|on)$/i.test(value)) return true;
  return /^(?:0|no|n|false|f|off)$/i.test(value) ? false : undefined;
}

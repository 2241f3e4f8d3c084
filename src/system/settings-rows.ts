/** ctr's own settings of a host: the one table of them. */

/** What a value is: `size` in bytes, written as in '64M'; `number` as it is. */
export type SettingKind = 'size' | 'number';

export interface SettingRow {
  readonly section: string;
  readonly key: string;
  readonly kind: SettingKind;
  readonly least: number;
  readonly most: number;
  /** What holds without it, for the reference. */
  readonly usual: string;
  readonly about: string;
}

const MEBIBYTE = 1024 ** 2;
/** The last id, 2^32-1, means "none". */
const LAST_ID = 0xfffffffe;
/** Below are the host's own users. */
const LEAST_ID = 65536;

export const SETTINGS = {
  bootstrapMemoryBytes: {
    section: 'bootstrap',
    key: 'memory',
    kind: 'size',
    least: MEBIBYTE,
    most: 1024 ** 5,
    usual: "the template's",
    about: 'memory limit of the containers that `bootstrap` makes',
  },
  bootstrapPids: {
    section: 'bootstrap',
    key: 'pids',
    kind: 'number',
    least: 1,
    most: 4_194_304,
    usual: "the template's",
    about: 'how many processes they may have',
  },
  firstId: {
    section: 'ids',
    key: 'first',
    kind: 'number',
    least: LEAST_ID,
    most: LAST_ID,
    usual: '`1000000`',
    about: 'first host id that `bootstrap` gives out; each container gets 65536 that nobody else has',
  },
  lastId: {
    section: 'ids',
    key: 'last',
    kind: 'number',
    least: LEAST_ID,
    most: LAST_ID,
    usual: `\`${LAST_ID}\``,
    about: 'last host id that it gives out',
  },
  consoleLogLimitBytes: {
    section: 'console',
    key: 'log-limit',
    kind: 'size',
    least: 4096,
    most: 1024 ** 4,
    usual: '`1M`',
    about: 'size of the log of a console with its older half',
  },
  startLxcfs: {
    section: 'views',
    key: 'start-lxcfs',
    kind: 'number',
    least: 0,
    most: 1,
    usual: "`1` with the host's usual run directory, else `0`",
    about:
      'whether an lxcfs is started when a container is to see its limits in /proc and none runs (`1`), or not (`0`)',
  },
} as const satisfies Record<string, SettingRow>;

/** The settings that a host's file has; what is missing keeps its usual value. */
export type Settings = { readonly [name in keyof typeof SETTINGS]?: number };

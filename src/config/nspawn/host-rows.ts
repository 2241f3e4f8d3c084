/** Settings of [Exec] about who the container is and what it takes over from the host. systemd.nspawn(5) */
import { isHostName, parseId128 } from './parse-names.js';
import { flagRow, type SettingRow, wordRow } from './rows.js';

const exec = { section: 'Exec', privileged: false } as const;

const NO_ID = '00000000-0000-0000-0000-000000000000';

/** systemd's names of architectures by uname(2)'s. */
const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['x86', 'i686'],
  ['x86-64', 'x86_64'],
  ['arm', 'armv7l'],
  ['arm64', 'aarch64'],
  ['loongarch64', 'loongarch64'],
  ['mips', 'mips'],
  ['mips64', 'mips64'],
  ['ppc', 'ppc'],
  ['ppc64', 'ppc64'],
  ['ppc64-le', 'ppc64le'],
  ['riscv64', 'riscv64'],
  ['s390', 's390'],
  ['s390x', 's390x'],
]);

const RESOLV_CONF = [
  'off',
  'copy-host',
  'copy-static',
  'copy-uplink',
  'copy-stub',
  'replace-host',
  'replace-static',
  'replace-uplink',
  'replace-stub',
  'bind-host',
  'bind-static',
  'bind-uplink',
  'bind-stub',
  'delete',
  'auto',
] as const;

export const identityRows: readonly SettingRow[] = [
  {
    ...exec,
    key: 'Personality',
    value: `one of ${[...ARCHITECTURES.keys()].join(', ')}`,
    byDefault: "the host's",
    about: 'architecture that uname(2) tells',
    group: 'personality',
    read: (value, settings, say) => {
      const arch = ARCHITECTURES.get(value);
      if (arch === undefined && value !== '') say.bad();
      else settings.arch = arch;
    },
    print: ({ arch }) => [...ARCHITECTURES].filter(([, machine]) => machine === arch).map(([name]) => name),
  },
  {
    ...exec,
    key: 'MachineID',
    value: '32 hexadecimal digits, not all 0, dashes as in a uuid allowed',
    about: 'uuid of the container',
    group: 'machine-id',
    privileged: true,
    read: (value, settings, say) => {
      const id = parseId128(value);
      if (id === undefined || id === NO_ID) say.bad();
      else settings.machineId = id;
    },
    print: ({ machineId }) => (machineId === undefined ? [] : [machineId.replaceAll('-', '')]),
  },
];

export const hostRows: readonly SettingRow[] = [
  {
    ...exec,
    key: 'Hostname',
    value: 'a host name of at most 64 characters',
    byDefault: 'the name of the container',
    about: 'host name inside',
    group: 'hostname',
    read: (value, settings, say) => {
      if (value !== '' && !isHostName(value)) say.bad();
      else settings.hostname = value === '' ? undefined : value;
    },
    print: ({ hostname }) => (hostname === undefined ? [] : [hostname]),
  },
  wordRow(
    { ...exec, key: 'ResolvConf', byDefault: 'auto', about: 'where /etc/resolv.conf comes from', group: 'resolv-conf' },
    RESOLV_CONF,
    { yes: 'auto', no: 'off' },
    ({ resolvConf }) => resolvConf,
    (settings, word) => {
      settings.resolvConf = word;
    },
  ),
  wordRow(
    { ...exec, key: 'Timezone', byDefault: 'auto', about: 'where /etc/localtime comes from', group: 'timezone' },
    ['off', 'copy', 'bind', 'symlink', 'delete', 'auto'],
    { yes: 'auto', no: 'off' },
    ({ timezone }) => timezone,
    (settings, word) => {
      settings.timezone = word;
    },
  ),
  wordRow(
    {
      ...exec,
      key: 'LinkJournal',
      byDefault: 'auto',
      about: 'whether the journal is seen on both sides, and who keeps it',
      group: 'link-journal',
      privileged: true,
    },
    ['no', 'auto', 'host', 'guest', 'try-host', 'try-guest'],
    { yes: 'auto', no: 'no' },
    ({ linkJournal }) => linkJournal,
    (settings, word) => {
      settings.linkJournal = word;
    },
  ),
  flagRow(
    {
      ...exec,
      key: 'SuppressSync',
      about: 'sync calls succeed and do nothing',
      group: 'suppress-sync',
    },
    'suppressSync',
  ),
];

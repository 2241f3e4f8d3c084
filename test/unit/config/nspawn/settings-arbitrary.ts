import fc from 'fast-check';
import { CAPABILITY_NAMES } from '../../../../src/config/capability-names.js';
import { escapeColons, quoteWord } from '../../../../src/config/nspawn/split-words.js';

/** Texts that nspawn reads, with values of every kind for every setting; the odd line is wrong, and then skipped. */

const character = fc.constantFrom('a', 'b', 'é', ' ', ':', '\\', '"', "'", ',', '+', '=', '#', '%', '.', '😀');
const odd = fc.string({ unit: character, maxLength: 5 });
const path = fc
  .array(fc.oneof(odd, fc.constantFrom('tmp', 'run', 'srv', 'x')), { maxLength: 3 })
  .map((parts) => `/${parts.join('/')}`);
const link = fc.stringMatching(/^[a-z][a-z0-9.-]{0,10}$/);
const pair = fc
  .tuple(link, fc.option(link, { nil: '' }))
  .map(([host, guest]) => (guest === '' ? host : `${host}:${guest}`));
const boolean = fc.constantFrom('yes', 'no', '1', '0', 'true', 'off', '', 'maybe');
const count = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 40 }).map(String),
  fc.constantFrom('infinity', '0x10', '2M', '5min'),
);
const limit = fc
  .tuple(count, fc.option(count, { nil: '' }))
  .map(([soft, hard]) => (hard === '' ? soft : `${soft}:${hard}`));
const words = (word: fc.Arbitrary<string>) => fc.array(word, { maxLength: 4 }).map((list) => list.join(' '));
const capabilities = words(
  fc.oneof(
    fc.constantFrom(...CAPABILITY_NAMES).map((name) => `CAP_${name.toUpperCase()}`),
    fc.constantFrom('all', 'CAP_NO'),
  ),
);
const bindOptions = fc.subarray(['rbind', 'norbind', 'idmap', 'noidmap', 'rootidmap', 'owneridmap', 'foo']);
const bind = fc
  .tuple(fc.constantFrom('', '+', '-'), path, fc.option(path, { nil: undefined }), bindOptions)
  .map(([prefix, source, target, options]) => {
    const from = prefix === '-' ? '' : `${prefix}${escapeColons(source)}`;
    const to = target === undefined ? '' : `:${escapeColons(target)}`;
    return `${from}${to}${to !== '' && options.length > 0 ? `:${options.join(',')}` : ''}`;
  });
const tmpfsOptions = fc.array(
  fc.constantFrom(
    'ro',
    'rw',
    'nosuid',
    'dev',
    'noatime',
    'nostrictatime',
    'mode=755',
    'mode=01777',
    'size=1m',
    'size=10%',
    'x',
  ),
  { maxLength: 4 },
);
const overlay = fc
  .tuple(fc.array(path, { minLength: 1, maxLength: 4 }), fc.boolean(), path)
  .map(([paths, isInside, target]) => {
    const sources = paths.map((source) => `${isInside ? '+' : ''}${escapeColons(source)}`);
    return [...sources, escapeColons(target)].join(':');
  });

const EXEC: Readonly<Record<string, fc.Arbitrary<string>>> = {
  Boot: boolean,
  ProcessTwo: boolean,
  Ephemeral: boolean,
  Parameters: words(odd.map((word) => quoteWord(word))),
  Environment: words(odd.map((value) => quoteWord(`A=${value}`))),
  User: fc.constantFrom('root', 'www', '1000', ''),
  WorkingDirectory: path,
  PivotRoot: fc.tuple(path, path).map(([to, from]) => `${escapeColons(to)}:${from}`),
  KillSignal: fc.constantFrom('SIGTERM', '15', 'RTMIN+3', 'RTMAX-1', 'SIGRTMIN', '33', 'x'),
  NotifyReady: boolean,
  Personality: fc.constantFrom('x86', 'x86-64', 'arm64', 'ppc64-le', '', 'shy'),
  MachineID: fc.uuid(),
  Capability: capabilities,
  DropCapability: capabilities,
  PrivateUsers: fc.constantFrom('yes', 'no', 'pick', 'identity', '0:65536', '1:2', '200000', '200000:5', '1', 'x'),
  SystemCallFilter: fc
    .tuple(
      fc.boolean(),
      words(fc.constantFrom('@keyring', '@mount', '@sync', 'read', 'swapon', 'socket', '@known', 'nope')),
    )
    .map(([denies, list]) => `${denies ? '~' : ''}${list}`),
  NoNewPrivileges: boolean,
  LimitCPU: limit,
  LimitAS: limit,
  LimitNOFILE: limit,
  LimitNICE: fc.constantFrom('+5', '-5:40', '40', '41'),
  LimitRTTIME: limit,
  OOMScoreAdjust: fc.integer({ min: -1100, max: 1100 }).map(String),
  CPUAffinity: words(fc.constantFrom('0', '1-3', '2', '5,7', '8192', '')),
  Hostname: fc.constantFrom('a', 'a.b', 'web', '-a', ''),
  ResolvConf: fc.constantFrom('yes', 'off', 'auto', 'copy-host', 'bind-stub', 'delete', 'x'),
  Timezone: fc.constantFrom('no', 'auto', 'symlink', 'delete', 'x'),
  LinkJournal: fc.constantFrom('no', 'yes', 'try-host', 'try-guest', 'auto', 'x'),
  SuppressSync: boolean,
};

const FILES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  ReadOnly: boolean,
  Volatile: fc.constantFrom('yes', 'no', 'state', 'overlay', 'x'),
  Bind: bind,
  BindReadOnly: bind,
  TemporaryFileSystem: fc.tuple(path, tmpfsOptions).map(([to, options]) => `${escapeColons(to)}:${options.join(',')}`),
  Inaccessible: path,
  Overlay: overlay,
  OverlayReadOnly: overlay,
  PrivateUsersOwnership: fc.constantFrom('off', 'map', 'auto', 'no', 'x'),
};

const NETWORK: Readonly<Record<string, fc.Arbitrary<string>>> = {
  Private: boolean,
  VirtualEthernet: boolean,
  VirtualEthernetExtra: pair,
  Interface: words(pair),
  MACVLAN: words(pair),
  IPVLAN: words(pair),
  Bridge: fc.oneof(link, fc.constant('')),
  // A link more, so that a port is never without a network
  Port: fc
    .tuple(fc.constantFrom('', 'tcp:', 'udp:'), fc.integer({ min: 1, max: 65535 }), fc.integer({ min: 0, max: 65535 }))
    .map(([protocol, host, inside]) => `${protocol}${host}${inside === 0 ? '' : `:${inside}`}\nPrivate=yes`),
};

function section(name: string, settings: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> {
  const line = fc
    .constantFrom(...Object.keys(settings))
    .chain((key) => (settings[key] ?? fc.constant('')).map((value) => `${key}=${value}\n`));
  return fc.array(line, { maxLength: 12 }).map((lines) => `[${name}]\n${lines.join('')}`);
}

export const anySettings: fc.Arbitrary<string> = fc
  .tuple(section('Exec', EXEC), section('Files', FILES), section('Network', NETWORK), section('Exec', EXEC))
  .map((sections) => sections.join(''));

/** Whatever a file may hold, of what means something here more than of other things. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '[',
        ']',
        'Exec',
        'Files',
        'Network',
        '\n',
        '\r',
        '\0',
        '\\',
        '=',
        ':',
        '"',
        "'",
        ' ',
        '#',
        ';',
        '~',
        '@',
        '+',
      ),
      fc.constantFrom(...Object.keys({ ...EXEC, ...FILES, ...NETWORK })),
      fc.constantFrom(
        'yes',
        '/a',
        'all',
        'CAP_KILL',
        'eth0',
        'infinity',
        '80',
        '@mount',
        '__proto__',
        'constructor',
        'X-',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

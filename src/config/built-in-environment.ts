import type { ConfigFormat, InitSpec } from './spec.js';

type Variables = InitSpec['env'];

/** systemd's DEFAULT_PATH, which nspawn gives the payload. */
const NSPAWN_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const ROOT: Variables = [
  { name: 'HOME', value: '/root' },
  { name: 'USER', value: 'root' },
  { name: 'LOGNAME', value: 'root' },
];

export function isRootUser(user: string | undefined): boolean {
  return user === undefined || ['', 'root', '0'].includes(user);
}

/** What a format's own tool gives init before the configuration's own variables, which may replace any of it. Without uuid and name. */
export function listBuiltIn(format: ConfigFormat, user: string | undefined): Variables {
  switch (format) {
    case 'libvirt':
      // As in libvirt's code, not its documentation.
      return [
        { name: 'PATH', value: '/bin:/sbin' },
        { name: 'TERM', value: 'linux' },
        { name: 'container', value: 'lxc-libvirt' },
        { name: 'HOME', value: '/' },
      ];
    case 'nspawn':
      return [
        { name: 'PATH', value: NSPAWN_PATH },
        // nspawn hands on its caller's; the console of a container has none.
        { name: 'TERM', value: 'linux' },
        { name: 'container', value: 'systemd-nspawn' },
        ...(isRootUser(user) ? ROOT : []),
      ];
    case 'lxc':
      return [{ name: 'container', value: 'lxc' }];
    default:
      // The specification knows no others than process.env.
      return [];
  }
}

const FORMATS: readonly ConfigFormat[] = ['libvirt', 'nspawn', 'lxc', 'oci'];
const OF_ANY: ReadonlySet<string> = new Set([
  ...FORMATS.flatMap((format) => listBuiltIn(format, undefined).map(({ name, value }) => `${name}=${value}`)),
  // Of nspawn, without an init system.
  'LANG=C.UTF-8',
]);

/** Whether a variable only says what one of the formats would give by itself: each has its own. */
export function isBuiltIn({ name, value }: Variables[number]): boolean {
  return OF_ANY.has(`${name}=${value}`);
}

import { type Search, writeArgv0 } from '../program-search.js';
import type { ContainerSpec, InitSpec } from '../spec.js';
import { architecture, isArchitecture } from './architectures.js';
import { joinCommand, splitCommand } from './command-words.js';
import { kept, key, lines, type Printed, type ValueType } from './rows.js';
import { signal } from './signal-names.js';
import { absolutePath, anyText, integer, parseInteger, right, WRONG, zeroOrOne } from './values.js';

/** Rows about who the container is, its first process, its signals, and when it starts. */

const MAX_ID = 4294967294;

const hostName: ValueType<string> = {
  label: 'a host name of at most 64 bytes',
  parse: (text) => (Buffer.byteLength(text) < 65 ? right(text) : WRONG),
};

const command: ValueType<readonly [path: string, ...args: string[]]> = {
  label: 'a command',
  parse: (text) => {
    const [path = '', ...args] = splitCommand(text);
    return path === '' ? WRONG : right([path, ...args]);
  },
};

const ids: ValueType<readonly number[]> = {
  label: 'ids between commas',
  parse: (text) => {
    const numbers = text.split(',').map((part) => parseInteger(part.trim()));
    const known = numbers.filter((id) => id !== undefined && id >= 0 && id <= MAX_ID);
    return known.length === numbers.length ? right(known as number[]) : WRONG;
  },
};

/** Without a value: what the caller has. */
export interface Variable {
  readonly name: string;
  readonly value?: string;
}

const variable: ValueType<Variable> = {
  label: 'NAME=VALUE, or NAME',
  parse: (text) => {
    const equals = text.indexOf('=');
    if (equals === 0) return WRONG;
    return right(equals === -1 ? { name: text } : { name: text.slice(0, equals), value: text.slice(equals + 1) });
  },
};

export const utsName = key('lxc.uts.name', 'host name, and name of the container unless a start gives one', hostName, {
  legacy: ['lxc.utsname'],
  print: ({ format, hostname, name }) => lines(hostname ?? (format === 'lxc' ? undefined : name)),
});

export const arch = key('lxc.arch', 'architecture of the programs', architecture, {
  byDefault: "the host's",
  print: (spec) => (spec.arch === undefined || !isArchitecture(spec.arch) ? [] : lines(spec.arch)),
});

const DEFAULT_INIT = '/sbin/init';

/** How LXC finds its first process: by execvp(3), whose path is that of the libc where the container's own has none. */
export function searchOf({ env, dir = '/' }: Pick<InitSpec, 'env' | 'dir'>): Search {
  return { env, dir, path: '/bin:/usr/bin' };
}

export const initCmd = key(
  'lxc.init.cmd',
  'first process, with its arguments; without a slash it is searched for',
  command,
  {
    legacy: ['lxc.init_cmd'],
    byDefault: DEFAULT_INIT,
    print: ({ init }) => {
      const program = writeArgv0(init, searchOf(init));
      const isDefault = program === DEFAULT_INIT && init.args.length === 0;
      return isDefault ? [] : lines(joinCommand([program, ...init.args]));
    },
  },
);

export const initCwd = key('lxc.init.cwd', 'its working directory', absolutePath, {
  print: ({ init }) => lines(init.dir),
});

/** Other readers of `0x0` and `010` take other numbers for it: none of them may be root by accident (CVE-2026-30892). */
const decimalId: ValueType<number> = {
  label: integer(0, MAX_ID).label,
  parse: (text) => (/^(?:0|[1-9]\d*)$/.test(text) ? integer(0, MAX_ID).parse(text) : { ok: false }),
};

const byNumber = (account: string | undefined) =>
  account !== undefined && /^\d+$/.test(account) ? account : undefined;

export const initUid = key('lxc.init.uid', 'its user', decimalId, {
  legacy: ['lxc.init_uid'],
  byDefault: '0',
  print: ({ init }) => lines(byNumber(init.user)),
});

export const initGid = key('lxc.init.gid', 'its group', decimalId, {
  legacy: ['lxc.init_gid'],
  byDefault: '0',
  print: ({ init }) => lines(byNumber(init.group)),
});

export const initGroups = key('lxc.init.groups', 'its supplementary groups', ids, {
  byDefault: 'none',
  print: ({ init }) =>
    (init.supplementaryGids ?? []).length === 0 ? [] : lines((init.supplementaryGids ?? []).join(',')),
});

const INHERITED = 'NAME alone, a variable of whoever starts it: a start refuses';

/** Of init and of the hooks: what both have is said once. */
function environments({ init, hooks = [] }: ContainerSpec) {
  const ofInit = init.env.map(({ name, value }) => `${name}=${value}`);
  if (hooks.length === 0) return { shared: ofInit, ofInit: [], ofHooks: [] };
  const all = (hooks[0]?.env ?? []).map(({ name, value }) => `${name}=${value}`);
  let count = 0;
  while (count < all.length && all[count] === ofInit[count]) count += 1;
  return { shared: all.slice(0, count), ofInit: ofInit.slice(count), ofHooks: all.slice(count) };
}

export const environment = key(
  'lxc.environment',
  `a variable of the first process and of the hooks; ${INHERITED}`,
  variable,
  { list: true, print: (spec) => lines(...environments(spec).shared) },
);

export const environmentRuntime = key('lxc.environment.runtime', 'likewise, of the first process alone', variable, {
  list: true,
  print: (spec) => lines(...environments(spec).ofInit),
});

export const environmentHooks = key('lxc.environment.hooks', 'likewise, of the hooks alone', variable, {
  list: true,
  print: (spec) => lines(...environments(spec).ofHooks),
});

const signalLine = (name: string | undefined): Printed[] => (name === undefined ? [] : lines(`SIG${name}`));

export const signalHalt = key('lxc.signal.halt', 'what `stop` sends', signal, {
  legacy: ['lxc.haltsignal'],
  byDefault: 'SIGRTMIN+3 or SIGPWR, as init takes it',
  print: ({ lifecycle }) => signalLine(lifecycle.stopSignal),
});

export const signalReboot = key('lxc.signal.reboot', 'what `reboot` sends', signal, {
  legacy: ['lxc.rebootsignal'],
  byDefault: 'SIGINT',
  print: ({ lifecycle }) => signalLine(lifecycle.rebootSignal),
});

export const signalStop = key('lxc.signal.stop', 'what `destroy` sends', signal, {
  legacy: ['lxc.stopsignal'],
  byDefault: 'SIGKILL',
  print: ({ lifecycle }) => signalLine(lifecycle.killSignal),
});

export const startAuto = key('lxc.start.auto', 'whether it starts with the host', zeroOrOne, {
  byDefault: '0',
  print: ({ autostart }) => (autostart === undefined ? [] : lines(autostart.enabled ? 1 : 0)),
});

export const startDelay = key('lxc.start.delay', 'seconds until the next one starts', integer(0, 4294967295), {
  byDefault: '0',
  print: ({ autostart }) => lines(autostart?.delaySeconds),
});

export const startOrder = key('lxc.start.order', 'lower starts earlier', integer(-2147483648, 2147483647), {
  byDefault: '0',
  print: ({ autostart }) => lines(autostart?.order),
});

const groups: ValueType<readonly string[]> = {
  label: 'names between commas or blanks',
  parse: (text) => {
    const names = text.split(/[ \t,]+/).filter((name) => name !== '');
    return names.length === 0 ? WRONG : right(names);
  },
};

export const group = key('lxc.group', 'groups of containers that start together', groups, {
  list: true,
  print: ({ autostart }) => lines(...(autostart?.groups ?? [])),
});

export const CORE_ROWS = [
  utsName,
  arch,
  initCmd,
  initCwd,
  initUid,
  initGid,
  initGroups,
  kept('lxc.execute.cmd', 'command of lxc-execute', anyText, '`ctr run` takes its command'),
  environment,
  environmentRuntime,
  environmentHooks,
  signalHalt,
  signalReboot,
  signalStop,
  startAuto,
  startDelay,
  startOrder,
  group,
  kept('lxc.ephemeral', 'the container is destroyed when it stops', zeroOrOne, 'a defined container stays', {
    quiet: ['0'],
    byDefault: '0',
  }),
];

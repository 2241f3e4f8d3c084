import { listBuiltIn } from '../built-in-environment.js';
import { CAPABILITY_NAMES, listBoundingSet } from '../capability-names.js';
import { searchProgram, writeArgv0 } from '../program-search.js';
import type { CapabilitiesSpec, ContainerSpec, InitSpec, ProcessSpec, RlimitSpec, SecurityLabelSpec } from '../spec.js';
import type { OciConfig, OciProcess } from './config-shape.js';

/** `process` of a config.json, both ways. */

/** What a search goes through when the environment has no PATH. */
const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const NO_LIMIT = 2n ** 64n - 1n;
/** Who runs what asks for a user by name: the number is in the root's /etc/passwd. Nobody's can do no harm. */
const NOBODY = 65534;

export function readInit(process: OciProcess | undefined): InitSpec {
  if (process === undefined) return { path: '', args: [], env: [] };
  const [argv0 = '', ...args] = process.args;
  const env = readEnvironment(process.env ?? []);
  const program = searchProgram(argv0, { env, dir: process.cwd, path: USUAL_PATH });
  return {
    ...program,
    ...(program.path === argv0 ? {} : { argv0 }),
    args,
    env,
    dir: process.cwd,
    user: String(process.user.uid),
    group: String(process.user.gid),
    supplementaryGids: process.user.additionalGids ?? [],
  };
}

/** Entries `NAME=value`. */
export function readEnvironment(entries: readonly string[]): { readonly name: string; readonly value: string }[] {
  return entries.map((entry) => {
    const end = entry.indexOf('=');
    return { name: entry.slice(0, end), value: entry.slice(end + 1) };
  });
}

export function writeEnvironment(env: readonly { readonly name: string; readonly value: string }[]): string[] {
  return env.map(({ name, value }) => `${name}=${value}`);
}

/** What the specification leaves out is not there: no capability, no supplementary group, no terminal. */
export function readCapabilities(process: OciProcess | undefined): CapabilitiesSpec {
  const { bounding = [], effective = [], permitted = [], inheritable = [], ambient = [] } = process?.capabilities ?? {};
  // The kernel takes an ambient capability only where it is inheritable, too
  const inherited = [...new Set([...inheritable, ...ambient])];
  return {
    ...readBounding(bounding),
    ...(ambient.length === 0 ? {} : { ambient }),
    ...(isSameSet(effective, permitted) ? {} : { effective }),
    ...(isSameSet(permitted, bounding) ? {} : { permitted }),
    ...(isSameSet(inherited, ambient) ? {} : { inheritable: inherited }),
  };
}

const DEFAULT_SET = [...listBoundingSet({ policy: 'default', states: [] })];

/** All that there are is a policy: of those a kernel may have fewer. */
function readBounding(names: readonly string[]): Pick<CapabilitiesSpec, 'policy' | 'states'> {
  if (isSameSet(names, CAPABILITY_NAMES)) return { policy: 'allow', states: [] };
  if (isSameSet(names, DEFAULT_SET)) return { policy: 'default', states: [] };
  return { policy: 'deny', states: [...new Set(names)].map((name) => ({ name, state: 'on' })) };
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [new Set(a), new Set(b)];
  return left.size === right.size && [...left].every((name) => right.has(name));
}

/** The part of `ProcessSpec` that `process` has. */
export function readProcess(process: OciProcess | undefined): ProcessSpec {
  const { rlimits = [], oomScoreAdj, terminal = false, user } = process ?? {};
  return {
    ...(rlimits.length === 0 ? {} : { rlimits: rlimits.map((limit) => readRlimit(limit)) }),
    ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
    ...(user?.umask === undefined ? {} : { umask: user.umask }),
    terminal,
  };
}

function readRlimit({ type, soft, hard }: NonNullable<OciProcess['rlimits']>[number]): RlimitSpec {
  const numberOf = (value: bigint) => (value === NO_LIMIT ? 'infinity' : Number(value));
  return { name: type.slice('RLIMIT_'.length).toLowerCase(), soft: numberOf(soft), hard: numberOf(hard) };
}

/** Labels of the process; an empty one is none. */
export function readLabels(process: OciProcess | undefined): SecurityLabelSpec[] {
  const { apparmorProfile = '', selinuxLabel = '' } = process ?? {};
  return (
    [
      ['apparmor', apparmorProfile],
      ['selinux', selinuxLabel],
    ] as const
  ).flatMap(([model, label]) => (label === '' ? [] : [{ model, type: 'static', label }]));
}

export function writeProcess(spec: ContainerSpec): OciConfig['process'] {
  const { init, process = {}, security } = spec;
  if (init.path === '') return undefined;
  const env = listEnvironment(spec);
  const cwd = init.dir ?? '/';
  const label = (model: 'selinux' | 'apparmor') =>
    security.labels?.find((entry) => entry.model === model && entry.type === 'static')?.label;
  const [apparmorProfile, selinuxLabel] = [label('apparmor'), label('selinux')];
  return {
    terminal: process.terminal ?? true,
    user: {
      ...writeUser(init),
      ...(process.umask === undefined ? {} : { umask: process.umask }),
      ...(init.supplementaryGids === undefined || init.supplementaryGids.length === 0
        ? {}
        : { additionalGids: init.supplementaryGids }),
    },
    args: [writeArgv0(init, { env, dir: cwd, path: USUAL_PATH }), ...init.args],
    env: writeEnvironment(env),
    cwd,
    capabilities: writeCapabilities(spec.features.capabilities),
    ...(process.rlimits === undefined ? {} : { rlimits: process.rlimits.map((limit) => writeRlimit(limit)) }),
    noNewPrivileges: security.noNewPrivs ?? false,
    ...(process.oomScoreAdj === undefined ? {} : { oomScoreAdj: process.oomScoreAdj }),
    ...(apparmorProfile === undefined ? {} : { apparmorProfile }),
    ...(selinuxLabel === undefined ? {} : { selinuxLabel }),
  };
}

/** Of another format with what that gives by itself, which OCI does not. */
function listEnvironment({ format, init }: ContainerSpec): InitSpec['env'] {
  const own = listBuiltIn(format, init.user);
  return [...own.filter(({ name }) => !init.env.some((entry) => entry.name === name)), ...init.env];
}

function writeUser({ user = '0', group }: InitSpec): { readonly uid: number; readonly gid: number } {
  const numberOf = (account: string) =>
    /^\+?\d{1,10}$/.test(account) ? Number(account) : account === 'root' ? 0 : NOBODY;
  const uid = numberOf(user);
  return { uid, gid: group === undefined ? (uid === 0 ? 0 : NOBODY) : numberOf(group) };
}

function writeRlimit({ name, soft, hard }: RlimitSpec): NonNullable<OciProcess['rlimits']>[number] {
  const bigintOf = (value: RlimitSpec['soft']) => (value === 'infinity' ? NO_LIMIT : BigInt(value));
  return { type: `RLIMIT_${name.toUpperCase()}`, soft: bigintOf(soft), hard: bigintOf(hard) };
}

function writeCapabilities(spec: CapabilitiesSpec): NonNullable<OciProcess['capabilities']> {
  const bounding = listBoundingSet(spec);
  const write = (names: Iterable<string>) => [...names].map((name) => `CAP_${name.toUpperCase()}`);
  return {
    bounding: write(bounding),
    effective: write(spec.effective ?? spec.permitted ?? bounding),
    permitted: write(spec.permitted ?? bounding),
    ...(spec.inheritable === undefined && spec.ambient === undefined
      ? {}
      : { inheritable: write(spec.inheritable ?? spec.ambient ?? []) }),
    ...(spec.ambient === undefined ? {} : { ambient: write(spec.ambient) }),
  };
}

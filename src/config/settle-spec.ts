/** What a spec comes to, so that two that say the same container in different words are the same. Pure. */
import { isBuiltIn, isRootUser } from './built-in-environment.js';
import { listBoundingSet } from './capability-names.js';
import { MASKED_PATHS, READ_ONLY_PATHS } from './guarded-paths.js';
import { settleFilesystem } from './settle-filesystem.js';
import type {
  CapabilitiesSpec,
  ContainerSpec,
  DeviceNodeSpec,
  DeviceRuleSpec,
  DevicesSpec,
  InitSpec,
  InterfaceSpec,
} from './spec.js';

export type Plain = Readonly<Record<string, unknown>>;

/** Of the text and not of the container. */
const LEFT_OUT: ReadonlySet<string> = new Set(['format', 'kept']);

/** The spec with what is meant where it says nothing, in one form of several that mean the same (docs of `spec-*.ts`). */
export function settleSpec(spec: ContainerSpec): Plain {
  const rest = Object.fromEntries(Object.entries(spec).filter(([key]) => !LEFT_OUT.has(key)));
  return {
    ...rest,
    hostname: spec.hostname ?? spec.name.replace(/[^A-Za-z0-9-]/g, '').replace(/^-/, ''),
    memory: settleMemory(spec),
    init: settleInit(spec.init),
    features: { privnet: hasOwnNetwork(spec), capabilities: settleCapabilities(spec.features.capabilities) },
    namespaces: settleNamespaces(spec),
    filesystems: spec.filesystems
      .map((filesystem) => settleFilesystem(filesystem))
      .filter((one) => !isOwnShm(one, spec)),
    interfaces: spec.interfaces.map((link) => ({ ...link, linkState: isUp(link) ? 'up' : 'down' })),
    devices: settleDevices(spec),
    ...settleGuards(spec),
  };
}

/** `total` is a limit where nothing else is. */
function settleMemory({ memory: { totalBytes, hardLimitBytes = totalBytes, ...others } }: ContainerSpec): Plain {
  return { limitBytes: hardLimitBytes, ...others };
}

/** A later variable replaces an earlier one of its name; root, and what formats give by themselves, need no naming. */
function settleInit({ env, dir, user, group, argv0, fallbacks = [], ...init }: InitSpec): Plain {
  // Named or not, but root that is named is in the groups that the root's /etc/group has for it.
  const isPlainRoot =
    isRootUser(user) && isRootUser(group) && (user === undefined || init.supplementaryGids !== undefined);
  return {
    ...init,
    fallbacks: [...new Set(fallbacks)].filter((path) => path !== init.path),
    argv0: argv0 === init.path ? undefined : argv0,
    env: [...new Map(env.map(({ name, value }) => [name, { name, value }])).values()].filter((one) => !isBuiltIn(one)),
    dir: dir === '/' ? undefined : dir,
    user: isPlainRoot ? undefined : user,
    group: isPlainRoot ? undefined : group,
    groupsOfUser: user !== undefined && init.supplementaryGids === undefined,
  };
}

function hasOwnNetwork({ namespaces, features, interfaces }: ContainerSpec): boolean {
  const source = namespaces?.net;
  return source === undefined ? features.privnet || interfaces.length > 0 : source.kind === 'own';
}

/** As src/network/plan-network.ts does it. */
function isUp({ type, ips, linkState }: InterfaceSpec): boolean {
  return ips.length > 0 || linkState === 'up' || (type === 'network' && linkState === undefined);
}

function settleNamespaces({ namespaces = {} }: ContainerSpec): Plain {
  const { net, ...others } = namespaces;
  const isSaid = net === undefined || net.kind === 'own' || net.kind === 'host';
  return isSaid ? others : { ...others, net };
}

/** The sets that capabilities(7) names: a policy is a way to write the bounding one. */
function settleCapabilities({ ambient = [], ...capabilities }: CapabilitiesSpec): Plain {
  const bounding = [...listBoundingSet(capabilities)];
  const permitted = capabilities.permitted ?? bounding;
  const effective = capabilities.effective ?? permitted;
  const inheritable = capabilities.inheritable ?? ambient;
  return {
    bounding,
    ambient,
    permitted: unlessSame(permitted, bounding),
    effective: unlessSame(effective, permitted),
    inheritable: unlessSame(inheritable, ambient),
  };
}

/** A set that is not the usual one; an empty one is not a missing one. */
function unlessSame(set: readonly string[], usual: readonly string[]): readonly string[] | undefined {
  if (isSameSet(set, usual)) return undefined;
  return set.length === 0 ? ['none'] : set;
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  const names = new Set(one);
  return new Set(other).size === names.size && other.every((name) => names.has(name));
}

/** ctr's own /dev brings it. */
function isOwnShm(filesystem: Plain, { kernelMounts }: ContainerSpec): boolean {
  if (kernelMounts?.dev === 'none') return false;
  const own = { type: 'ram', target: '/dev/shm', readonly: false, mode: 0o1777, flags: ['nodev', 'nosuid'] };
  return JSON.stringify(sortKeys(filesystem)) === JSON.stringify(sortKeys(own));
}

function sortKeys(value: Plain): Plain {
  const said = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(said.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What every container may use (src/cgroups/device-rules.ts). */
const USUAL = ['1:3', '1:5', '1:7', '1:8', '1:9', '5:0', '5:2', '136:*'].map((numbers) => `allow char ${numbers} rwm`);
const MKNOD_OF_ANY = ['allow char *:* m', 'allow block *:* m'];

/** Rules as words, without those that every container has; where they take back one of those, with all of them. */
function settleDevices({ devices, features }: ContainerSpec): DevicesSpec | Plain {
  const { nodes = [], rules } = devices ?? {};
  const settled = nodes.map(({ mode = 0o700, uid = 0, gid = 0, ...node }) => ({ ...node, mode, uid, gid }));
  const makesAny = features.capabilities.states.some(({ name, state }) => name === 'mknod' && state === 'on');
  if (rules === undefined) {
    return { nodes: settled, rules: [...nodes.flatMap(ruleOfNode), ...(makesAny ? MKNOD_OF_ANY : [])] };
  }
  // What no rule names is refused.
  const words = rules.slice(isDenyAll(rules[0]) ? 1 : 0).map(formatRule);
  const isOpening = words.every((rule) => rule.startsWith('allow '));
  if (isOpening && USUAL.every((rule) => words.includes(rule)))
    return { nodes: settled, rules: [...new Set(words)].filter((rule) => !USUAL.includes(rule)) };
  return {
    nodes: settled,
    rules: words.length === 0 ? ['deny all'] : words.map((rule, index) => `${index + 1}: ${rule}`),
  };
}

function isDenyAll(rule: DeviceRuleSpec | undefined): boolean {
  return rule !== undefined && formatRule(rule) === 'deny all rwm';
}

/** A node of a source has its numbers at the start. */
function ruleOfNode({ kind, numbers, access }: DeviceNodeSpec): string[] {
  return numbers === undefined || access === '' ? [] : [formatRule({ allow: true, kind, ...numbers, access })];
}

function formatRule({ allow, kind, major, minor, access }: DeviceRuleSpec): string {
  const numbers =
    kind === 'all' && major === undefined && minor === undefined ? '' : `${major ?? '*'}:${minor ?? '*'} `;
  const letters = ['r', 'w', 'm'].filter((letter) => access.includes(letter)).join('');
  return `${allow ? 'allow' : 'deny'} ${kind} ${numbers}${letters}`;
}

/** Masks and the guard of /proc are lists of paths, ctr's own like those that a text lists. */
function settleGuards(spec: ContainerSpec): Plain {
  const { kernelMounts = {}, security } = spec;
  const { masks, maskedPaths = [], readonlyPaths = [], ...others } = security;
  const { proc = 'guarded', sys } = kernelMounts;
  const isOwn = (path: string) => masks && !security.nesting && (path.startsWith('/proc/') ? proc : sys) !== 'writable';
  const hasUserNamespace = spec.idmap !== undefined || spec.idRange !== undefined;
  const isGuarded = proc === 'guarded' && !(security.nesting && hasUserNamespace);
  const sysctls = hasOwnNetwork(spec) ? '/proc/sys but net' : '/proc/sys';
  return {
    kernelMounts: { ...kernelMounts, proc: proc === 'none' ? 'none' : undefined },
    security: {
      ...others,
      maskedPaths: [...new Set([...MASKED_PATHS.filter(isOwn), ...maskedPaths])],
      readonlyPaths: [
        ...new Set([...READ_ONLY_PATHS.filter(isOwn), ...(isGuarded ? [sysctls] : []), ...readonlyPaths]),
      ],
    },
  };
}

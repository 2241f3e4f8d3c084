import { ACCOUNT, ACCOUNT_RULE } from '../account.js';
import { CAPABILITY_NAMES } from '../capability-names.js';
import { isContainerName, NAME_RULE } from '../name.js';
import type {
  AutostartSpec,
  CapabilitiesSpec,
  ConsoleSpec,
  ContainerSpec,
  FeaturesSpec,
  HostFilesSpec,
  IdMapSpec,
  IdRange,
  IdRangeRequest,
  InitSpec,
  LifecycleSpec,
  NamespaceSource,
  NamespacesSpec,
} from '../spec.js';
import { type Shape, scalar } from './shape.js';
import { list, variants } from './shape-lists.js';
import { objectOf, optional, required } from './shape-objects.js';
import { absolutePath, anyText, boolean, integer, oneOf, text } from './shape-values.js';
import { filesystemShape, kernelMountsShape } from './spec-filesystems-shape.js';
import { blkioShape, cgroupFileShape, cpuShape, memoryShape, numaShape } from './spec-limits-shape.js';
import { interfaceShape, portShape } from './spec-network-shape.js';
import { hookShape, namedText, processShape, variable } from './spec-process-shape.js';
import { devicesShape, securityShape } from './spec-security-shape.js';

/** The table of `spec.ts`: the model's own form as JSON. The compiler checks that it covers the type. */

const natural = integer(0, Number.MAX_SAFE_INTEGER);
const id = integer(0, 2 ** 32 - 2);
const format = oneOf(['libvirt', 'nspawn', 'lxc', 'oci']);

const name = scalar(NAME_RULE, { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$' }, (node) =>
  node.kind === 'string' && isContainerName(node.value) ? { value: node.value } : {},
);

const account = text(ACCOUNT_RULE, ACCOUNT);

const init = objectOf<InitSpec>('an object', {
  path: required('program inside', anyText),
  fallbacks: optional('tried when it does not exist', list(absolutePath)),
  argv0: optional('absent: the path', anyText),
  args: required('argv[1..]', list(anyText)),
  reaper: optional("ctr's own small init is PID 1", boolean),
  env: required('in order, a later entry wins', list(variable)),
  dir: optional('working directory', absolutePath),
  user: optional('name or number, looked up inside', account),
  group: optional('likewise', account),
  supplementaryGids: optional('absent: those of the user', list(id)),
  cmdline: optional('becomes the variable LIBVIRT_LXC_CMDLINE', anyText),
});

const range = objectOf<IdRange>('a range', {
  inside: required('first id inside', id),
  outside: required('first id on the host', id),
  count: required('how many', integer(1, 2 ** 32 - 1)),
});

/** The kernel's bound since 4.15 (user_namespaces(7)). */
const MAX_RANGES = 340;

const ranges = list(range, (all, say) => {
  if (all.length > MAX_RANGES) say.error([], `must have at most ${MAX_RANGES} ranges: the kernel takes no more`);
  if (all.length === 0) say.error([], 'must map root: the first range begins at 0');
  const outside = all.map((each, index) => ({ ...each, index })).sort((a, b) => a.outside - b.outside);
  outside.forEach(({ outside: first, index }, at) => {
    const before = outside[at - 1];
    if (before !== undefined && first < before.outside + before.count)
      say.error([index, 'outside'], `has ids that range ${before.index} has, too`);
  });
  all.forEach(({ inside, outside, count }, index) => {
    const before = all[index - 1];
    if (inside + count > 2 ** 32 - 1 || outside + count > 2 ** 32 - 1) say.error([index], 'must end below 4294967295');
    if (before === undefined && inside !== 0) say.error([index, 'inside'], 'must be 0 in the first range');
    if (before !== undefined && inside < before.inside + before.count)
      say.error([index, 'inside'], 'must come after the range before it');
  });
});

const idmap = objectOf<IdMapSpec>('an object', {
  uid: required('users', ranges),
  gid: required('groups', ranges),
});

const namespaceSource: Shape<NamespaceSource> = variants('kind', [
  objectOf<Extract<NamespaceSource, { readonly kind: 'own' | 'host' }>>('a namespace', {
    kind: required('one of its own, or the host’s', oneOf(['own', 'host'])),
  }),
  objectOf<Extract<NamespaceSource, { readonly kind: 'container' }>>('a namespace', {
    kind: required('that of a running container', oneOf(['container'])),
    name: required('its name', name),
  }),
  objectOf<Extract<NamespaceSource, { readonly kind: 'pid' }>>('a namespace', {
    kind: required('that of a process', oneOf(['pid'])),
    pid: required('its number', integer(1, 2 ** 22)),
  }),
  objectOf<Extract<NamespaceSource, { readonly kind: 'netns' }>>('a namespace', {
    kind: required('one below /run/netns', oneOf(['netns'])),
    name: required('its name', text('a name of a file', /^[^/]+$/)),
  }),
  objectOf<Extract<NamespaceSource, { readonly kind: 'path' }>>('a namespace', {
    kind: required('that of a file', oneOf(['path'])),
    path: required('the file', anyText),
  }),
]);

const namespaces = objectOf<NamespacesSpec>('an object', {
  net: optional('network', namespaceSource),
  ipc: optional('System V IPC and message queues', namespaceSource),
  uts: optional('host name', namespaceSource),
  pid: optional('processes', namespaceSource),
  user: optional('users', namespaceSource),
  cgroup: optional('control groups', namespaceSource),
  mnt: optional('mounts', namespaceSource),
  time: optional('clocks', namespaceSource),
});

const capabilityName = oneOf(CAPABILITY_NAMES);
const capabilityNames = list(capabilityName);

const capabilities = objectOf<CapabilitiesSpec>('an object', {
  policy: required('what the bounding set begins with', oneOf(['default', 'allow', 'deny'])),
  states: required(
    'changes of it',
    list(
      objectOf<CapabilitiesSpec['states'][number]>('a change', {
        name: required('without `cap_`', capabilityName),
        state: required('on or off', oneOf(['on', 'off'])),
      }),
    ),
  ),
  ambient: optional('kept by a user that is not root', capabilityNames),
  effective: optional('absent: as the bounding set', capabilityNames),
  permitted: optional('absent: as the bounding set', capabilityNames),
  inheritable: optional('absent: none', capabilityNames),
});

const action = ['destroy', 'restart', 'preserve', 'rename-restart'] as const;
const signal = text('a name of a signal without SIG', /^[A-Z0-9+-]+$/);

const lifecycle = objectOf<LifecycleSpec>('an object', {
  onPoweroff: required('when init ends', oneOf(action)),
  onReboot: required('when it reboots', oneOf(action)),
  onCrash: required('when it fails', oneOf([...action, 'coredump-destroy', 'coredump-restart'])),
  stopSignal: optional('what `stop` sends', signal),
  rebootSignal: optional('what `reboot` sends', signal),
  killSignal: optional('what `destroy` sends; absent: KILL', signal),
  notifyReady: optional('a start waits for READY=1 (sd_notify(3))', boolean),
});

const copies = ['host', 'static', 'uplink', 'stub'] as const;

const hostFiles = objectOf<HostFilesSpec>('an object', {
  resolvConf: optional(
    'systemd-nspawn(1), --resolv-conf=',
    oneOf([
      'off',
      'auto',
      'network',
      'delete',
      ...copies.map((which) => `copy-${which}` as const),
      ...copies.map((which) => `replace-${which}` as const),
      ...copies.map((which) => `bind-${which}` as const),
    ]),
  ),
  timezone: optional('--timezone=', oneOf(['off', 'auto', 'copy', 'bind', 'symlink', 'delete'])),
  linkJournal: optional('--link-journal=', oneOf(['no', 'auto', 'host', 'guest', 'try-host', 'try-guest'])),
});

/** `ContainerSpec`. */
export const specShape = objectOf<ContainerSpec>(
  'an object',
  {
    format: required('of the text it was read from', format),
    name: required('of the container', name),
    uuid: optional('lower-case with dashes', text('a uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)),
    title: optional('one line', anyText),
    description: optional('free text', anyText),
    hostname: optional("absent: made of the name; '': the host's", anyText),
    domainname: optional('NIS domain', anyText),
    memory: required('memory', memoryShape),
    cpu: required('processors', cpuShape),
    blkio: optional('block devices', blkioShape),
    numa: optional('memory nodes', numaShape),
    pids: optional(
      'processes and threads',
      objectOf<NonNullable<ContainerSpec['pids']>>('an object', {
        max: required('limit', integer(1, Number.MAX_SAFE_INTEGER)),
      }),
    ),
    cgroupFiles: optional('written after all limits, in order', list(cgroupFileShape)),
    partition: optional('group that the container’s is below', anyText),
    arch: optional('as uname(2) says it', anyText),
    init: required('what runs', init),
    idmap: optional('user namespace; absent: none', idmap),
    idRange: optional(
      'a user namespace whose ids `define` chooses',
      objectOf<IdRangeRequest>('an object', {
        from: required('which', oneOf(['free', 'owner'])),
        count: required('how many', integer(1, 2 ** 32 - 1)),
      }),
    ),
    namespaces: optional('those that are not as ctr makes them', namespaces),
    features: required(
      'switches',
      objectOf<FeaturesSpec>('an object', {
        privnet: required('a network namespace even without interfaces', boolean),
        capabilities: required('capabilities(7)', capabilities),
      }),
    ),
    filesystems: required('in the order of mounting', list(filesystemShape)),
    rootMode: optional('what becomes of changes to the root', oneOf(['ephemeral', 'overlay', 'state', 'yes'])),
    kernelMounts: optional('what ctr mounts by itself', kernelMountsShape),
    devices: optional('of the host', devicesShape),
    interfaces: required('links', list(interfaceShape)),
    ports: optional('of the host that lead inside', list(portShape)),
    consoles: required(
      'terminals',
      list(objectOf<ConsoleSpec>('a console', { type: required('kind', oneOf(['pty'])) })),
    ),
    lifecycle: required('what follows', lifecycle),
    autostart: optional(
      'start with the host',
      objectOf<AutostartSpec>('an object', {
        enabled: required('whether', boolean),
        delaySeconds: optional('wait before the next', natural),
        order: optional('lower starts earlier', integer(-(2 ** 31), 2 ** 31 - 1)),
        groups: optional('groups it is in', list(anyText)),
      }),
    ),
    process: optional('how the first process is set up', processShape),
    hooks: optional('programs at points of its life', list(hookShape)),
    security: required('what is forbidden', securityShape),
    hostFiles: optional('carried into the root', hostFiles),
    kept: optional(
      'entries of a format that have no effect',
      list(
        objectOf<NonNullable<ContainerSpec['kept']>[number]>('an entry', {
          format: required('whose', format),
          key: required('its key', anyText),
          value: required('its value', anyText),
        }),
      ),
    ),
    annotations: optional('free text for other programs', list(namedText)),
    refusals: optional('what no start can give', list(anyText)),
  },
  ({ idmap: map, idRange, security }, say) => {
    for (const kind of security.hostRoot === true ? [] : (['uid', 'gid'] as const))
      map?.[kind].forEach(({ outside }, index) => {
        if (outside === 0)
          say.warning(['idmap', kind, index, 'outside'], "is id 0 of the host: a start refuses it without 'hostRoot'");
      });
    if (map !== undefined && idRange !== undefined) say.error(['idRange'], "must not stand beside 'idmap'");
  },
);

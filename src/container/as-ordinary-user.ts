/** What an ordinary user's start makes of a model, and what it cannot do. Pure. */
import type { ContainerSpec, FilesystemSpec, InterfaceSpec } from '../config/spec.js';
import { CtrError, type ErrorCode } from '../errors.js';
import { mapToFirstStage } from '../namespaces/plan-first-stage.js';
import type { OrdinaryUser } from '../system/host-facts.js';

/**
 * The model with ids of the user's first stage, in a user namespace of its own in any case.
 *
 * @throws CtrError CTR_UNSUPPORTED, CTR_NEED_ROOT for what only root can give, naming it
 */
export function asOrdinaryUser(spec: ContainerSpec, user: OrdinaryUser): ContainerSpec {
  refuseForeignNamespaces(spec);
  const idmap = mapToFirstStage(spec.name, spec.idmap, user);
  const isUser = idmap.uid.some(({ inside, outside }) => inside === 0 && outside === 0);
  const { user: _host, ...namespaces } = spec.namespaces ?? {};
  return {
    ...spec,
    idmap,
    namespaces,
    interfaces: withoutLinks(spec),
    filesystems: spec.filesystems.map((filesystem) => withOwnIds(spec.name, filesystem, isUser)),
  };
}

function refuse(name: string, reason: string, hint: string, code: ErrorCode = 'CTR_NEED_ROOT'): CtrError {
  return new CtrError(code, `cannot start '${name}': ${reason}`, { hint });
}

/** A bridge's network is root's: a program of the user's connects his container instead. */
function withoutLinks({ name, interfaces, namespaces }: ContainerSpec): InterfaceSpec[] {
  // It is in the container's user namespace and in the host's network: root inside must not see it, or he could act as it.
  if (interfaces.length > 0 && namespaces?.pid?.kind === 'host')
    throw refuse(
      name,
      "it has an interface and the host's processes, among them the program that connects it",
      'leave one of both out',
      'CTR_UNSUPPORTED',
    );
  return interfaces.map((link) => {
    if (link.bandwidth !== undefined || link.isolated === true || link.portGroup !== undefined)
      throw refuse(
        name,
        'the program that connects an ordinary user limits neither bandwidth nor whom a container reaches',
        'sudo ctr start',
      );
    if (link.type === 'user' || link.type === 'network') {
      // Such a program sends under its own name in any case.
      const { source: _network, filter: _filter, ...rest } = link;
      return { ...rest, type: 'user' };
    }
    throw refuse(
      name,
      `an interface of type '${link.type}' needs root: an ordinary user's container has one by pasta or slirp4netns, or its own loopback link alone, or the host's network`,
      "<interface type='user'/> is one of his",
      'CTR_UNSUPPORTED',
    );
  });
}

/** Going there and back needs the rights of who owns them; the host's own is no journey. */
function refuseForeignNamespaces({ name, namespaces = {}, process }: ContainerSpec): void {
  for (const [kind, source] of Object.entries(namespaces)) {
    if (source.kind !== 'own' && source.kind !== 'host')
      throw refuse(name, `sharing a ${kind} namespace with something else than the host needs root`, 'sudo ctr start');
  }
  if (namespaces.time?.kind === 'own' || process?.timeOffsets !== undefined)
    throw refuse(name, 'a time namespace needs root', 'leave the offsets of its clocks out');
}

/** The kernel maps the ids of a mount for who has mounted its file system alone. Where root inside is the user, none need be. */
function withOwnIds(name: string, filesystem: FilesystemSpec, isUser: boolean): FilesystemSpec {
  const { target, type } = filesystem;
  const fail = (reason: string, hint: string) => refuse(name, `filesystem '${target}': ${reason}`, hint);
  if (type === 'block' || type === 'file')
    throw fail(`mounting a ${type === 'block' ? 'block device' : 'disk image'} needs root`, 'use a directory instead');
  if (!('accessMode' in filesystem)) return filesystem;
  const { accessMode } = filesystem;
  if (accessMode === undefined || accessMode === 'passthrough') return filesystem;
  if (accessMode === 'owner' && isUser) return { ...filesystem, accessMode: 'passthrough' };
  throw fail(
    `an id-mapped mount (accessmode '${accessMode}') needs root`,
    "accessmode='passthrough': the ids on disk are those of the user's namespace then",
  );
}

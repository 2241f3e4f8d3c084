import type { HostFilesSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { MS, OPTION, type Op } from '../exec/plan.js';

/** systemd-nspawn(1), --resolv-conf= */
const RESOLV_CONF = {
  host: '/etc/resolv.conf',
  static: '/usr/lib/systemd/resolv.conf',
  uplink: '/run/systemd/resolve/resolv.conf',
  stub: '/run/systemd/resolve/stub-resolv.conf',
} as const;

const JOURNAL = '/var/log/journal';

/** Names in a container's networks. */
export interface NetworkNames {
  /** Those that have a name server; the addresses of it, and where plain names are looked for. */
  readonly servers: readonly string[];
  readonly domains: readonly string[];
  /** A network would have a name server, and the host lacks the program. */
  readonly lacksServer: boolean;
  /** The container's own name inside, with and without its domain, and its addresses. */
  readonly own?: { readonly name: string; readonly names: readonly string[]; readonly addresses: readonly string[] };
}

export interface HostFilesRequest {
  readonly hostFiles?: HostFilesSpec | undefined;
  readonly ownNetwork: boolean;
  /** What it is told of its networks. */
  readonly names?: NetworkNames | undefined;
  /** Nothing can be written into the root: what is carried into it is bound. */
  readonly readOnlyRoot: boolean;
  /** Nothing of the root outlives the container. */
  readonly isEphemeral: boolean;
  readonly hasUserNamespace: boolean;
  /** The container's uuid: its machine id, with dashes. */
  readonly uuid: string;
  /** The host's machine id: 32 digits; undefined when it has none. */
  readonly hostMachineId: string | undefined;
}

export interface HostFilesPlan {
  /** For the host phase. */
  readonly host: readonly Op[];
  /** For the mount phase, behind the file systems of the configuration. */
  readonly mount: readonly Op[];
}

/**
 * The host's resolver, time zone and journal in the root. What the files of the host are is seen at the start: where there are
 * several ways, each is an operation, and the first that works is the one. No start fails for want of them, but for the journal's.
 *
 * @throws CtrError CTR_UNSUPPORTED on a journal that cannot be linked
 */
export function planHostFiles(request: HostFilesRequest): HostFilesPlan {
  const { hostFiles = {} } = request;
  const journal = planJournal(request);
  return {
    host: journal.host,
    mount: [
      ...planResolvConf(hostFiles.resolvConf, request),
      ...planOwnName(request),
      ...planTimezone(hostFiles.timezone, request),
      ...journal.mount,
    ],
  };
}

/** Each is tried when those before it did not work. */
function firstOf(...ops: readonly Op[]): Op[] {
  return ops.map((op, index) => {
    if (!('options' in op)) return op;
    return { ...op, options: Number(op.options) | OPTION.IF_POSSIBLE | (index === 0 ? 0 : OPTION.ELSE) };
  });
}

const copy = (source: string, path: string, options = 0): Op => ({
  op: 'copy-file',
  source,
  path,
  mode: 0o644,
  options,
});
const bind = (source: string, target: string): Op => ({
  op: 'bind',
  source,
  target,
  flags: MS.RDONLY | MS.NOSUID | MS.NODEV,
  options: 0,
});
const remove = (path: string): Op => ({ op: 'remove', path, options: 0 });

const write = (request: HostFilesRequest, path: string, content: string, unless = ''): Op => ({
  op: 'write-file',
  path,
  mode: 0o644,
  content: Buffer.from(content),
  unless,
  options: request.readOnlyRoot ? OPTION.BOUND : OPTION.REPLACE,
});

/** A resolver reads three servers, resolv.conf(5). */
const MAX_SERVERS = 3;

export function formatResolvConf({ servers, domains }: NetworkNames): string {
  const search = domains.length === 0 ? '' : `search ${domains.join(' ')}\n`;
  return (
    search +
    servers
      .map((server) => `nameserver ${server}\n`)
      .slice(0, MAX_SERVERS)
      .join('')
  );
}

/** What an open mode comes to: by its networks, where these have names. */
export function chooseResolvConf(
  mode: HostFilesSpec['resolvConf'],
  names: NetworkNames | undefined,
): Exclude<HostFilesSpec['resolvConf'], undefined> {
  if (mode !== undefined && mode !== 'network') return mode;
  if (names !== undefined && names.servers.length > 0) return 'network';
  return names?.lacksServer === true ? 'replace-host' : 'off';
}

/**
 * In a network of its own the host's loopback is not the host's: there it is the list of servers that the host itself asks, wherever
 * the host's file names a server of its loopback.
 */
function planHostServers(how: string, request: HostFilesRequest): Op[] {
  const path = RESOLV_CONF.host;
  const { host, uplink } = RESOLV_CONF;
  const bound = [host, uplink].map((source) => ({ ...bind(source, path), options: OPTION.REACHABLE }));
  if (request.readOnlyRoot) return firstOf(...bound);
  if (how === 'bind') return firstOf(...bound, copy(host, path, OPTION.REACHABLE));
  const options = OPTION.REACHABLE | (how === 'replace' ? OPTION.REPLACE : 0);
  return firstOf(copy(host, path, options), copy(uplink, path, options));
}

function planResolvConf(given: HostFilesSpec['resolvConf'], request: HostFilesRequest): Op[] {
  const path = RESOLV_CONF.host;
  const { stub, host } = RESOLV_CONF;
  const mode = chooseResolvConf(given, request.names);
  switch (mode) {
    case 'off':
      return [];
    case 'network':
      return request.names === undefined ? [] : firstOf(write(request, path, formatResolvConf(request.names)));
    case 'delete':
      return firstOf(remove(path));
    case 'auto':
      if (request.ownNetwork) return [];
      if (request.readOnlyRoot) return firstOf(bind(stub, path), bind(host, path));
      return firstOf(copy(stub, path), copy(host, path), remove(path));
    default: {
      const [how, which] = mode.split('-') as [string, keyof typeof RESOLV_CONF];
      if (request.ownNetwork && (which === 'host' || which === 'stub')) return planHostServers(how, request);
      const source = RESOLV_CONF[which];
      if (how === 'copy') return firstOf(copy(source, path));
      if (how === 'replace') return firstOf(copy(source, path, OPTION.REPLACE));
      return firstOf(bind(source, path), copy(source, path));
    }
  }
}

/** Its own name in /etc/hosts and /etc/hostname, where the root says none: programs look it up. */
function planOwnName(request: HostFilesRequest): Op[] {
  const { own } = request.names ?? {};
  if (own === undefined || own.addresses.length === 0) return [];
  const lines = own.addresses.map((address) => `${address} ${own.names.join(' ')} # by ctr\n`).join('');
  return [
    ...firstOf(write(request, '/etc/hosts', lines, own.name)),
    ...(request.readOnlyRoot ? [] : firstOf(write(request, '/etc/hostname', `${own.name}\n`, '*'))),
  ];
}

function planTimezone(mode: HostFilesSpec['timezone'], { readOnlyRoot }: HostFilesRequest): Op[] {
  const path = '/etc/localtime';
  const link: Op = { op: 'copy-link', source: path, path, options: 0 };
  const copyAnyhow = copy(path, path, OPTION.REPLACE);
  switch (mode) {
    case undefined:
    case 'off':
      return [];
    case 'delete':
      return firstOf(remove(path));
    case 'copy':
      return firstOf(copyAnyhow);
    case 'bind':
      return firstOf(bind(path, path), copyAnyhow);
    case 'symlink':
      return firstOf(link, bind(path, path), copyAnyhow);
    case 'auto':
      if (readOnlyRoot) return firstOf(bind(path, path));
      // The link, else a file that is none; what the link of the host leads to, when the root has no such zone; else none.
      return firstOf(
        link,
        copy(path, path, OPTION.REPLACE | OPTION.NO_SYMLINKS),
        bind(path, path),
        copyAnyhow,
        remove(path),
      );
  }
}

/**
 * The journal lies on the host, and the container sees its own part. The other way round the host would follow a link into a tree
 * that the container writes.
 */
function planJournal(request: HostFilesRequest): HostFilesPlan {
  const { hostFiles, isEphemeral, uuid, hostMachineId, hasUserNamespace } = request;
  const mode = hostFiles?.linkJournal ?? 'no';
  const isTry = mode === 'auto' || mode.startsWith('try-');
  const nothing: HostFilesPlan = { host: [], mount: [] };
  if (mode === 'no') return nothing;
  const machineId = uuid.replaceAll('-', '').toLowerCase();
  const fault =
    machineId === hostMachineId
      ? 'the container has the machine id of the host'
      : isEphemeral
        ? 'nothing of this container outlives it'
        : mode.endsWith('guest')
          ? 'the host does not follow a link into a tree that the container writes'
          : undefined;
  if (fault !== undefined && isTry) return nothing;
  if (fault !== undefined) {
    throw new CtrError('CTR_UNSUPPORTED', `cannot link the journal: ${fault}`, { hint: "use 'try-host' or 'no'" });
  }
  const path = `${JOURNAL}/${machineId}`;
  // A host with an own directory for it wants it; `auto` makes none.
  const missing = isTry ? OPTION.IF_POSSIBLE : 0;
  return {
    host: mode === 'auto' ? [] : [{ op: 'host-directory', path, mode: 0o755, options: missing }],
    mount: [
      {
        op: 'bind',
        source: path,
        target: path,
        flags: MS.NOSUID | MS.NODEV | MS.NOEXEC,
        options: (hasUserNamespace ? OPTION.IDMAPPED : 0) | missing,
      },
    ],
  };
}

/**
 * What the settings of one file say, in nspawn's own words: between the table of settings and the model. Undefined: not set.
 * Lists are filled in place: a file may hold a great many lines.
 */
import type { FilesystemSpec, HostFilesSpec, PortSpec, RlimitSpec } from '../spec.js';

/** A set of capabilities: all there are, or these (kernel names, lower case without `cap_`). */
export interface CapabilityList {
  all: boolean;
  readonly names: Set<string>;
}

export type PrivateUsers =
  | { readonly kind: 'no' | 'yes' | 'pick' }
  /** `identity` is from 0. */
  | { readonly kind: 'range'; readonly base: number; readonly count: number };

export type Ownership = 'off' | 'chown' | 'map' | 'auto';

/** A link of the host and its name inside. */
export interface LinkPair {
  readonly source: string;
  readonly guest: string;
}

/** Mounts of a file: everything but the root. */
export type CustomMount = Extract<FilesystemSpec, { type: 'mount' | 'bind' | 'ram' | 'inaccessible' | 'overlay' }>;

export interface Settings {
  startMode?: 'pid1' | 'pid2' | 'boot' | undefined;
  ephemeral?: boolean | undefined;
  readonly parameters: string[];
  readonly environment: { readonly name: string; readonly value: string }[];
  user?: string | undefined;
  workingDirectory?: string | undefined;
  /** `NEW[:OLD]` as written. */
  pivotRoot?: string | undefined;
  readonly capability: CapabilityList;
  readonly dropCapability: CapabilityList;
  readonly ambientCapability: CapabilityList;
  noNewPrivileges?: boolean | undefined;
  /** Name without SIG. */
  killSignal?: string | undefined;
  /** Name of uname(2). */
  arch?: string | undefined;
  /** Lower case with dashes. */
  machineId?: string | undefined;
  privateUsers?: PrivateUsers | undefined;
  ownership?: Ownership | undefined;
  notifyReady?: boolean | undefined;
  /** Names of calls and `@sets`. */
  readonly syscallAllow: Set<string>;
  readonly syscallDeny: Set<string>;
  /** By name. */
  readonly rlimits: Map<string, RlimitSpec>;
  oomScoreAdjust?: number | undefined;
  /** First and last of each range, as written. */
  readonly cpuAffinity: (readonly [number, number])[];
  hostname?: string | undefined;
  resolvConf?: HostFilesSpec['resolvConf'] | undefined;
  timezone?: HostFilesSpec['timezone'] | undefined;
  linkJournal?: HostFilesSpec['linkJournal'] | undefined;
  suppressSync?: boolean | undefined;
  readOnly?: boolean | undefined;
  volatile?: 'no' | 'yes' | 'state' | 'overlay' | undefined;
  readonly mounts: CustomMount[];
  /** Mounts that no start can make, with the reason; values as written. */
  readonly refusedMounts: { readonly key: string; readonly value: string; readonly reason: string }[];
  readonly bindUsers: string[];
  private?: boolean | undefined;
  virtualEthernet?: boolean | undefined;
  readonly veths: LinkPair[];
  readonly interfaces: LinkPair[];
  readonly macvlans: LinkPair[];
  readonly ipvlans: LinkPair[];
  bridge?: string | undefined;
  /** Without `vz-`. */
  zone?: string | undefined;
  /** By protocol and port of the host. */
  readonly ports: Map<string, PortSpec>;
}

/** Nothing set. */
export function createSettings(): Settings {
  return {
    parameters: [],
    environment: [],
    capability: { all: false, names: new Set() },
    dropCapability: { all: false, names: new Set() },
    ambientCapability: { all: false, names: new Set() },
    syscallAllow: new Set(),
    syscallDeny: new Set(),
    rlimits: new Map(),
    cpuAffinity: [],
    mounts: [],
    refusedMounts: [],
    bindUsers: [],
    veths: [],
    interfaces: [],
    macvlans: [],
    ipvlans: [],
    ports: new Map(),
  };
}

/** Whether a veth to the host is asked for. */
export function wantsVeth({ virtualEthernet, bridge, zone }: Settings): boolean {
  return virtualEthernet === true || bridge !== undefined || zone !== undefined;
}

/** Whether the container has a network namespace of its own: every setting about links asks for one. */
export function wantsPrivateNetwork(settings: Settings): boolean {
  const { veths, interfaces, macvlans, ipvlans } = settings;
  const links = veths.length + interfaces.length + macvlans.length + ipvlans.length;
  return settings.private === true || wantsVeth(settings) || links > 0;
}

/** Whether the container has a user namespace of its own. */
export function wantsPrivateUsers({ privateUsers }: Settings): boolean {
  return privateUsers !== undefined && privateUsers.kind !== 'no';
}

import type { ContainerSpec, DeviceNodeSpec, DeviceRuleSpec, DevicesSpec } from '../spec.js';
import type { OciLinux, OciResources } from './config-shape.js';
import type { OciReading } from './oci-reading.js';

/** Devices of a config.json, both ways. */

type OciDevice = NonNullable<OciLinux['devices']>[number];
type OciDeviceRule = NonNullable<OciResources['devices']>[number];

const character = (major: number, minor?: number): DeviceRuleSpec => ({
  allow: true,
  kind: 'char',
  major,
  ...(minor === undefined ? {} : { minor }),
  access: 'rwm',
});

/**
 * What runtimes let through whatever the rules say (config-linux.md, default devices): null, zero, full, random, urandom, tty, ptmx, and the
 * slaves of devpts. They stand after the rules of the text.
 */
const ALWAYS: readonly DeviceRuleSpec[] = [
  character(1, 3),
  character(1, 5),
  character(1, 7),
  character(1, 8),
  character(1, 9),
  character(5, 0),
  character(5, 2),
  character(136),
];

const DEFAULT_MODE = 0o666;
/** libvirt's, where the model says nothing. */
const MODEL_MODE = 0o700;

/** undefined where the text has neither nodes nor rules. */
export function readDevices(linux: OciLinux, { refuse }: OciReading): DevicesSpec | undefined {
  const nodes = (linux.devices ?? []).map((device, index): DeviceNodeSpec => {
    if (!device.path.startsWith('/dev/') || device.path.split('/').includes('..'))
      refuse(['linux', 'devices', index, 'path'], `device ${index} is not below /dev`);
    return {
      path: device.path,
      kind: device.type === 'b' ? 'block' : 'char',
      numbers: { major: device.major ?? 0, minor: device.minor ?? 0 },
      mode: (device.fileMode ?? DEFAULT_MODE) & 0o7777,
      ...(device.uid === undefined ? {} : { uid: device.uid }),
      ...(device.gid === undefined ? {} : { gid: device.gid }),
      access: 'rwm',
    };
  });
  const rules = linux.resources?.devices?.map((rule) => readRule(rule));
  if (rules === undefined) return nodes.length === 0 ? undefined : { nodes };
  return { nodes, rules: [...rules, ...ALWAYS] };
}

const KINDS = { a: 'all', c: 'char', u: 'char', b: 'block' } as const;

function readRule({ allow, type = 'a', major = -1, minor = -1, access = 'rwm' }: OciDeviceRule): DeviceRuleSpec {
  return {
    allow,
    kind: KINDS[type],
    ...(major < 0 ? {} : { major }),
    ...(minor < 0 ? {} : { minor }),
    access: ['r', 'w', 'm'].filter((letter) => access.includes(letter)).join(''),
  };
}

/** Nodes that say their numbers: those of a node of the host are known to the host alone. */
export function writeDevices({ devices }: ContainerSpec): Pick<OciLinux, 'devices'> {
  const nodes = (devices?.nodes ?? []).flatMap(({ path, kind, numbers, mode = MODEL_MODE, uid, gid }): OciDevice[] => {
    if (numbers === undefined) return [];
    const owner = { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
    return [{ path, type: kind === 'block' ? 'b' : 'c', ...numbers, fileMode: mode, ...owner }];
  });
  return nodes.length === 0 ? {} : { devices: nodes };
}

/** The rules of the text again; for a spec without any, ctr's allow-list, which denies all else. */
export function writeDeviceRules({ devices }: ContainerSpec): OciDeviceRule[] | undefined {
  const { nodes = [], rules } = devices ?? {};
  if (rules !== undefined)
    return (endsWithAlways(rules) ? rules.slice(0, -ALWAYS.length) : rules).map((rule) => writeRule(rule));
  const allowed = nodes.flatMap(({ kind, numbers, access }): DeviceRuleSpec[] =>
    numbers === undefined ? [] : [{ allow: true, kind, ...numbers, access }],
  );
  return [{ allow: false, access: 'rwm' }, ...allowed.map((rule) => writeRule(rule))];
}

function endsWithAlways(rules: readonly DeviceRuleSpec[]): boolean {
  return JSON.stringify(rules.slice(-ALWAYS.length)) === JSON.stringify(ALWAYS);
}

function writeRule({ allow, kind, major, minor, access }: DeviceRuleSpec): OciDeviceRule {
  return {
    allow,
    type: kind === 'all' ? 'a' : kind === 'block' ? 'b' : 'c',
    ...(major === undefined ? {} : { major }),
    ...(minor === undefined ? {} : { minor }),
    access,
  };
}

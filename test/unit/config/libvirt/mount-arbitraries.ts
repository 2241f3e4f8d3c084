import fc from 'fast-check';
import type {
  DeviceNodeSpec,
  DeviceRuleSpec,
  DevicesSpec,
  FilesystemSpec,
  MountPart,
} from '../../../../src/config/spec.js';
import { bytes, few, filled, nat, oneOf, path, some, text, word } from './value-arbitraries.js';

/** Mounts and devices of a spec: some that libvirt's elements can say, some that only the extension can. */

type Rest = Omit<MountPart, 'target' | 'readonly'>;

const plain = { target: path, readonly: fc.boolean() };
const rest = some<Rest>({
  flags: fc.subarray(['nosuid', 'nodev', 'noexec', 'noatime', 'sync', 'nosymfollow'] as const) as never,
  propagation: oneOf('private', 'rslave', 'shared', 'unbindable'),
  optional: fc.boolean(),
  create: oneOf('dir', 'file'),
});
const none = fc.constant({} as Partial<Rest>);

const accessMode = oneOf('passthrough', 'mapped', 'root', 'owner');

type Content = Omit<Extract<FilesystemSpec, { type: 'block' }>, keyof MountPart | 'type' | 'source'>;
const content = { fstype: oneOf('ext4', 'squashfs'), data: text, accessMode };

const own = fc.oneof(
  fc.record({
    type: oneOf('mount'),
    source: path,
    accessMode,
    ...plain,
  }),
  fc.record({ type: oneOf('bind'), source: path, ...plain }),
  fc
    .tuple(fc.record({ type: oneOf('block'), source: path, ...plain }), some<Content>(content))
    .map(([block, options]) => ({ ...block, ...options })),
  fc
    .tuple(
      fc.record({ type: oneOf('file'), source: path, ...plain }),
      some<{ format: string; driver: 'loop' | 'nbd' }>({ format: oneOf('raw'), driver: oneOf('loop') }),
      some<Content>(content),
    )
    .map(([file, driver, options]) => ({ ...file, ...driver, ...options })),
  fc
    .tuple(
      fc.record({ type: oneOf('ram'), ...plain }),
      some<Omit<Extract<FilesystemSpec, { type: 'ram' }>, keyof MountPart | 'type'>>({
        sizeBytes: fc.oneof(bytes, nat),
        mode: fc.integer({ min: 0, max: 0o7777 }),
        copyUp: fc.boolean(),
        data: text,
      }),
    )
    .map(([ram, options]) => ({ ...ram, ...options })),
  fc.record({ type: oneOf('special'), fstype: oneOf('mqueue', 'fuse.x', 'sysfs'), source: text, data: text, ...plain }),
  fc.record({ type: oneOf('overlay'), lowers: few(filled), upper: path, ...plain }),
  fc.record({ type: oneOf('inaccessible'), ...plain }),
) as fc.Arbitrary<FilesystemSpec>;

const more = some<{ recursive: boolean }>({ recursive: fc.boolean() });

const filesystem: fc.Arbitrary<FilesystemSpec> = fc
  .tuple(own, fc.oneof(none, rest), more)
  .map(([mount, part, { recursive }]) => ({
    ...mount,
    ...part,
    ...(recursive !== undefined && (mount.type === 'mount' || mount.type === 'bind') ? { recursive } : {}),
  }));

const root: fc.Arbitrary<FilesystemSpec> = fc
  .tuple(filesystem, fc.boolean())
  .map(([mount, isRoot]) =>
    isRoot && mount.type !== 'bind' && mount.type !== 'ram' ? { ...mount, target: '/' } : mount,
  );

/** At most one of them is the root. */
export const filesystems: fc.Arbitrary<FilesystemSpec[]> = fc
  .tuple(few(filesystem), root, few(filesystem))
  .map(([before, one, behind]) => [...before, one, ...behind]);

const id = fc.integer({ min: 0, max: 65535 });

const node: fc.Arbitrary<DeviceNodeSpec> = fc.oneof(
  fc
    .record({ path: word.map((name) => `/dev/${name}`), kind: oneOf('block', 'char'), access: oneOf('rwm') })
    .map((device) => ({ ...device, source: device.path })),
  fc
    .tuple(
      fc.record({
        path: path.map((below) => `/dev${below}`),
        kind: oneOf('block', 'char'),
        access: fc.constantFrom('rwm', 'r', 'rw'),
      }),
      fc.oneof(
        fc.record({ source: path }),
        fc.record({ source: path, loop: fc.boolean() }),
        fc.record({ numbers: fc.record({ major: id, minor: id }) }),
      ),
      some<Pick<DeviceNodeSpec, 'mode' | 'uid' | 'gid'>>({
        mode: fc.integer({ min: 0, max: 0o777 }),
        uid: id,
        gid: id,
      }),
    )
    .map(([device, from, options]) => ({ ...device, ...from, ...options })),
);

const rule: fc.Arbitrary<DeviceRuleSpec> = fc
  .tuple(
    fc.record({ allow: fc.boolean(), kind: oneOf('all', 'block', 'char'), access: fc.constantFrom('rwm', 'r', 'm') }),
    some<Pick<DeviceRuleSpec, 'major' | 'minor'>>({ major: fc.nat(), minor: fc.nat() }),
  )
  .map(([which, numbers]) => ({ ...which, ...numbers }));

export const devices: fc.Arbitrary<DevicesSpec> = fc
  .tuple(few(node), some<Pick<DevicesSpec, 'rules'>>({ rules: few(rule) }))
  .map(([nodes, rules]) => ({ nodes, ...rules }));

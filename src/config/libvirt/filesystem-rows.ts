import { magicLinkReason } from '../mount-paths.js';
import {
  attribute,
  type ElementRow,
  element,
  ignored,
  ignoredAttributes,
  keptAttributes,
  live,
  type Variant,
} from './rows.js';
import { amount, finishSpace, finishUsage, unitAttribute } from './size.js';
import { IMAGE_FORMATS } from './storage-values.js';
import { absolutePath, anyText, octalMode, oneOf, refusing } from './values.js';

/** A volume on one of these redirects what the runtime writes there (CVE-2019-16884, CVE-2023-28642). */
export function reservedTarget(path: string): string | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const [top = ''] = parts;
  if (top === 'proc') return "must not be '/proc' or below it: ctr mounts it itself";
  return parts.length === 1 && (top === 'sys' || top === 'dev')
    ? `must not be '/${top}': ctr mounts it itself`
    : undefined;
}

const required = { required: true };

const target = element('target', 'where it is mounted', {
  required: true,
  attributes: [
    attribute(
      'dir',
      'absolute path inside, `/` for the root; not `/proc`, `/sys`, `/dev`',
      refusing(absolutePath, reservedTarget),
      required,
    ),
    ...ignoredAttributes('bus'),
  ],
});

const readonly = element('readonly', 'mounted read-only; a failure to do so fails the start');

const WITHOUT_EFFECT = { squash: 'it has no effect in a container' };

const accessMode = {
  mount: attribute(
    'accessmode',
    '`mapped`: an id-mapped mount, so that the ids on disk are those inside',
    oneOf(['passthrough', 'mapped'], WITHOUT_EFFECT),
    { byDefault: 'passthrough' },
  ),
  other: attribute(
    'accessmode',
    'no effect',
    oneOf(['passthrough'], { ...WITHOUT_EFFECT, mapped: "it has an effect on type 'mount' only" }),
    { byDefault: 'passthrough' },
  ),
};

const DRIVERS = ['path', 'handle', 'loop', 'nbd', 'ploop', 'virtiofs', 'mtp'];

const driverRest = keptAttributes('wrpolicy', 'queue', 'iommu', 'ats', 'packed', 'page_per_vq');

const noDriver = element('driver', 'no effect in a container', {
  standing: 'ignored',
  dropEmpty: true,
  attributes: [
    attribute('type', 'kept', oneOf(DRIVERS)),
    attribute('format', 'kept', oneOf(IMAGE_FORMATS)),
    ...driverRest,
  ],
});

const imageDriver = element('driver', 'how the file becomes a device', {
  dropEmpty: true,
  attributes: [
    attribute('type', '`loop`; a start refuses the others', oneOf(DRIVERS)),
    attribute('format', '`raw`; a start refuses the others', oneOf(IMAGE_FORMATS)),
    ...driverRest,
  ],
  // libvirt prints no driver without a type. `raw` is what is meant without it; any other format would be lost
  finish: (read) =>
    read.attributes.size === 1 && read.attributes.get('format') === 'raw' ? { ...read, attributes: new Map() } : read,
});

const space = ['space_hard_limit', 'space_soft_limit'].map((name) =>
  element(name, 'no effect in a container', {
    standing: 'ignored',
    text: amount,
    attributes: [unitAttribute('unit', 'bytes')],
    finish: finishSpace,
  }),
);

interface Options {
  readonly mode?: keyof typeof accessMode;
  readonly driver?: ElementRow;
  readonly refusal?: string;
}

function variant(about: string, source: ElementRow, options: Options = {}): Variant {
  const mode = octalMode(4);
  return {
    about,
    ...(options.refusal === undefined ? {} : { refusal: options.refusal }),
    attributes: [
      accessMode[options.mode ?? 'other'],
      ...ignoredAttributes('model', 'multidevs'),
      ...['fmode', 'dmode'].map((name) =>
        attribute(name, 'no effect in a container', mode, { standing: 'ignored' as const }),
      ),
    ],
    children: [
      options.driver ?? noDriver,
      ...ignored('binary', 'idmap'),
      source,
      target,
      readonly,
      ...space,
      ...ignored('boot', 'acpi'),
      live('alias', "libvirt's name of the device in a running domain"),
      ...ignored('address'),
    ],
  };
}

function pathSource(name: 'dir' | 'dev' | 'file', about: string): ElementRow {
  return element('source', about, {
    ...required,
    attributes: [attribute(name, 'absolute path', refusing(absolutePath, magicLinkReason), required)],
  });
}

function namedSource(about: string, ...names: readonly string[]): ElementRow {
  return element('source', about, {
    ...required,
    attributes: names.map((name) => attribute(name, 'kept', anyText, required)),
  });
}

const ram = element('source', 'the size', {
  ...required,
  attributes: [attribute('usage', 'at least 1 KiB', amount, required), unitAttribute('units')],
  finish: finishUsage,
});

const NOT_MOUNTED = { refusal: "libvirt's LXC driver cannot mount it, either" };

const shapes = {
  mount: variant(
    'a directory or file of the host; unless it is the root, without device nodes and set-user-id',
    pathSource('dir', 'path on the host'),
    { mode: 'mount' },
  ),
  bind: variant('a path of the container, once more at another place', pathSource('dir', 'path inside the container')),
  block: variant('the file system on a block device of the host', pathSource('dev', 'path on the host')),
  file: variant('the file system in a file of the host', pathSource('file', 'path on the host'), {
    driver: imageDriver,
  }),
  ram: variant('a tmpfs', ram),
  template: variant('a template of OpenVZ', namedSource('the template', 'name'), NOT_MOUNTED),
  volume: variant('a volume of a storage pool', namedSource('the volume', 'pool', 'volume'), NOT_MOUNTED),
};

/** `<filesystem>`: a mount. Their order in the text is the order of mounting. */
export const filesystemRow = element('filesystem', "a mount; without one of target `/` the root is the host's", {
  many: true,
  attributes: [attribute('type', 'what is mounted', oneOf(Object.keys(shapes)), { byDefault: 'mount' })],
  variants: { attribute: 'type', byDefault: 'mount', shapes },
});

import { attribute, type ElementRow, element, ignored, ignoredAttributes, live, type Shape } from './rows.js';
import { amount, finishUsage, unitAttribute } from './size.js';
import { absolutePath, oneOf, refusing } from './values.js';

/** A volume on one of these redirects what the runtime writes there (CVE-2019-16884, CVE-2023-28642). */
function reservedTarget(path: string): string | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const [top = ''] = parts;
  if (top === 'proc') return "must not be '/proc' or below it: ctr mounts it itself";
  return parts.length === 1 && (top === 'sys' || top === 'dev')
    ? `must not be '/${top}': ctr mounts it itself`
    : undefined;
}

const target = element('target', 'where it is mounted', {
  required: true,
  attributes: [
    attribute(
      'dir',
      'absolute path inside, `/` for the root; not `/proc`, `/sys`, `/dev`',
      refusing(absolutePath, reservedTarget),
      {
        required: true,
      },
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

function shape(about: string, mode: keyof typeof accessMode, source: ElementRow): Shape & { readonly about: string } {
  return {
    about,
    attributes: [accessMode[mode], ...ignoredAttributes('model', 'multidevs', 'wrpolicy', 'fmode', 'dmode')],
    children: [
      ...ignored('driver', 'binary', 'idmap'),
      source,
      target,
      readonly,
      ...ignored('space_hard_limit', 'space_soft_limit', 'boot', 'acpi'),
      live('alias', "libvirt's name of the device in a running domain"),
      ...ignored('address'),
    ],
  };
}

function sourceDir(about: string): ElementRow {
  return element('source', about, {
    required: true,
    attributes: [attribute('dir', 'absolute path', absolutePath, { required: true })],
  });
}

const ram = element('source', 'the size', {
  required: true,
  attributes: [attribute('usage', 'at least 1 KiB', amount, { required: true }), unitAttribute('units')],
  finish: finishUsage,
});

const NOT_MOUNTED = "libvirt's LXC driver cannot mount it, either";

/** `<filesystem>`: a mount. Their order in the text is the order of mounting. */
export const filesystemRow = element('filesystem', "a mount; without one of target `/` the root is the host's", {
  many: true,
  attributes: [attribute('type', 'what is mounted', oneOf(['mount', 'bind', 'ram']), { byDefault: 'mount' })],
  variants: {
    attribute: 'type',
    byDefault: 'mount',
    shapes: {
      mount: shape(
        'a directory or file of the host; unless it is the root, without device nodes and set-user-id',
        'mount',
        sourceDir('path on the host'),
      ),
      bind: shape(
        'a path of the container, once more at another place',
        'other',
        sourceDir('path inside the container'),
      ),
      ram: shape('a tmpfs', 'other', ram),
    },
    refused: {
      block: 'a block device of the host',
      file: 'a file with a file system inside',
      template: NOT_MOUNTED,
      volume: NOT_MOUNTED,
    },
  },
});

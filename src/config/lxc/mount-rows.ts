import type { KernelMountsSpec } from '../spec.js';
import { autoMounts, formatAutoMounts } from './mount-auto.js';
import { formatMountEntry, mountEntry } from './mount-entry.js';
import { formatMountOptions, type MountOptions, parseMountOptions } from './mount-options.js';
import { findRoot, formatRootPath, rootPath } from './rootfs-path.js';
import { kept, key, lines, type ValueType } from './rows.js';
import { absolutePath, anyText, integer, parseMemorySize, right, WRONG, zeroOrOne } from './values.js';

/** Rows about the root, what is mounted in it, and terminals. */

const rootOptions: ValueType<MountOptions> = {
  label: 'options of a mount between commas',
  parse: (text) => {
    const { options, fault } = parseMountOptions(text);
    return options === undefined ? { ok: false, ...(fault === undefined ? {} : { reason: fault }) } : right(options);
  },
};

export const rootfsPath = key('lxc.rootfs.path', 'the root: see below', rootPath, {
  legacy: ['lxc.rootfs'],
  print: (spec) => lines(formatRootPath(findRoot(spec))),
});

export const rootfsOptions = key(
  'lxc.rootfs.options',
  'options of its mount; `idmap=container`: what is on disk are ids inside',
  rootOptions,
  {
    print: (spec) => {
      const root = findRoot(spec);
      if (root === undefined) return [];
      const { readonly, flags, propagation } = root;
      const options = formatMountOptions({
        readonly,
        ...(flags === undefined ? {} : { flags }),
        ...(propagation === undefined ? {} : { propagation }),
      });
      const idmap = root.type === 'mount' && root.accessMode === 'mapped' ? ['idmap=container'] : [];
      const data = root.type === 'block' && root.data !== undefined ? [root.data] : [];
      const all = [...options, ...idmap, ...data];
      return all.length === 0 ? [] : lines(all.join(','));
    },
  },
);

function guarded(proc: KernelMountsSpec['proc']): NonNullable<KernelMountsSpec['proc']> {
  return proc === 'none' ? 'none' : 'guarded';
}

export const mountAuto = key('lxc.mount.auto', 'what is mounted of the kernel: see below', autoMounts, {
  list: true,
  byDefault: 'proc:mixed sys:ro cgroup:ro',
  print: ({ kernelMounts, security: { readonlyPaths, maskedPaths } }) => {
    // Lists of paths have no word here: a /proc that they guard gets ctr's own guard.
    const isGuarded = [...(readonlyPaths ?? []), ...(maskedPaths ?? [])].some((path) => path.startsWith('/proc/'));
    return lines(
      ...formatAutoMounts(isGuarded ? { ...kernelMounts, proc: guarded(kernelMounts?.proc) } : kernelMounts),
    );
  },
});

export const mountFstab = key(
  'lxc.mount.fstab',
  'a file of lines as `lxc.mount.entry` has them; they come first',
  absolutePath,
  {
    legacy: ['lxc.mount'],
  },
);

export const mountEntryRow = key('lxc.mount.entry', 'a mount, as a line of fstab(5): see below', mountEntry, {
  list: true,
  print: ({ filesystems }) =>
    lines(...filesystems.filter(({ target }) => target !== '/').map((filesystem) => formatMountEntry(filesystem))),
});

export const autodev = key(
  'lxc.autodev',
  'a tmpfs on /dev with the usual nodes; 0: what the root has there',
  zeroOrOne,
  {
    byDefault: '1',
    print: ({ kernelMounts }) => (kernelMounts?.dev === 'none' ? lines(0) : []),
  },
);

export const autodevSize = key('lxc.autodev.tmpfs.size', 'size of that tmpfs in bytes', integer(1, 2 ** 40), {
  print: ({ kernelMounts }) => lines(kernelMounts?.devSizeBytes),
});

/** What a monitor can hold, less the console itself. */
const MAX_TTYS = 15;

export const ttyMax = key('lxc.tty.max', 'terminals besides the console', integer(0, MAX_TTYS), {
  legacy: ['lxc.tty'],
  byDefault: '0',
  print: ({ consoles }) => (consoles.length > 1 ? lines(consoles.length - 1) : []),
});

const bufferSize: ValueType<number> = {
  label: "'auto', or a size like 128KB",
  parse: (text) => {
    const match = /^(\d+)[ \t]*(KB|MB|GB)?$/i.exec(text);
    const size = parseMemorySize(`${match?.[1] ?? ''}${(match?.[2] ?? '').charAt(0)}`);
    if (text !== 'auto' && (match === null || size === undefined)) return WRONG;
    return right(size ?? 131072);
  },
};

const OWN_CONSOLE = 'the monitor has the console, its buffer and its log';

export const MOUNT_ROWS = [
  rootfsPath,
  rootfsOptions,
  kept('lxc.rootfs.mount', 'where it is mounted first', absolutePath, 'ctr mounts the root in a place of its own'),
  kept(
    'lxc.rootfs.managed',
    'whether LXC may change the storage',
    zeroOrOne,
    'ctr removes no root that it did not make',
    {
      quiet: ['0', '1'],
      byDefault: '1',
    },
  ),
  mountAuto,
  mountFstab,
  mountEntryRow,
  autodev,
  autodevSize,
  ttyMax,
  kept('lxc.tty.dir', 'directory of the terminals below /dev', anyText, 'terminals are /dev/console and /dev/ttyN', {
    legacy: ['lxc.devttydir'],
  }),
  kept('lxc.pty.max', 'how many pseudo-terminals', integer(0, 4294967295), "the kernel's own limit holds", {
    legacy: ['lxc.pts'],
  }),
  kept('lxc.console.path', "device that the console is attached to, or 'none'", anyText, OWN_CONSOLE, {
    legacy: ['lxc.console'],
  }),
  kept('lxc.console.logfile', 'file that the console writes to', anyText, OWN_CONSOLE),
  kept('lxc.console.size', 'size of that file', bufferSize, OWN_CONSOLE),
  kept('lxc.console.rotate', 'whether it is rotated', zeroOrOne, OWN_CONSOLE, { quiet: ['0'] }),
  kept('lxc.console.buffer.size', 'size of the buffer', bufferSize, OWN_CONSOLE),
];

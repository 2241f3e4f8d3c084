import type {
  AutostartSpec,
  CgroupFileSpec,
  IdRangeRequest,
  LifecycleSpec,
  MemorySpec,
  NamespaceKind,
  NamespaceSource,
} from '../spec.js';
import { anyText, integer, matching, nonEmptyText, oneOf, signalName } from './values.js';
import { child, content, count, flag, listWord, number, objectWord, text, textWord, type Word } from './word.js';

/** Words about limits, ids, namespaces and the life of a container. */

const required = { required: true };

export const pidsWord = objectWord<{ readonly max: number }>('pids', 'limit of processes and threads', [
  number('max', 'at most so many', integer(1, 4194304), required),
]);

export const memoryWord = objectWord<MemorySpec>('memory', 'limits that are no multiples of 1 KiB, in bytes', [
  number('total', 'instead of `memory`', count, { key: 'totalBytes' }),
  number('hard-limit', 'instead of `hard_limit`', count, { key: 'hardLimitBytes' }),
  number('soft-limit', 'instead of `soft_limit`', count, { key: 'softLimitBytes' }),
  number('swap-hard-limit', 'instead of `swap_hard_limit`', count, { key: 'swapHardLimitBytes' }),
]);

interface WrittenFile {
  readonly version: string;
  readonly file: string;
  readonly value: string;
  readonly twin?: string;
}

const cgroupFile = objectWord<WrittenFile>('cgroup', 'a value for a file of the cgroup', [
  text('version', '`1` or `2`', oneOf(['1', '2']), required),
  text('file', 'its name', matching("a file's name", /^[a-z][A-Za-z0-9_.-]*$/), required),
  text(
    'twin',
    'of the other version: written where only that has the controller',
    matching("a file's name", /^[a-z][A-Za-z0-9_.-]*$/),
  ),
  content('value', anyText),
]);

export const cgroupFilesWord = listWord<CgroupFileSpec>('cgroup-files', 'values written after all limits, in order', {
  row: cgroupFile.row,
  read: (element) => {
    const { version, ...rest } = cgroupFile.read(element);
    return { version: version === '1' ? 1 : 2, ...rest };
  },
  write: (file) => cgroupFile.write({ ...file, version: String(file.version) }),
});

export const idsWord = objectWord<IdRangeRequest>('ids', 'a user namespace whose ids define chooses', [
  text(
    'from',
    '`free`: nobody else has them; `owner`: from the owner of the root directory',
    oneOf(['free', 'owner']),
    required,
  ),
  number('count', 'how many', integer(1, 4294967295), required),
]);

/** A namespace and whose it is. */
export interface PlacedNamespace {
  readonly of: NamespaceKind;
  readonly source: NamespaceSource;
}

interface WrittenNamespace {
  readonly of: string;
  readonly kind: string;
  readonly value?: string;
}

const namespaceText = objectWord<WrittenNamespace>(
  'namespace',
  'one namespace',
  [
    text('of', 'which', oneOf(['net', 'ipc', 'uts', 'pid', 'user', 'cgroup', 'mnt', 'time']), required),
    text('kind', 'whose it is', oneOf(['own', 'host', 'container', 'pid', 'netns', 'path']), required),
    text('value', 'name, number or path', nonEmptyText),
  ],
  {
    finish: (read, { element, report }) => {
      const needs = !['own', 'host'].includes(read.attributes.get('kind') ?? '');
      if (needs && !read.attributes.has('value'))
        report.error(element.offset, "<namespace> needs the attribute 'value'");
      if (read.attributes.get('kind') === 'pid' && !/^[1-9]\d{0,9}$/.test(read.attributes.get('value') ?? '1'))
        report.error(element.offset, "attribute 'value' of <namespace> must be the number of a process");
      return read;
    },
  },
);

function readSource({ kind, value = '' }: WrittenNamespace): NamespaceSource {
  switch (kind) {
    case 'container':
    case 'netns':
      return { kind, name: value };
    case 'pid':
      return { kind, pid: Number(value) };
    case 'path':
      return { kind, path: value };
    default:
      return { kind: kind as 'own' | 'host' };
  }
}

/** What follows the kind of a source. */
export function valueOfSource(source: NamespaceSource): string | undefined {
  if ('name' in source) return source.name;
  if ('pid' in source) return String(source.pid);
  return 'path' in source ? source.path : undefined;
}

const namespaceWord: Word<PlacedNamespace> = {
  row: namespaceText.row,
  read: (element) => {
    const read = namespaceText.read(element);
    return { of: read.of as NamespaceKind, source: readSource(read) };
  },
  write: ({ of, source }) => {
    const value = valueOfSource(source);
    return namespaceText.write({ of, kind: source.kind, ...(value === undefined ? {} : { value }) });
  },
};

export const namespacesWord = listWord('namespaces', 'namespaces that are not as ctr makes them', namespaceWord);

export const signalWord = objectWord<Partial<LifecycleSpec>>('signal', 'signals for init', [
  text('stop', 'what `stop` sends; when missing: chosen by what init is', signalName, { key: 'stopSignal' }),
  text('reboot', 'what `reboot` sends', signalName, { key: 'rebootSignal' }),
  text('kill', 'what `destroy` sends; when missing: KILL', signalName, { key: 'killSignal' }),
]);

export const notifyWord = objectWord<{ readonly ready: boolean }>('notify', 'sd_notify(3)', [
  flag('ready', 'a start waits for READY=1', required),
]);

export const autostartWord = objectWord<AutostartSpec>('autostart', 'start with the host', [
  flag('enabled', 'whether', required),
  number('delay', 'seconds', count, { key: 'delaySeconds' }),
  number('order', 'lower starts earlier', integer(-2147483648, 2147483647)),
  child('groups', listWord('groups', 'groups it belongs to', textWord('group', 'one group', anyText))),
]);

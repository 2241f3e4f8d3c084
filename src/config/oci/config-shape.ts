import type { TypeOf } from '../json/shape.js';
import { type Shape, scalar } from '../json/shape.js';
import { list } from '../json/shape-lists.js';
import { object, optional, required } from '../json/shape-objects.js';
import { anyText, boolean, text } from '../json/shape-values.js';
import { linuxShape } from './linux-shape.js';
import { mountShape } from './mount-shape.js';
import { processShape } from './process-shape.js';
import { anything, hook, textEntries } from './value-shapes.js';

/** Table of a whole config.json: https://github.com/opencontainers/runtime-spec, config.md and config-linux.md, versions 1.0 to 1.2. */

const version: Shape<string> = scalar('a version like 1.0.2', { type: 'string' }, (node) => {
  if (node.kind !== 'string') return {};
  const major = /^(\d{1,4})(\.\d{1,4}){0,2}([-+].*)?$/s.exec(node.value)?.[1];
  if (major === undefined) return {};
  return major === '1' ? { value: node.value } : { reason: `has major version ${major}: ctr knows 1 alone` };
});

const hooks = list(hook);

export const configShape = object(
  'an object',
  {
    ociVersion: required('version of the specification: 1.x', version),
    process: optional('what runs; a start needs it', processShape),
    root: optional(
      'root directory',
      object('an object', {
        path: required('absolute, or relative to the bundle', text('a path', /./s)),
        readonly: optional('no writing', boolean),
      }),
    ),
    hostname: optional("host name inside; absent: the host's", anyText, { needs: 'a uts namespace' }),
    domainname: optional('NIS domain inside', anyText, { needs: 'a uts namespace' }),
    mounts: optional('in order', list(mountShape)),
    hooks: optional(
      'programs at points of its life; each is told the state on stdin',
      object('an object', {
        prestart: optional('on the host, once the namespaces are there', hooks),
        createRuntime: optional('likewise, after them', hooks),
        createContainer: optional('in the mount namespace, before the root is changed', hooks),
        startContainer: optional('inside, before the program', hooks),
        poststart: optional('on the host, once the program runs', hooks),
        poststop: optional('on the host, after the end', hooks),
      }),
    ),
    annotations: optional(
      'free text for other programs; `org.opencontainers.image.stopSignal` is what `stop` sends',
      textEntries,
    ),
    linux: optional('what is of Linux', linuxShape),
    windows: optional('what is of Windows', anything('an object'), { standing: 'kept' }),
    solaris: optional('what is of Solaris', anything('an object'), { standing: 'kept' }),
    vm: optional('what is of virtual machines', anything('an object'), { standing: 'kept' }),
    zos: optional('what is of z/OS', anything('an object'), { standing: 'kept' }),
  },
  ({ hostname, domainname, linux = {} }, say) => {
    const has = (type: string) => linux.namespaces?.some((namespace) => namespace.type === type) === true;
    for (const [name, value] of Object.entries({ hostname, domainname }))
      if (value !== undefined && !has('uts')) say.error([name], "needs a namespace of type 'uts'");
    const isNewUser = linux.namespaces?.some(({ type, path }) => type === 'user' && path === undefined) === true;
    if (isNewUser && (linux.uidMappings ?? []).length === 0)
      say.error(['linux'], "needs 'uidMappings' for its user namespace");
    if (isNewUser && (linux.gidMappings ?? []).length === 0)
      say.error(['linux'], "needs 'gidMappings' for its user namespace");
    if ((linux.uidMappings === undefined) !== (linux.gidMappings === undefined) && !isNewUser)
      say.error(['linux'], "needs both 'uidMappings' and 'gidMappings'");
    if (linux.timeOffsets !== undefined && !has('time'))
      say.error(['linux', 'timeOffsets'], "needs a namespace of type 'time'");
  },
);

/** A config.json whose every value is right. */
export type OciConfig = TypeOf<typeof configShape>;
export type OciProcess = NonNullable<OciConfig['process']>;
export type OciLinux = NonNullable<OciConfig['linux']>;
export type OciResources = NonNullable<OciLinux['resources']>;

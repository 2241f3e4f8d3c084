import { object, optional, required } from '../json/shape-objects.js';
import { anyText, text } from '../json/shape-values.js';
import { interpretMount } from './interpret-mount.js';
import { idMappings, texts } from './value-shapes.js';

/** Table of an entry in `mounts`. */
export const mountShape = object(
  'a mount',
  {
    destination: required('absolute path inside', text('a path', /./s)),
    type: optional('file system; absent: a bind', anyText),
    source: optional('path, device or any word; of a bind: absolute, or relative to the bundle', anyText),
    options: optional('of mount(8), `tmpcopyup`, `idmap`; all others are for the file system itself', texts),
    uidMappings: optional("id map of the mount: the container's own", idMappings, { needs: 'a user namespace' }),
    gidMappings: optional("id map of the mount: the container's own", idMappings, { needs: 'a user namespace' }),
  },
  (mount, say) => void interpretMount(mount, say),
);

/** One container in each format, with what a case of bad input wants to differ. */
import type { TextFormat } from '../../../src/config/detect-format.js';
import type { ContainerSpec, FilesystemSpec } from '../../../src/config/spec.js';
import { domainXml } from '../../rig/domain.js';
import { MINIMAL } from '../container/example-specs.js';

/** The same container in each format, with what a case wants to differ. */
export interface Parts {
  readonly idmap?: readonly (readonly [inside: number, outside: number, count: number])[];
  readonly source?: string;
  readonly target?: string;
  readonly user?: string;
  readonly capability?: string;
}

export const GIDS = [[0, 500_000, 65_536]] as const;
/** `value` as a number where it can be one in JSON. */
const bare = (value: string) => (/^-?\d+(e\d+)?$/.test(value) ? value : JSON.stringify(value));

export const WRITERS: Readonly<Record<TextFormat, (parts: Parts) => string | undefined>> = {
  libvirt: ({ idmap, source, target = '/x', user, capability }) => {
    const lines = (kind: string, map: Parts['idmap'] = []) =>
      map.map(([a, b, c]) => `\n<${kind} start='${a}' target='${b}' count='${c}'/>`).join('');
    const text = domainXml({
      name: 'vm',
      rootfs: '/srv',
      idmap: idmap === undefined ? '' : `<idmap>${lines('uid', idmap)}${lines('gid', GIDS)}\n</idmap>`,
      features: `<features><privnet/><capabilities policy='default'>${
        capability === undefined ? '' : `\n<${capability} state='on'/>`
      }</capabilities></features>`,
      devices:
        source === undefined
          ? ''
          : `<filesystem type='mount'><source dir='${source}'/><target dir='${target}'/></filesystem>`,
    });
    return user === undefined ? text : text.replace('</os>', `<inituser>${user}</inituser></os>`);
  },
  nspawn: ({ idmap, source, target = '/x', user }) => {
    // One range of its own is all it can say.
    if (idmap !== undefined || user === undefined) return source && `\n[Files]\nBind=${source}:${target}\n`;
    return `\n[Exec]\nUser=${user}\n`;
  },
  lxc: ({ idmap, source, target = '/x', user, capability }) =>
    [
      'lxc.uts.name = vm',
      'lxc.rootfs.path = /srv',
      ...(idmap ?? []).map((range) => `lxc.idmap = u ${range.join(' ')}`),
      ...(idmap === undefined ? [] : ['lxc.idmap = g 0 500000 65536']),
      ...(source === undefined ? [] : [`lxc.mount.entry = ${source} ${target} none bind 0 0`]),
      ...(user === undefined ? [] : [`lxc.init.uid = ${user}`]),
      ...(capability === undefined ? [] : [`lxc.cap.drop = ${capability}`]),
      '',
    ].join('\n'),
  oci: ({ idmap, source, target = '/x', user = '0', capability }) =>
    `{"ociVersion": "1.0.2", "root": {"path": "/srv"},
     "process": {"args": ["sh"], "cwd": "/",
       "user": {"uid": ${bare(user)}, "gid": 0},
       "capabilities": {"bounding": ${JSON.stringify(capability === undefined ? [] : [capability])}}},
     "mounts": ${
       source === undefined
         ? '[]'
         : `[{"type": "bind", "source": "${source}",
       "destination": "${target}", "options": ["bind"]}]`
     },
     "linux": {"namespaces": [{"type": "mount"}, {"type": "pid"}, {"type": "network"}${
       idmap === undefined
         ? ']'
         : `, {"type": "user"}],
       "uidMappings": ${JSON.stringify(idmap.map(([containerID, hostID, size]) => ({ containerID, hostID, size })))},
       "gidMappings": [{"containerID": 0, "hostID": 500000, "size": 65536}]`
     }}}`,
  json: ({ idmap, source, target = '/x', user, capability }) => {
    const rangesOf = (map: Parts['idmap'] = []) => map.map(([inside, outside, count]) => ({ inside, outside, count }));
    const mount: FilesystemSpec = {
      type: 'mount',
      source: source ?? '',
      target,
      readonly: false,
      accessMode: 'mapped',
    };
    const spec: ContainerSpec = {
      ...MINIMAL,
      ...(idmap === undefined ? {} : { idmap: { uid: rangesOf(idmap), gid: rangesOf(GIDS) } }),
      filesystems: [...MINIMAL.filesystems, ...(source === undefined ? [] : [mount])],
      init: { ...MINIMAL.init, ...(user === undefined ? {} : { user }) },
    };
    const changed: ContainerSpec = {
      ...spec,
      features: {
        ...spec.features,
        capabilities: {
          policy: 'default',
          states: capability === undefined ? [] : [{ name: capability, state: 'on' }],
        },
      },
    };
    return JSON.stringify(changed, undefined, 1);
  },
};

import { BARE_TREE } from './bare-tree.js';
import type { ReadOptions, ReadResult } from './format.js';
import type { FormatRow } from './formats.js';
import { formatNspawn } from './nspawn/format-nspawn.js';
import { readNspawn } from './nspawn/read-nspawn.js';
import type { ContainerSpec } from './spec.js';

/** systemd-nspawn's settings. */
export const NSPAWN: FormatRow = {
  read: (text, { untrusted = false, ...options }) =>
    untrusted ? readUntrusted(text, options) : readNspawn(text, options),
  print: ({ spec }) => formatNspawn(spec),
};

/**
 * Reads settings that were found beside an image: they may restrict, and no more. What they have no say in (users, mounts, network) is
 * as of a bare tree, so that a file beside an image cannot take the user namespace away by leaving it out.
 */
function readUntrusted(text: string, options: ReadOptions): ReadResult {
  const own = readNspawn(text, { ...options, trusted: false });
  const bare = readNspawn(BARE_TREE, options);
  if (own.definition === undefined || bare.definition === undefined) return own;
  return { definition: { spec: confine(own.definition.spec, bare.definition.spec) }, diagnostics: own.diagnostics };
}

function confine(own: ContainerSpec, { features, interfaces, filesystems, idRange }: ContainerSpec): ContainerSpec {
  const bareRoot = filesystems.find(({ target }) => target === '/');
  return {
    ...own,
    ...(idRange === undefined ? {} : { idRange }),
    features: { ...own.features, privnet: features.privnet },
    interfaces,
    filesystems: own.filesystems.map((filesystem) =>
      filesystem.target === '/' && bareRoot?.type === 'mount'
        ? { ...bareRoot, readonly: filesystem.readonly }
        : filesystem,
    ),
  };
}

/** dumpxml: a definition in libvirt's canonical form. */
import { formatLibvirtXml } from '../config/index.js';
import { readContainerRecord, readDefinition } from '../state/store.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { parseText } from './read-spec.js';
import { statusOf } from './reconcile.js';
import { readRunningText } from './running-spec.js';

export interface DumpxmlOptions extends CtrOptions {
  /** What the next start uses; without it a running container gives what it was started with. */
  readonly inactive?: boolean | undefined;
}

/** @throws CtrError CTR_NOT_FOUND, CTR_BAD_STATE, CTR_BAD_CONFIG */
export function dumpxml(name: string, options: DumpxmlOptions = {}): string {
  checkName(name);
  const paths = openPaths(options);
  const { state } = statusOf(paths, name);
  const active = !options.inactive && (state === 'running' || state === 'paused');
  const running = active ? readRunningText(paths, name) : undefined;
  const { text, path } = running === undefined ? readDefinition('dump', paths, name) : { text: running, path: name };
  const { definition } = parseText(text, path);
  const record = readContainerRecord(paths, name);
  const uuid = record !== undefined && !('unreadable' in record) ? record.uuid : undefined;
  return formatLibvirtXml(definition, uuid === undefined ? {} : { uuid });
}

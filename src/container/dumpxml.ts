/** dumpxml: a definition in libvirt's canonical form. */
import { machine } from 'node:os';
import { readContainerRecord, readDefinition } from '../state/store.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { type ConvertedText, convertDefinition } from './convert-spec.js';
import { parseStored } from './read-spec.js';
import { statusOf } from './reconcile.js';
import { readRunning } from './running-spec.js';

export interface DumpxmlOptions extends CtrOptions {
  /** What the next start uses; without it a running container gives what it was started with. */
  readonly inactive?: boolean | undefined;
}

/**
 * A container's definition as libvirt's XML; one in another format is converted.
 *
 * @throws CtrError CTR_NOT_FOUND, CTR_BAD_STATE, CTR_BAD_CONFIG, CTR_UNSUPPORTED (libvirt's XML has no way to say it)
 */
export function dumpxml(name: string, options: DumpxmlOptions = {}): string {
  return dumpConverted(name, options).text;
}

/** The same with what the XML has no word for. @throws as `dumpxml` */
export function dumpConverted(name: string, options: DumpxmlOptions = {}): ConvertedText {
  checkName(name);
  const paths = openPaths(options);
  const { state } = statusOf(paths, name);
  const active = !options.inactive && (state === 'running' || state === 'paused');
  const stored = (active ? readRunning(paths, name) : undefined) ?? readDefinition('dump', paths, name);
  const { definition } = parseStored(stored);
  const record = readContainerRecord(paths, name);
  const { uuid } = record !== undefined && !('unreadable' in record) ? record : stored.record;
  return convertDefinition(definition, 'libvirt', { uuid, arch: machine() });
}

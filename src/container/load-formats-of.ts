/** The formats that a container's definitions are written in. */
import { isContainerName, loadFormat } from '../config/index.js';
import { readContainerRecord } from '../state/store.js';
import { type CtrOptions, openPaths } from './context.js';
import { readRunning } from './running-spec.js';

/** Makes ready what the stored definition of a container needs, and the one that it runs by. Damaged and missing ones need nothing. */
export async function loadFormatsOf(name: string, options: CtrOptions = {}): Promise<void> {
  if (!isContainerName(name)) return;
  const paths = openPaths(options);
  const record = readContainerRecord(paths, name);
  if (record !== undefined && !('unreadable' in record)) await loadFormat(record.format);
  const running = readRunning(paths, name);
  if (running !== undefined) await loadFormat(running.record.format);
}

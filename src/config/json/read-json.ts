import { createReport } from '../diagnostics.js';
import { quote } from '../display-text.js';
import type { ReadOptions, ReadResult } from '../format.js';
import { isContainerName, NAME_RULE } from '../name.js';
import type { ContainerSpec, FilesystemSpec } from '../spec.js';
import { readJsonText } from './read-json-text.js';
import type { ShapeReading } from './shape.js';
import { specShape } from './spec-shape.js';

/**
 * Reads the model's own form, as `formatJson` prints it. All faults come together, each with its place: unknown properties, wrong types
 * and ranges, missing ones. Nothing is thrown.
 */
export function readJson(text: string, options: ReadOptions): ReadResult {
  const report = createReport(options.file, text);
  const node = readJsonText(text, report);
  if (options.name !== undefined && !isContainerName(options.name))
    report.error(0, `name ${quote(options.name)} breaks the rule: ${NAME_RULE}`);
  const reading: ShapeReading = { report, unknown: 'error', nullIsAbsent: false, places: new WeakMap(), aside: [] };
  const spec = node === undefined ? undefined : specShape.read(node, reading, '');
  const diagnostics = report.diagnostics();
  if (spec === undefined || report.hasErrors()) return { diagnostics };
  return { definition: { spec: override(spec, options) }, diagnostics };
}

function override(spec: ContainerSpec, { name, rootfs }: ReadOptions): ContainerSpec {
  const filesystems = rootfs === undefined ? spec.filesystems : replaceRoot(spec.filesystems, rootfs);
  return { ...spec, filesystems, ...(name === undefined ? {} : { name }) };
}

function replaceRoot(filesystems: readonly FilesystemSpec[], source: string): FilesystemSpec[] {
  const old = filesystems.find(({ target }) => target === '/');
  const kept =
    old?.type === 'mount' ? old : ({ type: 'mount', target: '/', readonly: false, accessMode: 'passthrough' } as const);
  return [{ ...kept, source }, ...filesystems.filter((filesystem) => filesystem !== old)];
}

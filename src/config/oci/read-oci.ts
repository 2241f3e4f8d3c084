import { posix } from 'node:path';
import { createReport, type Report } from '../diagnostics.js';
import { quote } from '../display-text.js';
import type { ReadOptions, ReadResult } from '../format.js';
import { readJsonText } from '../json/read-json-text.js';
import type { ShapeReading } from '../json/shape.js';
import { isContainerName, NAME_RULE } from '../name.js';
import type { ContainerSpec } from '../spec.js';
import { readAnnotations, readStopSignal } from './annotations.js';
import { readKept } from './aside.js';
import { configShape, type OciConfig, type OciLinux } from './config-shape.js';
import { readDevices } from './devices.js';
import { readHooks } from './hooks.js';
import { readIdMap, readNamespaces, readTimeOffsets } from './namespaces.js';
import { createOciReading, type OciReading } from './oci-reading.js';
import { guardMounts, isScopePath, readPartition, readPaths } from './paths.js';
import { readCapabilities, readInit, readLabels, readProcess } from './process.js';
import { readMounts } from './read-mounts.js';
import { readResources } from './resources.js';
import { readSeccomp } from './seccomp.js';
import { readSysctls } from './sysctls.js';

export interface OciReadOptions extends ReadOptions {
  readonly baseDir?: string;
}

/**
 * Reads a config.json of the OCI runtime specification, 1.0 to 1.2. What it leaves out means what the specification says, with one
 * exception: without a seccomp profile the container has ctr's. All faults come together, each with its place; nothing is thrown.
 *
 * @param options.baseDir the bundle, absolute, which relative paths start from; absent: the directory of an absolute `file`
 * @param options.name absent: the name of the bundle
 */
export function readOci(text: string, options: OciReadOptions): ReadResult {
  const report = createReport(options.file, text);
  const node = readJsonText(text, report);
  const bundle = options.baseDir ?? (options.file.startsWith('/') ? posix.dirname(options.file) : undefined);
  const name = readName(options, bundle, report);
  const shapeReading: ShapeReading = {
    report,
    unknown: 'warning',
    nullIsAbsent: true,
    places: new WeakMap(),
    aside: [],
  };
  const config = node === undefined ? undefined : configShape.read(node, shapeReading, '');
  if (config !== undefined && config.root === undefined && options.rootfs === undefined)
    report.error(node?.offset ?? 0, "the configuration needs 'root'");
  if (node === undefined || config === undefined || report.hasErrors()) return { diagnostics: report.diagnostics() };

  const reading = createOciReading(report, node, bundle);
  const spec = readSpec({ config, name, options, aside: shapeReading.aside, reading });
  const diagnostics = report.diagnostics();
  return report.hasErrors() ? { diagnostics } : { definition: { spec }, diagnostics };
}

function readName({ name }: ReadOptions, bundle: string | undefined, report: Report): string {
  const chosen = name ?? posix.basename(bundle ?? '');
  if (isContainerName(chosen)) return chosen;
  const what = name === undefined ? "the bundle's directory" : 'the given name';
  report.error(0, `${what}, ${quote(chosen)}, cannot name the container: ${NAME_RULE}`, 'give it a name');
  return chosen;
}

interface RightConfig {
  readonly config: OciConfig;
  readonly name: string;
  readonly options: ReadOptions;
  readonly aside: ShapeReading['aside'];
  readonly reading: OciReading;
}

/** The spec of a config.json whose values are right. */
function readSpec({ config, name, options, aside, reading }: RightConfig): ContainerSpec {
  const { process, linux = {} } = config;
  const { privnet, namespaces } = readNamespaces(linux, reading);
  const mounts = readMounts(config, options, reading);
  const paths = readPaths(linux, mounts.kernelMounts);
  const devices = readDevices(linux, reading);
  const sysctls = readSysctls(linux, reading);
  const idmap = readIdMap(linux);
  warnOfHostRoot(linux, reading);
  const partition = readPartition(linux.cgroupsPath);
  const hooks = readHooks(config.hooks);
  const stopSignal = readStopSignal(config, reading);
  const annotations = readAnnotations(config, stopSignal);
  const labels = readLabels(process);
  if (process === undefined) reading.refuse([], "its configuration has no 'process'");
  const kept = readKept([...aside, ...keepScope(linux.cgroupsPath, reading)]);
  for (const { path, field } of aside
    .filter((entry) => entry.field.standing === 'refused')
    .toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    reading.refuse(path.split('.'), `${path} asks for ${field.about}`);
  return {
    format: 'oci',
    name,
    hostname: config.hostname ?? '',
    ...(config.domainname === undefined ? {} : { domainname: config.domainname }),
    ...readResources(linux.resources ?? {}),
    ...(partition === undefined ? {} : { partition }),
    init: readInit(process),
    ...(idmap === undefined ? {} : { idmap }),
    ...(namespaces === undefined ? {} : { namespaces }),
    features: { privnet, capabilities: readCapabilities(process) },
    filesystems: mounts.filesystems,
    kernelMounts: guardMounts(mounts.kernelMounts, paths),
    ...(devices === undefined ? {} : { devices }),
    interfaces: [],
    consoles: [{ type: 'pty' }],
    lifecycle: {
      onPoweroff: 'destroy',
      onReboot: 'destroy',
      onCrash: 'destroy',
      stopSignal,
    },
    process: { ...readProcess(process), ...(sysctls.length === 0 ? {} : { sysctls }), ...readTimeOffsets(linux) },
    ...(hooks.length === 0 ? {} : { hooks }),
    security: {
      seccomp: readSeccomp(linux.seccomp),
      ...paths,
      nesting: false,
      noNewPrivs: process?.noNewPrivileges ?? false,
      ...(labels.length === 0 ? {} : { labels }),
    },
    ...(kept === undefined ? {} : { kept }),
    ...(annotations.length === 0 ? {} : { annotations }),
    ...(reading.refusals.length === 0 ? {} : { refusals: reading.refusals }),
  };
}

function warnOfHostRoot(linux: OciLinux, { warning }: OciReading): void {
  for (const key of ['uidMappings', 'gidMappings'] as const)
    (linux[key] ?? []).forEach(({ hostID }, index) => {
      if (hostID === 0)
        warning(['linux', key, index, 'hostID'], 'a start refuses this: the id map has id 0 of the host');
    });
}

/** A group that systemd would make may have limits above it that nothing else enforces. */
function keepScope(cgroupsPath: string | undefined, { refuse }: OciReading): { path: string; value: unknown }[] {
  if (cgroupsPath === undefined || !isScopePath(cgroupsPath)) return [];
  refuse(['linux', 'cgroupsPath'], `linux.cgroupsPath asks for a scope of systemd`);
  return [{ path: 'linux.cgroupsPath', value: cgroupsPath }];
}

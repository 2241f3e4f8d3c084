/**
 * How containers are set up, without reading their definitions each time: `set-ups.json` of the run directory keeps what was read, with
 * what tells whether it is still so.
 */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec } from '../config/index.js';
import { nameLinks } from '../network/name-links.js';
import { definitionPath } from '../state/store.js';
import { replaceFile } from '../system/atomic-file.js';
import { debug } from '../system/log.js';
import { containerStateDir, type Paths } from '../system/paths.js';
import { readSmallFile } from '../system/read-small-file.js';
import { reasonOf } from '../system/reason.js';

export interface SetUp {
  readonly autostart: boolean;
  /** Names of groups that it is started with. */
  readonly groups: readonly string[];
  /** Whether root inside is nobody in particular outside: it has a user namespace. */
  readonly unprivileged: boolean;
  /** What each interface is connected to, else its type. */
  readonly interfaces: readonly string[];
  /** The ends of those that have one on the host, and the addresses of the ends inside. */
  readonly links: readonly { readonly host: string; readonly mac: string }[];
}

/** With the key of what it was read from. */
type KeptSetUps = Readonly<Record<string, readonly [key: string, setUp: SetUp]>>;

/** Another meaning of the same text is another version of this. */
const VERSION = 2;
const LIMIT_BYTES = 64 * 1024 * 1024;

/** Those of containers that are defined and can be read. A definition that is as it was is not read again. */
export async function readSetUps(paths: Paths, names: readonly string[]): Promise<ReadonlyMap<string, SetUp>> {
  const kept = readKept(paths);
  const found = new Map<string, SetUp>();
  const read: [string, readonly [string, SetUp]][] = [];
  for (const name of names) {
    // Before the definition is read: one that changes meanwhile is read again the next time.
    const key = keyOf(paths, name);
    if (key === undefined) continue;
    const entry = kept[name];
    const setUp = entry?.[0] === key ? entry[1] : await readSetUp(paths, name);
    if (setUp === undefined) continue;
    found.set(name, setUp);
    if (setUp !== entry?.[1]) read.push([name, [key, setUp]]);
  }
  if (read.length > 0) await keep(paths, { ...kept, ...Object.fromEntries(read) });
  return found;
}

async function readSetUp(paths: Paths, name: string): Promise<SetUp | undefined> {
  try {
    // Seldom needed, and half of what takes long to load.
    const [{ loadFormatsOf }, { readSpec }] = await Promise.all([
      import('./load-formats-of.js'),
      import('./read-spec.js'),
    ]);
    await loadFormatsOf(name, paths);
    const { spec, record } = readSpec('list', paths, name);
    const uuid = record.uuid;
    return {
      autostart: spec.autostart?.enabled === true,
      groups: spec.autostart?.groups ?? [],
      unprivileged: spec.idmap !== undefined,
      interfaces: spec.interfaces.map(nameInterface),
      links: listLinks(spec, uuid),
    };
  } catch (error) {
    // Damaged or undefined meanwhile: `list` says so.
    debug(`list '${name}': ${reasonOf(error)}`);
    return undefined;
  }
}

const VETHS: readonly string[] = ['network', 'bridge', 'ethernet'];

function listLinks({ interfaces }: ContainerSpec, uuid: string): SetUp['links'] {
  return nameLinks(interfaces, uuid)
    .filter(({ spec }) => VETHS.includes(spec.type))
    .map(({ host, mac }) => ({ host, mac }));
}

function nameInterface({ type, source }: ContainerSpec['interfaces'][number]): string {
  return source ?? type;
}

/** A definition and its record are replaced, never written to. */
function keyOf(paths: Paths, name: string): string | undefined {
  const files = [definitionPath(paths, name), join(containerStateDir(paths, name), 'container.json')];
  const stats = files.map((path) => lstatSync(path, { bigint: true, throwIfNoEntry: false }));
  if (stats.some((stat) => stat === undefined)) return undefined;
  return stats.map((stat) => `${stat?.ino} ${stat?.size} ${stat?.mtimeNs} ${stat?.ctimeNs}`).join(' ');
}

function setUpsPath({ runDir }: Paths): string {
  return join(runDir, 'set-ups.json');
}

function readKept(paths: Paths): KeptSetUps {
  const file = readSmallFile(setUpsPath(paths), LIMIT_BYTES);
  if (file.kind !== 'text') return {};
  try {
    const { version, setUps } = JSON.parse(file.text) as { version?: unknown; setUps?: KeptSetUps };
    return version === VERSION && setUps !== undefined ? setUps : {};
  } catch {
    return {};
  }
}

/** It is a convenience: where it cannot be kept, the next one reads the definitions. */
async function keep(paths: Paths, setUps: KeptSetUps): Promise<void> {
  const defined = Object.entries(setUps).filter(([name]) => keyOf(paths, name) !== undefined);
  try {
    await replaceFile(setUpsPath(paths), JSON.stringify({ version: VERSION, setUps: Object.fromEntries(defined) }));
  } catch (error) {
    debug(`list: ${reasonOf(error)}`);
  }
}

/** Containers of specs that no format says (yet): the plan of a spec in the place of that of a plain definition. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec } from '../../src/config/spec.js';
import { compile } from '../../src/container/compile.js';
import { encodePlan } from '../../src/exec/encode.js';
import { resolvePaths } from '../../src/system/paths.js';
import { readHostFacts } from '../../src/system/read-host-facts.js';
import { domainXml } from './domain.js';
import { nativeDir, type Rig } from './rig.js';
import { runProgram } from './run-program.js';

const UUID = '3b0f8f4e-6a0d-4a53-9a3c-51f7d2e00c11';

/** A container of this root whose /init runs, with what a test wants to differ. */
export function makeSpec(rootfs: string, changes: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    format: 'libvirt',
    name: 'vm',
    memory: { totalBytes: 64 * 1024 * 1024 },
    cpu: { count: 1 },
    init: { path: '/init', args: [], env: [] },
    features: { privnet: true, capabilities: { policy: 'default', states: [] } },
    filesystems: [{ type: 'mount', source: rootfs, target: '/', readonly: false, accessMode: 'passthrough' }],
    interfaces: [],
    consoles: [{ type: 'pty' }],
    lifecycle: { onPoweroff: 'destroy', onReboot: 'destroy', onCrash: 'destroy' },
    security: { seccomp: 'os', masks: true, nesting: false },
    ...changes,
  };
}

/** 65536 ids from 500000, as IDMAP; the root must be theirs. */
export const IDS: NonNullable<ContainerSpec['idmap']> = {
  uid: [{ inside: 0, outside: 500_000, count: 65_536 }],
  gid: [{ inside: 0, outside: 500_000, count: 65_536 }],
};

function encode(rig: Rig, spec: ContainerSpec): Uint8Array {
  const paths = resolvePaths({ stateDir: rig.stateDir, runDir: rig.runDir }, {}, { uid: 0, home: '/root' });
  const definition = join(rig.stateDir, 'containers', spec.name, 'definition');
  return encodePlan(compile(spec, readHostFacts(paths, spec.name), { uuid: UUID, definition }));
}

/** Defines a container that runs by this spec: `ctr start` finds its plan compiled. (A start that fails compiles the definition.) */
export async function defineSpec(rig: Rig, spec: ContainerSpec): Promise<void> {
  const root = spec.filesystems.find(({ target }) => target === '/');
  const rootfs = root !== undefined && 'source' in root ? (root.source ?? '/') : '/';
  await rig.define(domainXml({ name: spec.name, rootfs }));
  writeFileSync(join(rig.runDir, 'containers', spec.name, 'compiled'), encode(rig, spec));
}

/** Defines and starts it; gives the pid of init. @throws Error when it does not run by the plan of the spec */
export async function startMadeSpec(rig: Rig, spec: ContainerSpec): Promise<number> {
  await defineSpec(rig, spec);
  await rig.ctrOk('start', spec.name);
  const ran = readFileSync(join(rig.runDir, 'containers', spec.name, 'plan'));
  if (!ran.equals(encode(rig, spec))) throw new Error(`'${spec.name}' has not started by the plan of its spec`);
  return Number((await rig.info(spec.name)).pid);
}

/** Starts it by the helper alone, which tells of a failure in JSON: `{"ok":false,"step":…,"call":…,"errnoName":…,"message":…}`. */
export async function startByHelper(rig: Rig, spec: ContainerSpec): Promise<Record<string, unknown>> {
  const plan = encode(rig, spec);
  const dir = join(rig.runDir, 'containers', spec.name);
  const stateDir = join(rig.stateDir, 'containers', spec.name);
  for (const place of [dir, stateDir]) mkdirSync(place, { recursive: true, mode: 0o700 });
  rmSync(join(dir, 'plan'), { force: true });
  writeFileSync(join(dir, 'plan'), plan);
  const { stdout, stderr } = await runProgram([join(nativeDir, 'clone-helper'), 'start', dir], { env: rig.env });
  const answer = JSON.parse(stdout || `{"ok":false,"message":${JSON.stringify(stderr)}}`) as Record<string, unknown>;
  if (answer.ok !== true) rmSync(dir, { recursive: true });
  if (answer.ok !== true && existsSync(stateDir)) rmSync(stateDir, { recursive: true });
  return answer;
}

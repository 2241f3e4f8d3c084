/** Containers of the spec's own words, also those that a format has no word for: a small definition, and the plan of another spec. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec } from '../../src/config/spec.js';
import { compile } from '../../src/container/compile.js';
import { encodePlan } from '../../src/exec/encode.js';
import type { HostFacts } from '../../src/system/host-facts.js';
import { resolvePaths } from '../../src/system/paths.js';
import { readHostFacts } from '../../src/system/read-host-facts.js';
import { domainXml } from './domain.js';
import { nativeDir, type Rig } from './rig.js';
import { runProgram } from './run-program.js';

const UUID = '0e8f5a0c-6a55-4b0e-9d6e-3f1f5d1c2b3a';

/** 65536 ids from 500000. */
export const SHIFTED_IDS = {
  uid: [{ inside: 0, outside: 500_000, count: 65_536 }],
  gid: [{ inside: 0, outside: 500_000, count: 65_536 }],
} as const;

/** The least that runs, in a network of its own, on this root. */
function makeSpec(rootfs: string, changes: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    format: 'libvirt',
    name: 'box',
    uuid: UUID,
    memory: { totalBytes: 64 * 1024 * 1024 },
    cpu: { count: 1 },
    init: { path: '/init', args: [], env: [] },
    features: { privnet: true, capabilities: { policy: 'default', states: [] } },
    interfaces: [],
    consoles: [{ type: 'pty' }],
    lifecycle: { onPoweroff: 'destroy', onReboot: 'restart', onCrash: 'destroy' },
    security: { seccomp: 'os', masks: true, nesting: false },
    ...changes,
    filesystems: [
      ...((changes.filesystems ?? []).some(({ target }) => target === '/')
        ? []
        : [
            {
              type: 'mount',
              source: rootfs,
              target: '/',
              readonly: false,
              accessMode: changes.idmap === undefined ? 'passthrough' : 'mapped',
            } as const,
          ]),
      ...(changes.filesystems ?? []),
    ],
  };
}

/** What the helper says of a start that failed. */
export interface Refusal {
  readonly step: string;
  readonly call: string;
  readonly errnoName: string;
  readonly message: string;
}

type ChangeHost = (host: HostFacts) => HostFacts;

/** As if the host had no devices controller of cgroup v1. */
export const withoutV1Devices: ChangeHost = (host) => {
  const { devices: _, ...v1 } = host.cgroups.v1;
  return { ...host, cgroups: { ...host.cgroups, v1 } };
};

/** As if the host had no cgroup v2 mounted. */
export const withoutV2: ChangeHost = (host) => ({ ...host, cgroups: { v1: host.cgroups.v1 } });

/** Defines a container whose next start is by the plan of this spec; gives its run directory. */
async function defineSpec(rig: Rig, rootfs: string, spec: ContainerSpec, change: ChangeHost = (host) => host) {
  await rig.define(domainXml({ name: spec.name, rootfs, init: spec.init.path }));
  const paths = resolvePaths({ stateDir: rig.stateDir, runDir: rig.runDir }, {}, { uid: 0, home: '/root' });
  const plan = compile(spec, change(readHostFacts(paths, spec.name)), { uuid: UUID });
  const dir = join(rig.runDir, 'containers', spec.name);
  // What the plan depends on is the same, so the front door takes it as the one it left there.
  writeFileSync(join(dir, 'compiled'), encodePlan(plan));
  return dir;
}

/** Defines and starts it; gives its root. @throws Error with what the helper says when its start fails */
export async function startSpec(
  rig: Rig,
  changes: Partial<ContainerSpec> & { readonly rootfs?: string },
  changeHost?: ChangeHost,
): Promise<string> {
  const { rootfs = rig.makeRoot(), ...parts } = changes;
  const spec = makeSpec(rootfs, parts);
  const dir = await defineSpec(rig, rootfs, spec, changeHost);
  const plan = readFileSync(join(dir, 'compiled'));
  await rig.ctr(['start', spec.name]);
  // When the kernel refuses it, the front door compiles the definition again, which is another one.
  const isOurs = existsSync(join(dir, 'plan')) && plan.equals(readFileSync(join(dir, 'plan')));
  if (isOurs && (await rig.info(spec.name)).state === 'running') return rootfs;
  await rig.ctr(['destroy', spec.name]);
  writeFileSync(join(dir, 'plan.new'), plan);
  renameSync(join(dir, 'plan.new'), join(dir, 'plan'));
  throw new Error(JSON.stringify(await runPlan(dir)));
}

/** Why a container of this spec does not start. @throws Error when it does */
export async function refuseSpec(
  rig: Rig,
  changes: Partial<ContainerSpec> & { readonly rootfs?: string },
): Promise<Refusal> {
  const { rootfs = rig.makeRoot(), ...parts } = changes;
  const dir = await defineSpec(rig, rootfs, makeSpec(rootfs, { name: 'refused', ...parts }));
  renameSync(join(dir, 'compiled'), join(dir, 'plan'));
  const said = await runPlan(dir);
  if (!('step' in said)) throw new Error('it was started');
  await rig.ctr(['undefine', 'refused']);
  return said;
}

/** What the helper itself says of the plan in a run directory. */
async function runPlan(dir: string): Promise<Refusal> {
  const { stdout } = await runProgram([join(nativeDir, 'clone-helper'), 'start', dir]);
  return JSON.parse(stdout) as Refusal;
}

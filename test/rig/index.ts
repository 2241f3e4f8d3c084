/** What a system test imports: `test` with a `rig`, and the words around it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test as base } from 'vitest';
import { findLeaks, takeSnapshot } from './leak-oracle.js';
import { firstLack, lacksRoot, lacksStaticBusybox } from './needs.js';
import { makeRig, nativeDir, projectRoot, type Rig, removeContainers, removeRig } from './rig.js';

export { describe, expect } from 'vitest';
export { compileProgram, lacksStaticCompiler } from './compile.js';
export { runContained } from './contain.js';
export { domainXml, IDMAP } from './domain.js';
export { makeImage, makeTree } from './images.js';
export { findLeaks, takeSnapshot } from './leak-oracle.js';
export { defineSpec, IDS, makeSpec, startByHelper, startMadeSpec } from './made-spec.js';
export {
  CORPUS,
  lacksContainment,
  lacksController,
  lacksCorpus,
  lacksDeviceRules,
  lacksFilesystem,
  lacksLoopDevices,
  lacksProgram,
} from './needs.js';
export { ctrProgram, nativeDir, projectRoot, type Rig } from './rig.js';
export { runProgram } from './run-program.js';
export { lacksSpeed, slow } from './slow.js';
export { refuseSpec, SHIFTED_IDS, startSpec, withoutV1Devices } from './spec.js';
export { DETACH } from './terminal.js';

interface Fixtures {
  /** Skips the test where the host cannot run containers; fails it when it leaves anything behind. */
  readonly rig: Rig;
}

export const test = base.extend<Fixtures>({
  rig: async ({ skip }, use) => {
    const lack = firstLack(lacksRoot(), lacksStaticBusybox());
    if (lack !== undefined) skip(lack);
    requireBuild();
    const rig = makeRig();
    const before = takeSnapshot(rig);
    await use(rig);
    await removeContainers(rig);
    const leaks = await findLeaks(before, rig);
    if (leaks.length > 0) await killLeftProcesses(rig, leaks);
    await removeRig(rig);
    if (leaks.length > 0) throw new Error(`the test left behind:\n${leaks.map((leak) => `  ${leak}`).join('\n')}`);
  },
});

function requireBuild(): void {
  const programs = ['ctr', 'clone-helper', 'ctr-monitor', 'ctr-init'].map((name) => join(nativeDir, name));
  for (const file of [join(projectRoot, 'dist/main.cjs'), ...programs]) {
    if (!existsSync(file)) throw new Error(`${file} is missing: run 'npm run build' first`);
  }
}

/** Ends what one test left, so that only that test fails. Processes of ours are known by the rig's directory in their command line or environment. */
async function killLeftProcesses(rig: Rig, leaks: readonly string[]): Promise<void> {
  for (const pid of leaks.flatMap((leak) => /^\+ process (\d+) /.exec(leak)?.[1] ?? [])) {
    const traces = ['cmdline', 'environ'].map((file) => readIfThere(`/proc/${pid}/${file}`)).join('\0');
    if (!traces.includes(rig.scratch)) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  await rig.ctr(['gc']);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Containers under attack, and ways to attack from inside of them. */
import { join } from 'node:path';
import { compileProgram, domainXml, lacksStaticCompiler, type Rig } from '../rig/index.js';

/** A container as `bootstrap` makes it, started: own user namespace, own network namespace. */
export async function startWeb(rig: Rig, name = 'web'): Promise<string> {
  await rig.bootstrap(name);
  await rig.ctrOk('start', name);
  return String((await rig.info(name)).rootfs);
}

/** A container of a libvirt definition with the ids of the host, started; gives its root. */
export async function startVm(
  rig: Rig,
  parts: { init?: string; devices?: string; name?: string; features?: string } = {},
): Promise<string> {
  const { init, ...rest } = parts;
  const rootfs = rig.makeRoot(init);
  await rig.define(domainXml({ name: 'vm', rootfs, ...rest }));
  await rig.ctrOk('start', parts.name ?? 'vm');
  return rootfs;
}

/** Runs a shell script in the container; its exit status and all it printed. */
export async function inside(rig: Rig, name: string, script: string): Promise<{ status: number; text: string }> {
  const { status, stdout, stderr } = await rig.ctr(['enter', name, '--', 'sh', '-c', script]);
  return { status, text: stdout + stderr };
}

/** The command as an ordinary user of the host runs it. */
export function asUser(uid: number, argv: readonly string[]): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--', ...argv];
}

/** Puts the compiled program of `programs/NAME.c` into a root as /NAME. Skips the test where nothing can compile it. */
export function installProgram(root: string, name: string, skip: (note: string) => void): void {
  const lack = lacksStaticCompiler();
  if (lack !== undefined) skip(lack);
  compileProgram(join(import.meta.dirname, 'programs', `${name}.c`), join(root, name));
}

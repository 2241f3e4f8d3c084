/** Where a benchmark works: directories of its own, the built programs, and commands run in them. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Place {
  readonly scratch: string;
  readonly stateDir: string;
  readonly runDir: string;
  /** Of every measured command: without what is meant for other Node programs and costs time. */
  readonly env: NodeJS.ProcessEnv;
  readonly ctr: string;
  readonly helper: string;
  /** The compiled programs of bench/*.c. */
  readonly tools: string;
}

/** Makes the directories. */
export function makePlace(root: string, tools: string): Place {
  const scratch = mkdtempSync(join(tmpdir(), 'ctr-bench-'));
  chmodSync(scratch, 0o711);
  const stateDir = join(scratch, 'state');
  const runDir = join(scratch, 'run');
  const env = { PATH: process.env.PATH, HOME: scratch, CTR_STATE_DIR: stateDir, CTR_RUN_DIR: runDir };
  return {
    scratch,
    stateDir,
    runDir,
    env,
    ctr: join(root, 'bin/ctr'),
    helper: join(root, 'native/build/clone-helper'),
    tools,
  };
}

/** Runs a command that must succeed; its stdout. */
export function run(place: Place, argv: readonly string[]): string {
  const [program = '', ...args] = argv;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    env: place.env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0)
    throw new Error(`${argv.slice(0, 4).join(' ')}: status ${status} ${error ?? ''}\n${stderr}${stdout}`);
  return stdout;
}

/** Milliseconds that a command takes, from spawn to exit. */
export function timeCommand(place: Place, argv: readonly string[]): number {
  const [program = '', ...args] = argv;
  const start = process.hrtime.bigint();
  const { status } = spawnSync(program, args, { env: place.env, stdio: 'ignore' });
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`${argv.join(' ')}: status ${status}`);
  return elapsed;
}

/** A root file system whose init is the payload. @param hold the init stays when it has written its mark */
export function makeRoot(place: Place, hold: boolean): string {
  const rootfs = join(place.scratch, hold ? 'root-hold' : 'root');
  for (const name of ['dev', 'proc', 'sys', 'etc', 'tmp'])
    mkdirSync(join(rootfs, name), { recursive: true, mode: 0o755 });
  cpSync(join(place.tools, 'payload'), join(rootfs, 'payload'));
  if (hold) writeFileSync(join(rootfs, 'hold'), '');
  return rootfs;
}

/** A definition as `ctr bootstrap --template busybox` makes it, with the payload as init. */
export function writeDefinition(place: Place, name: string, rootfs: string): string {
  const file = join(place.scratch, `${name}.xml`);
  writeFileSync(
    file,
    `<domain type='lxc'>
  <name>${name}</name>
  <metadata><ctr:container xmlns:ctr='urn:ctr:container:1.0'><ctr:pids max='256'/></ctr:container></metadata>
  <memory unit='MiB'>64</memory>
  <os><type>exe</type><init>/payload</init></os>
  <idmap><uid start='0' target='1000000' count='65536'/><gid start='0' target='1000000' count='65536'/></idmap>
  <features><privnet/></features>
  <devices>
    <filesystem type='mount' accessmode='mapped'><source dir='${rootfs}'/><target dir='/'/></filesystem>
    <console type='pty'/>
  </devices>
</domain>
`,
  );
  return file;
}

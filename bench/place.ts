/** Where a benchmark works: directories of its own, the built programs, and commands run in them. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Place {
  readonly scratch: string;
  /** For what the peers keep while containers run: as /run, a tmpfs. */
  readonly volatile: string;
  readonly stateDir: string;
  readonly runDir: string;
  /** Of every measured command: without what is meant for other Node programs and costs time. */
  readonly env: NodeJS.ProcessEnv;
  readonly ctr: string;
  readonly helper: string;
  /** The compiled programs of bench/tools/. */
  readonly tools: string;
  /** Begins the name of each container, and by it of each cgroup, of this run. */
  readonly tag: string;
}

/** Makes the directories. */
export function makePlace(root: string, tools: string): Place {
  const scratch = mkdtempSync(join(tmpdir(), 'ctr-bench-'));
  chmodSync(scratch, 0o711);
  const stateDir = join(scratch, 'state');
  const volatile = join(scratch, 'volatile');
  const runDir = join(volatile, 'ctr');
  mkdirSync(volatile);
  return {
    scratch,
    volatile,
    stateDir,
    runDir,
    env: {
      PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      HOME: scratch,
      LC_ALL: 'C',
      CTR_STATE_DIR: stateDir,
      CTR_RUN_DIR: runDir,
      // Many containers share one root here.
      SYSTEMD_NSPAWN_LOCK: '0',
    },
    ctr: join(root, 'bin/ctr'),
    helper: join(root, 'native/build/clone-helper'),
    tools,
    tag: `ctrbench${process.pid}`,
  };
}

/** Runs a command that is not measured and must succeed; its stdout. */
export function run(place: Place, argv: readonly string[], cwd?: string): string {
  const [program = '', ...args] = argv;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env: place.env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0)
    throw new Error(`${argv.slice(0, 4).join(' ')}: status ${status} ${error ?? ''}\n${stderr}${stdout}`);
  return stdout;
}

/** Whether a command that may fail did what it should. */
export function succeeds(place: Place, argv: readonly string[]): boolean {
  const [program = '', ...args] = argv;
  return spawnSync(program, args, { env: place.env, stdio: 'ignore' }).status === 0;
}

// Builds the project and the programs of bench/, then measures. The goals of bench/report/goals.ts decide the exit status.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAll } from './build.mjs';
import { fail, root } from './project.mjs';

await buildAll();

const tools = join(root, '.setup/bench');
mkdirSync(tools, { recursive: true });
// The compiler that built the helper: the same libc on both sides.
const compiler = readFileSync(join(root, 'native/build/command'), 'utf8').split(' ')[0] ?? 'gcc';
compile('bare-calls', ['bare-calls.c', 'bare-calls-root.c']);
for (const name of ['floor', 'listener', 'payload', 'pty-cat', 'stopwatch', 'true']) compile(name, [`${name}.c`]);

const { build } = await import('esbuild');
const program = join(tools, 'bench.mjs');
await build({
  absWorkingDir: root,
  entryPoints: ['bench/main.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outfile: program,
});
const libc = compiler.includes('musl') ? 'musl' : 'glibc';
const bench = [process.execPath, program, root, tools, libc, ...process.argv.slice(2)];
// What the peers mount, or keep in /run, is seen by nobody else, and gone with the last process.
const privately = process.getuid?.() === 0 ? ['unshare', '--mount', '--propagation', 'private', '--'] : [];
const [command = '', ...args] = [...privately, ...bench];
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
// It ends its containers first; this process waits for that.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
const [status] = await once(child, 'exit');
process.exitCode = status ?? 1;

/** @param {string} name @param {readonly string[]} sources of bench/tools/ */
function compile(name, sources) {
  const flags = ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-Os', '-static', '-s'];
  const headers = ['-idirafter', join(root, 'native/build/kernel-headers')];
  const paths = sources.map((source) => join(root, 'bench/tools', source));
  const run = spawnSync(compiler, [...flags, ...headers, '-o', join(tools, name), ...paths], {
    stdio: ['ignore', 2, 2],
  });
  if (run.status !== 0) fail(`cannot build bench/tools/${name}: ${compiler} failed, see above`);
}

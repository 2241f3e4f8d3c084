// Builds the project and the programs of bench/, then measures. The limits of bench/main.ts decide the exit status.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAll } from './build.mjs';
import { fail, root } from './project.mjs';

await buildAll();

const tools = join(root, '.setup/bench');
mkdirSync(tools, { recursive: true });
// The compiler that built the helper: the same libc on both sides.
const compiler = readFileSync(join(root, 'native/build/command'), 'utf8').split(' ')[0] ?? 'gcc';
compile('floor', ['floor.c', 'floor-root.c']);
compile('payload', ['payload.c']);
compile('measure', ['measure.c']);

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
const bench = spawnSync(process.execPath, [program, root, tools, libc], { stdio: ['ignore', 'inherit', 'inherit'] });
process.exitCode = bench.status ?? 1;

/** @param {string} name @param {readonly string[]} sources of bench/ */
function compile(name, sources) {
  const flags = ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-Os', '-static', '-s'];
  const headers = ['-idirafter', join(root, 'native/build/kernel-headers')];
  const args = [...flags, ...headers, '-o', join(tools, name), ...sources.map((source) => join(root, 'bench', source))];
  const run = spawnSync(compiler, args, { stdio: ['ignore', 2, 2] });
  if (run.status !== 0) fail(`cannot build bench/${name}: ${compiler} failed, see above`);
}

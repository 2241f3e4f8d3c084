// Bundles the TypeScript into dist/: one ESM entry per program and one chunk per lazily imported module, so that a command
// loads only its own code. Nothing but node:* stays outside, so an installed ctr has no dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fail, isMain, root } from './project.mjs';

/** CommonJS packages inside an ESM bundle call `require` for Node's own modules. */
const requireBanner =
  "import { createRequire as ctrCreateRequire } from 'node:module'; const require = ctrCreateRequire(import.meta.url);";

/** @type {import('esbuild').BuildOptions} */
const options = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  outdir: 'dist',
  banner: { js: requireBanner },
  // Less to parse, while names in stack traces stay readable.
  minifySyntax: true,
  minifyWhitespace: true,
  metafile: true,
  logLevel: 'warning',
};

/** Writes dist/main.js (the command line) and dist/index.js (the library) with their chunks; commands that run meanwhile keep working. */
export async function bundle() {
  const { build } = await import('esbuild');
  const entryPoints = ['src/main.ts', 'src/index.ts'].filter((entry) => existsSync(join(root, entry)));
  if (entryPoints.length === 0) fail("cannot bundle ctr: 'src/main.ts' is missing");
  const { metafile } = await build({ ...options, entryPoints });
  removeAllBut(new Set(Object.keys(metafile.outputs)));
}

/** Removes the JavaScript of an earlier bundle. @param {Set<string>} outputs */
function removeAllBut(outputs) {
  for (const folder of ['dist', 'dist/chunks']) {
    if (!existsSync(join(root, folder))) continue;
    for (const name of readdirSync(join(root, folder))) {
      const file = `${folder}/${name}`;
      if (name.endsWith('.js') && !outputs.has(file)) rmSync(join(root, file));
    }
  }
}

/** Writes the library's type declarations to dist/types. */
export function emitTypes() {
  const project = relative(root, join(root, 'scripts/tsconfig.types.json'));
  const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', project], { cwd: root, stdio: ['ignore', 2, 2] });
  if (tsc.status !== 0) fail('cannot write the type declarations: see the messages above');
}

if (isMain(import.meta.url)) await bundle();

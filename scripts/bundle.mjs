// Bundles the TypeScript into dist/. Nothing but node:* stays outside, so an installed ctr has no dependencies.
//
//   main.cjs          starts ctr.cjs with its code cache (scripts/boot.cjs)
//   ctr.cjs, lib/     the command line: our own code in one file whose modules are evaluated when they are needed, and each
//                     package that not every command needs in a file of its own
//   index.js, chunks/ the library: ES modules, split
//
// The command line is CommonJS because Node 20 needs 5 ms for its first ES module and half a millisecond for each further file;
// docs/adr/0008 has the figures.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fail, isMain, root, say } from './project.mjs';

/** The one package that every command needs. */
const ALWAYS_NEEDED = 'commander';

/** Parts of Node that take a millisecond or more to load. */
const SLOW_BUILTINS =
  /^(?:node:)?(?:child_process|crypto|fs\/promises|net|readline|stream|stream\/promises|tty|worker_threads|zlib)$/;

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Less to parse, while names in stack traces stay readable.
  minifySyntax: true,
  minifyWhitespace: true,
  metafile: true,
  logLevel: 'warning',
};

/** CommonJS has no import.meta.url. */
const moduleUrl = "'use strict';const ctrModuleUrl='file://'+__filename;";

/** @type {import('esbuild').BuildOptions} */
const commonJs = {
  ...common,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  // A script from the code cache cannot import(): it requires later instead.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'ctrModuleUrl' },
  banner: { js: moduleUrl },
  charset: 'ascii',
};

/** Writes dist/; commands that run meanwhile keep working. */
export async function bundle() {
  const { build } = await import('esbuild');
  const [commandLine, modules] = await Promise.all([buildCommandLine(build), buildModules(build)]);
  copyFileSync(join(root, 'scripts/boot.cjs'), join(root, 'dist/main.cjs'));
  removeAllBut(new Set(['dist/main.cjs', ...commandLine, ...Object.keys(modules.metafile?.outputs ?? {})]));
  writeCodeCache();
}

/** @param {typeof import('esbuild').build} build @returns {Promise<string[]>} the files written */
async function buildCommandLine(build) {
  const { plugin, packages } = packagesApart();
  const own = await build({
    ...commonJs,
    entryPoints: { ctr: 'src/main.ts' },
    outdir: 'dist',
    banner: { js: `(function(exports,require,module,__filename,__dirname){${moduleUrl}` },
    footer: { js: '})' },
    plugins: [plugin, slowBuiltinsLater],
  });
  const entryPoints = Object.fromEntries([...packages].map((name) => [name, name]));
  const libraries = await build({ ...commonJs, entryPoints, outdir: 'dist/lib' });
  return [own, libraries].flatMap(({ metafile }) => Object.keys(metafile?.outputs ?? {}));
}

/** Leaves packages out of the bundle and tells their names. */
function packagesApart() {
  /** @type {Set<string>} */
  const packages = new Set();
  /** @type {import('esbuild').Plugin} */
  const plugin = {
    name: 'packages apart',
    setup({ onResolve }) {
      onResolve({ filter: /^[a-z@]/ }, ({ path, kind }) => {
        if (kind === 'entry-point' || path.startsWith('node:') || path === ALWAYS_NEEDED) return undefined;
        packages.add(path);
        return { path: `./lib/${path}.cjs`, external: true };
      });
    },
  };
  return { plugin, packages };
}

/** @param {typeof import('esbuild').build} build */
function buildModules(build) {
  return build({
    ...common,
    format: 'esm',
    splitting: true,
    entryPoints: ['src/index.ts'],
    chunkNames: 'chunks/[name]-[hash]',
    outdir: 'dist',
    // CommonJS packages call `require` for Node's own modules.
    banner: { js: "import{createRequire as ctrRequire}from'node:module';const require=ctrRequire(import.meta.url);" },
  });
}

/**
 * Loads a slow part of Node at the first use of one of its functions, not at the import: what stands in its place is an
 * object of getters. `list` imports a module that can also make hashes; it makes none.
 * @type {import('esbuild').Plugin}
 */
const slowBuiltinsLater = {
  name: 'slow builtins later',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: SLOW_BUILTINS }, ({ path, namespace }) =>
      namespace === 'later' ? { path, external: true } : { path, namespace: 'later' },
    );
    onLoad({ filter: /.*/, namespace: 'later' }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => name !== 'default');
      const getters = names.map((name) => `get ${name}(){return require('${path}').${name}}`);
      return { contents: `module.exports={${getters.join(',')}};`, loader: 'js' };
    });
  },
};

/** Removes the JavaScript of an earlier bundle. @param {Set<string>} outputs */
function removeAllBut(outputs) {
  for (const entry of readdirSync(join(root, 'dist'), { recursive: true, withFileTypes: true })) {
    const file = relative(root, join(entry.parentPath ?? entry.path, entry.name));
    if (/\.c?js$/.test(file) && !outputs.has(file)) rmSync(join(root, file));
  }
}

/** Lets V8 keep the compiled code of the functions that `ctr list` runs through: most of them run in every command. */
function writeCodeCache() {
  const scratch = mkdtempSync(join(tmpdir(), 'ctr-build-'));
  const env = { ...process.env, CTR_STATE_DIR: scratch, CTR_RUN_DIR: scratch, CTR_WRITE_CODE_CACHE: '1' };
  const run = spawnSync(process.execPath, [join(root, 'dist/main.cjs'), 'list'], {
    env,
    stdio: ['ignore', 'ignore', 2],
  });
  rmSync(scratch, { recursive: true });
  if (run.status !== 0) say('build: no code cache was written: commands start some milliseconds later');
}

/** Writes the library's type declarations to dist/types. */
export function emitTypes() {
  const args = ['-p', 'scripts/tsconfig.types.json'];
  const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (tsc.status !== 0) fail('cannot write the type declarations: see the messages above');
}

if (isMain(import.meta.url)) await bundle();

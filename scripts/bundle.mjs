// Bundles the TypeScript into dist/. Nothing but node:* stays outside, so an installed ctr has no dependencies.
//
//   main.cjs              runs the command line out of three packs of chunks (scripts/boot.cjs)
//   often.cjs, stats.cjs, seldom.cjs
//                         the packs: the chunks that `ctr list` needs, as most commands do, those that `ctr stats` needs besides, and the others
//   *.cache               what V8 has compiled of them
//   lib/                  each package that not every command needs, in a file of its own
//   index.js, chunks/     the library: ES modules, split
//
// The command line is CommonJS because Node 20 needs 5 ms for its first ES module and half a millisecond for each further file;
// docs/adr/0008 has the figures.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { fail, isMain, root } from './project.mjs';

/** What the command line is made of: the chunks that are needed often, those of `stats` besides, and the others. */
const PACKS = /** @type {const} */ (['dist/often.cjs', 'dist/stats.cjs', 'dist/seldom.cjs']);

/** What the other command is run with whose compiled code is kept. */
const DOMAIN = `<domain type='lxc'><name>a</name><memory>65536</memory><os><type>exe</type><init>/sbin/init</init></os>
<devices><filesystem type='mount'><source dir='/'/><target dir='/'/></filesystem><console type='pty'/></devices></domain>`;

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

/** CommonJS has no import.meta.url; code from V8's cache cannot import(): it requires later instead. */
const asCommonJs = {
  format: /** @type {const} */ ('cjs'),
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'ctrModuleUrl' },
  charset: /** @type {const} */ ('ascii'),
};

/** Writes dist/; commands that run meanwhile keep working. */
export async function bundle() {
  const esbuild = await import('esbuild');
  const [commandLine, modules] = await Promise.all([buildCommandLine(esbuild), buildModules(esbuild)]);
  copyFileSync(join(root, 'scripts/boot.cjs'), join(root, 'dist/main.cjs'));
  removeAllBut(new Set([...PACKS, 'dist/main.cjs', ...commandLine.libraries, ...outputsOf(modules)]));
  packUp(commandLine.chunks);
}

/** @param {import('esbuild').BuildResult} result */
function outputsOf({ metafile }) {
  return Object.keys(metafile?.outputs ?? {});
}

/**
 * Split as ES modules, which is what esbuild can split; each chunk is made CommonJS then.
 * @param {typeof import('esbuild')} esbuild
 * @returns {Promise<{ libraries: string[], chunks: Map<string, string> }>} files written; code of each chunk by its file name
 */
async function buildCommandLine({ build, transform }) {
  const { plugin, packages } = packagesApart();
  const own = await build({
    ...common,
    format: 'esm',
    splitting: true,
    write: false,
    entryPoints: { ctr: 'src/main.ts' },
    chunkNames: '[name]-[hash]',
    outdir: 'dist',
    plugins: [plugin, slowBuiltinsLater],
  });
  const chunks = own.outputFiles.map(async ({ path, text }) => {
    const { code } = await transform(text, {
      ...asCommonJs,
      platform: 'node',
      target: 'node20',
      minify: false,
      minifyWhitespace: true,
    });
    return /** @type {const} */ ([basename(path), code]);
  });
  const entryPoints = Object.fromEntries([...packages].map((name) => [name, name]));
  const libraries = await build({
    ...common,
    ...asCommonJs,
    entryPoints,
    outdir: 'dist/lib',
    outExtension: { '.js': '.cjs' },
    banner: { js: "(function(ctrModuleUrl){'use strict';return function(exports,require,module){" },
    footer: { js: '}})' },
  });
  return { libraries: outputsOf(libraries), chunks: new Map(await Promise.all(chunks)) };
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

/** @param {typeof import('esbuild')} esbuild */
function buildModules({ build }) {
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
    if (/\.c?js(?:\.cache)?$/.test(file) && !outputs.has(file)) rmSync(join(root, file));
  }
}

/**
 * Writes the packs, and what V8 compiles of them in commands that do what most others do, too. Which chunks are needed often is
 * known by running some out of a pack of all.
 * @param {Map<string, string>} chunks
 */
function packUp(chunks) {
  const scratch = mkdtempSync(join(tmpdir(), 'ctr-build-'));
  const definition = join(scratch, 'domain.xml');
  writeFileSync(definition, DOMAIN);
  writePacks(chunks, new Set(), new Set());
  const often = new Set(noteChunks(scratch, ['list']));
  writePacks(chunks, often, new Set(noteChunks(scratch, ['stats']).filter((name) => !often.has(name))));
  for (const args of [['validate', definition], ['stats'], ['list']]) noteChunks(scratch, args);
  rmSync(scratch, { recursive: true });
}

/**
 * The first pack tells which chunks are in the second.
 * @param {Map<string, string>} chunks @param {ReadonlySet<string>} often @param {ReadonlySet<string>} ofStats
 */
function writePacks(chunks, often, ofStats) {
  const [oftenPack, statsPack, seldomPack] = PACKS;
  const elsewhere = [...ofStats].map((name) => `${JSON.stringify(name)}:${JSON.stringify(basename(statsPack))}`);
  /** @param {string} file @param {(name: string) => boolean} belongs @param {readonly string[]} more */
  const write = (file, belongs, more = []) => {
    const members = [...chunks].filter(([name]) => belongs(name)).sort(([a], [b]) => (a < b ? -1 : 1));
    const functions = members.map(([name, code]) => `${JSON.stringify(name)}(exports,require,module){${code}}`);
    rmSync(join(root, `${file}.cache`), { force: true });
    writeFileSync(join(root, file), `(function(ctrModuleUrl){return{${[...functions, ...more].join(',\n')}}})`);
  };
  write(oftenPack, (name) => often.has(name), elsewhere);
  write(statsPack, (name) => ofStats.has(name));
  write(seldomPack, (name) => !often.has(name) && !ofStats.has(name));
}

/** Runs a command, which lets V8 keep what it has compiled. @param {string} scratch @param {string[]} args @returns {string[]} the chunks it needed */
function noteChunks(scratch, args) {
  const noted = join(scratch, 'chunks');
  const env = { ...process.env, CTR_STATE_DIR: scratch, CTR_RUN_DIR: scratch, CTR_WRITE_CODE_CACHE: noted };
  const run = spawnSync(process.execPath, [join(root, 'dist/main.cjs'), ...args], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (run.status !== 0) fail(`what was bundled cannot run 'ctr ${args.join(' ')}': ${run.stderr}`);
  return readFileSync(noted, 'utf8').split('\n');
}

/** Writes the library's type declarations to dist/types. */
export function emitTypes() {
  const args = ['-p', 'scripts/tsconfig.types.json'];
  const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (tsc.status !== 0) fail('cannot write the type declarations: see the messages above');
}

if (isMain(import.meta.url)) await bundle();

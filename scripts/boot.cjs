// dist/main.cjs: runs the command line's chunks out of two packs, with the code that V8 compiled when they were built. Without that
// cache, or with one of another Node, V8 compiles anew.
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

const noted = process.env.CTR_WRITE_CODE_CACHE;
const scripts = new Map();
const modules = new Map();
const often = runFile('often.cjs');
let seldom;

if (noted)
  process.on('exit', () => {
    writeFileSync(noted, [...modules.keys()].join('\n'));
    for (const [file, script] of scripts) writeFileSync(`${file}.cache`, script.createCachedData());
  });
requireChunk('./ctr.js');

/** Of a pack: an object with a function of (exports, require, module) for each chunk. Of a package: that function. */
function runFile(name) {
  const file = `${__dirname}/${name}`;
  // All of it is ASCII, which latin1 reads fastest.
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData: readCache(file) });
  scripts.set(file, script);
  return script.runInThisContext()(`file://${file}`);
}

function readCache(file) {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}

function requireChunk(path) {
  if (!path.startsWith('./')) return require(path);
  const name = path.slice(2);
  const loaded = modules.get(name);
  if (loaded) return loaded.exports;
  const module = { exports: {} };
  modules.set(name, module);
  findChunk(name)(module.exports, requireChunk, module);
  return module.exports;
}

function findChunk(name) {
  if (name.startsWith('lib/')) return runFile(name);
  if (often[name]) return often[name];
  seldom ??= runFile('seldom.cjs');
  return seldom[name];
}

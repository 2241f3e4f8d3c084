// dist/main.cjs: runs the command line's chunks out of its packs, with the code that V8 compiled when they were built. Without that
// cache, or with one of another Node, V8 compiles anew.
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

const noted = process.env.CTR_WRITE_CODE_CACHE;
const scripts = new Map();
const modules = new Map();
const packs = new Map();
const often = readPack('often.cjs');

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
  if (noted) return undefined;
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
  // A function, or the name of the pack that has it.
  const found = often[name] ?? 'seldom.cjs';
  return typeof found === 'string' ? readPack(found)[name] : found;
}

function readPack(name) {
  if (!packs.has(name)) packs.set(name, runFile(name));
  return packs.get(name);
}

// dist/main.cjs: runs ctr.cjs with the code that V8 compiled when it was built. Without that cache, or with one of another Node,
// V8 compiles anew.
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

const file = `${__dirname}/ctr.cjs`;
// A function of what a CommonJS module is given. All of it is ASCII, which latin1 reads fastest.
const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData: readCache() });
script.runInThisContext()(exports, require, module, file, __dirname);
if (process.env.CTR_WRITE_CODE_CACHE)
  process.on('exit', () => writeFileSync(`${file}.cache`, script.createCachedData()));

function readCache() {
  if (process.env.CTR_WRITE_CODE_CACHE) return undefined;
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}

// Set-up, then the native programs and the bundle: all that ./bin/ctr needs. What is up to date is left alone.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasProgram } from './packages.mjs';
import { fail, isMain, root, say } from './project.mjs';
import { setUp } from './setup.mjs';

const STAMP = '.setup/bundle';

/** Sets up and builds everything that is not up to date. */
export async function buildAll() {
  setUp();
  buildNative();
  await buildBundle();
}

/** Runs make, which knows by itself what is up to date. CTR_LIBC=glibc or musl chooses the libc. */
function buildNative() {
  const libc = process.env.CTR_LIBC ?? (hasProgram('musl-gcc') ? 'musl' : 'glibc');
  if (libc !== 'musl' && libc !== 'glibc') fail(`cannot build ctr: CTR_LIBC is '${libc}', not 'musl' or 'glibc'`);
  const compiler = libc === 'musl' ? 'musl-gcc' : 'gcc';
  const make = spawnSync('make', ['--silent', `--jobs=2`, '-C', 'native', `CC=${compiler}`], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (make.status !== 0) fail(`cannot build the native programs: ${compiler} failed, see above`);
}

/** Bundles and writes the types, when a source or a library has changed since. */
async function buildBundle() {
  const fingerprint = fingerprintOf(['src', 'scripts', 'package-lock.json', 'tsconfig.json']);
  const stamp = join(root, STAMP);
  const built =
    existsSync(stamp) && existsSync(join(root, 'dist/main.cjs')) && readFileSync(stamp, 'utf8') === fingerprint;
  if (built) return;
  say('build: bundling the TypeScript into dist/');
  const { bundle, emitTypes } = await import('./bundle.mjs');
  await bundle();
  emitTypes();
  mkdirSync(join(root, '.setup'), { recursive: true });
  writeFileSync(stamp, fingerprint);
}

/** One hash over the names, sizes and times of files. @param {readonly string[]} paths files and folders, relative to the root */
function fingerprintOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) addToFingerprint(hash, path);
  return hash.digest('hex');
}

/** @param {import('node:crypto').Hash} hash @param {string} path */
function addToFingerprint(hash, path) {
  const stat = statSync(join(root, path));
  if (stat.isDirectory()) {
    for (const name of readdirSync(join(root, path)).sort()) addToFingerprint(hash, `${path}/${name}`);
  } else {
    hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\0`);
  }
}

if (isMain(import.meta.url)) await buildAll();

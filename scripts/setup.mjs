// Set-up: all that must be there before the project can be built: Node, the packages of package-lock.json, Debian packages.
// Looks before it acts, so a second run costs some milliseconds.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages } from './packages.mjs';
import { fail, isMain, root, say } from './project.mjs';

const OLDEST_NODE = 20;

/** Brings the checkout to where it can be built, or ends with what the reader must do. */
export function setUp() {
  const [major] = process.versions.node.split('.');
  if (Number(major) < OLDEST_NODE)
    fail(`cannot set up ctr: node ${process.versions.node} is too old`, `install node ${OLDEST_NODE} or newer`);
  if (process.platform !== 'linux') fail(`cannot set up ctr: it needs Linux, this is ${process.platform}`);
  ensurePackages();
  if (!nodeModulesMatchLock()) installNodeModules();
}

/** Runs `npm ci`, without the install scripts of dependencies: none is needed. */
function installNodeModules() {
  say('set-up: npm ci (libraries and tools of package-lock.json)');
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-progress', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (npm.status !== 0)
    fail(
      'cannot set up ctr: npm ci failed, see above',
      'it needs the npm registry; check the network and run it again',
    );
}

/** Whether node_modules holds the versions of package-lock.json, by npm's own record of what it installed. */
function nodeModulesMatchLock() {
  const record = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(record);
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const there = installed[path];
    // Programs for other platforms are optional and not installed.
    if (there === undefined) return entry.optional === true;
    return there.version === entry.version && existsSync(join(root, path, 'package.json'));
  });
}

/** @param {string} file a lock file @returns {Record<string, { version?: string, optional?: boolean }>} */
function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

if (isMain(import.meta.url)) setUp();

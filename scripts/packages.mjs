// The Debian packages that building and testing need: which are missing here, and how they get installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail, say } from './project.mjs';

const LISTS = '/var/lib/apt/lists';
const DAY_MS = 24 * 3600 * 1000;

/** @param {string} program @returns {boolean} whether PATH or the system's own folders have it */
export function hasProgram(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)));
}

/** Whether musl is asked for: unless CTR_LIBC=glibc. */
const wantsMusl = () => process.env.CTR_LIBC !== 'glibc';

/** @param {string} header of the kernel, below /usr/include */
const hasHeader = (header) =>
  existsSync(`/usr/include/${header}`) ||
  readdirSync('/usr/include', { withFileTypes: true }).some(
    (entry) => entry.isDirectory() && existsSync(`/usr/include/${entry.name}/${header}`),
  );

/**
 * @typedef {object} Need
 * @property {string} package
 * @property {string} reason what it is for
 * @property {() => boolean} present
 * @property {boolean} [optional] the work can go on without it, in a lesser way
 */

/** @type {readonly Need[]} */
const NEEDS = [
  { package: 'make', reason: 'builds the native programs', present: () => hasProgram('make') },
  { package: 'gcc', reason: 'compiles the native programs', present: () => hasProgram('gcc') },
  {
    package: 'libc6-dev',
    reason: 'headers of the kernel, and glibc to link with',
    present: () => existsSync('/usr/include') && hasHeader('linux/sched.h') && hasHeader('asm/unistd.h'),
  },
  {
    package: 'musl-tools',
    reason: 'a small static libc: the monitor of a container then takes a quarter of the memory',
    present: () => !wantsMusl() || hasProgram('musl-gcc'),
    optional: true,
  },
  {
    // The package conflicts with the dynamic `busybox`: where that one is, the template fetches a static one for itself.
    package: 'busybox-static',
    reason: 'the root file system of the busybox template',
    present: () => hasProgram('busybox'),
    optional: true,
  },
  {
    package: 'lxcfs',
    reason: 'containers that see their own limits in /proc',
    present: () => hasProgram('lxcfs'),
    optional: true,
  },
  {
    package: 'uidmap',
    reason: 'containers of ordinary users that have subordinate ids',
    present: () => hasProgram('newuidmap'),
    optional: true,
  },
];

/** Installs what is missing, as root; tells the command and ends otherwise. Costs a few stats when nothing is missing. */
export function ensurePackages() {
  let missing = NEEDS.filter((need) => !need.present());
  if (missing.length === 0) return;
  const canInstall = process.getuid?.() === 0 && hasProgram('apt-get');
  if (!canInstall) {
    const required = missing.filter((need) => need.optional !== true);
    if (required.length > 0) tellCommand(missing);
    for (const need of missing) say(`set-up: going on without ${need.package} (${need.reason})`);
    return;
  }
  for (const need of missing) say(`set-up: installing ${need.package}: ${need.reason}`);
  if (listsAreOld()) aptGet(['update']);
  if (!install(missing)) {
    aptGet(['update']);
    if (!install(missing) && !install(missing.filter((need) => need.optional !== true))) tellCommand(missing);
  }
  missing = NEEDS.filter((need) => !need.present());
  if (missing.some((need) => need.optional !== true)) tellCommand(missing);
}

/** @param {readonly Need[]} needs @returns {boolean} */
function install(needs) {
  if (needs.length === 0) return true;
  return aptGet(['install', '--yes', '--no-install-recommends', ...needs.map((need) => need.package)]);
}

/** Runs apt-get and shows what it said when it failed. @param {string[]} args @returns {boolean} */
function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = spawnSync('apt-get', ['--quiet', ...args], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (run.status === 0) return true;
  say(`set-up: apt-get ${args.join(' ')} failed:\n${`${run.stdout ?? ''}${run.stderr ?? ''}`.trimEnd()}`);
  return false;
}

/** Whether apt's package lists are missing or more than a day old. */
function listsAreOld() {
  const lists = existsSync(LISTS) ? readdirSync(LISTS).filter((name) => name.includes('_Packages')) : [];
  return lists.every((name) => Date.now() - statSync(join(LISTS, name)).mtimeMs > DAY_MS);
}

/** @param {readonly Need[]} needs @returns {never} */
function tellCommand(needs) {
  const list = needs.map((need) => `  ${need.package.padEnd(15)} ${need.reason}`).join('\n');
  fail(
    `cannot set up ctr: these Debian packages are missing:\n${list}`,
    `as root: apt-get update && apt-get install --no-install-recommends ${needs.map((need) => need.package).join(' ')}`,
  );
}

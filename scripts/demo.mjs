// The main job as one would do it at a terminal: each command, then what it said. Everything happens in directories
// of its own, so nobody's containers are touched; the exit status is 0 only when every step did what it should.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAll } from './build.mjs';
import { root } from './project.mjs';

const DETACH = '\x1d';
const STEP_MS = 30_000;
const ESCAPE = String.fromCharCode(27);
/** Control sequences of a terminal. They are not for the reader's: one asks it for the place of the cursor. */
const CONTROL_SEQUENCE = new RegExp(`${ESCAPE}(?:\\[[0-9;?]*[A-Za-z]|[78])|\r`, 'g');

await buildAll();

const scratch = mkdtempSync(join(tmpdir(), 'ctr-demo-'));
chmodSync(scratch, 0o711);
const ctr = join(root, 'bin/ctr');
const env = {
  ...process.env,
  CTR_STATE_DIR: join(scratch, 'state'),
  CTR_RUN_DIR: join(scratch, 'run'),
  COLUMNS: '80',
  TERM: 'vt100',
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    cleanUp();
    process.exit(1);
  });
}

try {
  await runMainJob();
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  cleanUp();
}

async function runMainJob() {
  const login = run('ctr bootstrap web --template busybox', { shows: /password/i });
  run('ctr dumpxml web > web.xml', { shows: /^$/ });
  run('ctr define web.xml', { shows: /web/ });
  run('ctr start web');
  run('ctr list --all', { shows: /web .*running/ });
  run('ctr info web', { shows: /running/ });
  run("ctr enter web -- sh -c 'id; ps; cat /proc/self/uid_map; exit 7'; echo $?", { shows: /uid=0\(root\).*\n7\n$/s });
  await typeAtConsole(readLogin(login), /no subordinate ids/.test(login));
  run('ctr stop web');
  run('ctr list --all', { shows: /web .*stopped/ });
  run('ctr undefine web --remove-storage');
  run('ctr list --all', { shows: /^(?!.*\bweb\b)/s });
}

/**
 * Prints and runs a shell command line; throws when it failed or did not show what it should.
 * @param {string} line @param {{ shows?: RegExp }} [expected] @returns {string} what it printed
 */
function run(line, { shows } = {}) {
  process.stdout.write(`$ ${line}\n`);
  const script = `ctr() { '${ctr}' "$@"; }; ${line}`;
  const { status, stdout } = spawnSync('sh', ['-c', `exec 2>&1; ${script}`], {
    cwd: scratch,
    env,
    encoding: 'utf8',
    timeout: STEP_MS,
  });
  process.stdout.write(`${stdout}\n`);
  if (status !== 0) throw new Error(`'${line}' ended with status ${status}`);
  if (shows !== undefined && !shows.test(stdout)) throw new Error(`'${line}' did not show ${shows}`);
  return stdout;
}

/** @param {string} text what bootstrap printed @returns {{ user: string, password: string }} */
function readLogin(text) {
  const user = /\b(?:user|login)\b[:\s]+'?([a-z][\w-]*)/i.exec(text)?.[1];
  const password = /\bpassword\b[:\s]+'?([^\s',]+)/i.exec(text)?.[1];
  if (user === undefined || password === undefined) throw new Error('bootstrap printed no user and password');
  return { user, password };
}

/**
 * Logs in at `ctr console web` on a terminal of its own, as a person would. With one id inside there is a shell instead of a login.
 * @param {{ user: string, password: string }} login @param {boolean} hasOneId
 */
async function typeAtConsole({ user, password }, hasOneId) {
  process.stdout.write('$ ctr console web\n');
  const command = `stty rows 24 cols 80; exec '${ctr}' console web`;
  const terminal = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
    cwd: scratch,
    env: { ...env, SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  let shown = '';
  let seen = 0;
  terminal.stdout.on('data', (chunk) => {
    said += chunk;
    // A sequence may be cut by the end of a chunk: it is shown with the next.
    const readable = said.replace(CONTROL_SEQUENCE, '').split(ESCAPE)[0] ?? '';
    process.stdout.write(readable.slice(shown.length));
    shown = readable;
  });
  const ended = new Promise((resolve) => terminal.on('close', resolve));

  /** @type {[RegExp, string][]} */
  const loggingIn = [
    [/login: $/, `${user}\n`],
    [/assword: $/, `${password}\n`],
    [/[#$] $/, 'uname -n; tty\n'],
    [/web\n\/dev\/\S+\n.*[#$] $/, 'exit\n'],
    [/login: $/, DETACH],
  ];
  /** @type {[RegExp, string][]} */
  const atShell = [
    [/[#$] $/, 'uname -n; tty\n'],
    [/web\n\/dev\/\S+\n.*[#$] $/, DETACH],
  ];
  for (const [prompt, answer] of hasOneId ? atShell : loggingIn) {
    await appears(prompt);
    terminal.stdin.write(answer);
  }
  const status = await Promise.race([
    ended,
    new Promise((resolve) => setTimeout(resolve, STEP_MS, 'a timeout').unref()),
  ]);
  process.stdout.write('\n');
  if (status !== 0) throw new Error(`'ctr console web' ended with ${status}`);

  /** Waits for a prompt behind the last one. @param {RegExp} prompt */
  async function appears(prompt) {
    const deadline = Date.now() + STEP_MS;
    while (!prompt.test(shown.slice(seen))) {
      if (Date.now() > deadline || terminal.exitCode !== null) {
        terminal.kill();
        throw new Error(`'ctr console web' did not show ${prompt}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    seen = shown.length;
  }
}

/** Ends and removes whatever a step that failed has left. */
function cleanUp() {
  const quiet = { cwd: '/', env, stdio: /** @type {const} */ ('ignore'), timeout: STEP_MS };
  for (const name of namesBelow(join(env.CTR_RUN_DIR, 'containers'))) spawnSync(ctr, ['destroy', name], quiet);
  for (const name of namesBelow(join(env.CTR_STATE_DIR, 'containers')))
    spawnSync(ctr, ['undefine', name, '--remove-storage'], quiet);
  if (readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${scratch}/`))
    spawnSync('umount', ['--recursive', '--lazy', scratch], quiet);
  spawnSync('rm', ['-rf', '--one-file-system', scratch], quiet);
}

/** @param {string} directory @returns {string[]} */
function namesBelow(directory) {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

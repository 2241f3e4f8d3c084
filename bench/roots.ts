/** The root file systems of the measured containers. Many containers run from the same one. */
import { chmodSync, cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Place, run, succeeds } from './place.js';

export interface Root {
  readonly path: string;
  /** The host's id of its root. */
  readonly owner: number;
  /** What process 1 writes the time to when it begins. */
  readonly mark: string;
}

/** What containers run as process 1. */
export interface Inits {
  /** BusyBox init, or where no static BusyBox is at hand, the next. */
  readonly busybox: readonly string[];
  /** Ends at once when asked: a graceful stop then measures the runtime. */
  readonly prompt: readonly string[];
}

const FIRST_ID = 100_000;

/** Without a user namespace, and for one whose id 0 is the host's 100000. */
export function makeRoots(place: Place): { plain: Root; user: Root; inits: Inits } {
  const plain = makeRoot(place, 'root', 0);
  const user = makeRoot(place, 'root-user', FIRST_ID);
  const hasBusybox = succeeds(place, ['chroot', plain.path, '/sbin/busybox', 'true']);
  const prompt = ['/payload', 'hold'];
  return { plain, user, inits: { busybox: hasBusybox ? ['/payload', '/sbin/init'] : prompt, prompt } };
}

function makeRoot(place: Place, name: string, owner: number): Root {
  const path = join(place.scratch, name);
  for (const directory of ['bin', 'sbin', 'etc', 'proc', 'sys', 'dev', 'run', 'tmp', 'root', 'usr', 'var'])
    mkdirSync(join(path, directory), { recursive: true, mode: 0o755 });
  cpSync(join(place.tools, 'payload'), join(path, 'payload'));
  cpSync(join(place.tools, 'true'), join(path, 'bin/true'));
  const busybox = findProgram('busybox');
  if (busybox !== undefined) {
    cpSync(busybox, join(path, 'sbin/busybox'), { dereference: true });
    symlinkSync('busybox', join(path, 'sbin/init'));
  }
  const files = {
    'etc/passwd': 'root:x:0:0:root:/root:/bin/true\n',
    'etc/group': 'root:x:0:\n',
    // systemd-nspawn takes only what looks like an operating system.
    'etc/os-release': 'ID=bench\nNAME=bench\n',
    'etc/machine-id': '',
    // One harmless line, or BusyBox init asks for a shell on each terminal.
    'etc/inittab': '::shutdown:/bin/true\n',
    mark: '',
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  chmodSync(join(path, 'mark'), 0o666);
  if (owner !== 0) run(place, ['chown', '-hR', `${owner}:${owner}`, path]);
  return { path, owner, mark: join(path, 'mark') };
}

/** Path of an installed program. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => path.startsWith('/') && existsSync(path));
}

/** /proc/PID/mountinfo, proc_pid_mountinfo(5). Pure. */

export interface Mount {
  readonly id: number;
  readonly parentId: number;
  /** `MAJOR:MINOR` of the file system. */
  readonly device: string;
  /** Which directory of the file system is mounted. */
  readonly root: string;
  readonly mountpoint: string;
  /** Options of this mount: `rw`, `nosuid`, … */
  readonly options: readonly string[];
  readonly fstype: string;
  readonly source: string;
  /** Options of the file system. */
  readonly superOptions: readonly string[];
}

/** All mounts, in the kernel's order; lines that are none are skipped. */
export function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): Mount | undefined {
  const fields = line.split(' ');
  // Optional fields stand between the sixth and a lone hyphen.
  const separator = fields.indexOf('-', 6);
  if (separator < 0 || fields.length < separator + 4) return undefined;
  const field = (index: number) => unescapeOctal(fields[index] ?? '');
  return {
    id: Number(field(0)),
    parentId: Number(field(1)),
    device: field(2),
    root: field(3),
    mountpoint: field(4),
    options: field(5).split(','),
    fstype: field(separator + 1),
    source: field(separator + 2),
    superOptions: field(separator + 3).split(','),
  };
}

/** The kernel writes space, tab, newline and backslash as `\040` and so on. */
function unescapeOctal(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\([0-3][0-7]{2})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)))
    : text;
}

/** The mounts at a path or below it. */
export function mountsBelow(mounts: readonly Mount[], path: string): Mount[] {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return mounts.filter((mount) => mount.mountpoint === path || mount.mountpoint.startsWith(prefix));
}

/**
 * What the front door has read about all containers while Node was loading (native/front-list.c). Pure.
 *
 * Five fields for each container, each ended by NUL: its name; flags (`d` defined, `i` init lives, told where the state depends on
 * it, `m` monitor lives, `f` frozen, `p` a plan without state and exit, `x` something is no readable file: look yourself); the
 * texts of `state`, `exit` and `container.json`, empty for a file that is not there. One that plainly runs has the flag `r`, and in
 * place of the first text its pid, its monitor's, the Unix time of its start in ms and its uuid, separated by spaces; for `stats`,
 * in place of the second one the files that it reads (native/front-files.c), each as its name, a newline, its text and a byte of 1.
 * Sorted by name. At the end a lone field with a dot.
 */
export interface GatheredContainer {
  readonly name: string;
  readonly isDefined: boolean;
  readonly initAlive: boolean;
  readonly monitorAlive: boolean;
  readonly frozen: boolean;
  readonly hasPlan: boolean;
  readonly unclear: boolean;
  /** Of one that plainly runs. */
  readonly running: RunningContainer | undefined;
  /** Names of files without their directories, with their texts. */
  readonly files: ReadonlyMap<string, string> | undefined;
  readonly state: string | undefined;
  readonly exit: string | undefined;
  readonly record: string | undefined;
}

export interface RunningContainer {
  readonly pid: number;
  readonly monitorPid: number;
  /** Unix time in ms. */
  readonly since: number;
  readonly uuid: string;
}

/** Fields of one container. */
export const FIELDS = 5;
/** The last field: nothing is missing. */
export const END = '.';

/** @param fields of whole containers */
export function parseEvidence(fields: readonly string[]): GatheredContainer[] {
  const containers: GatheredContainer[] = [];
  for (let at = 0; at < fields.length; at += FIELDS) {
    const [flags = '', first = '', second = ''] = [fields[at + 1], fields[at + 2], fields[at + 3]];
    const runs = flags.includes('r');
    containers.push({
      name: fields[at] ?? '',
      isDefined: flags.includes('d'),
      initAlive: flags.includes('i'),
      monitorAlive: flags.includes('m'),
      frozen: flags.includes('f'),
      hasPlan: flags.includes('p'),
      unclear: flags.includes('x'),
      running: runs ? parseRunning(first) : undefined,
      files: runs && second !== '' ? parseFiles(second) : undefined,
      state: runs ? undefined : first || undefined,
      exit: runs ? undefined : second || undefined,
      record: fields[at + 4] || undefined,
    });
  }
  return containers;
}

function parseRunning(text: string): RunningContainer {
  const [pid, monitorPid, since, uuid = ''] = text.split(' ');
  return { pid: Number(pid), monitorPid: Number(monitorPid), since: Number(since), uuid };
}

function parseFiles(text: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const part of text.split('\x01')) {
    const end = part.indexOf('\n');
    if (end > 0) files.set(part.slice(0, end), part.slice(end + 1));
  }
  return files;
}

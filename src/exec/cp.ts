/** `ctr cp`: files between a container and the host. */
import { type FrontDoor, frontDoorError, spawnFrontDoor } from './front-door.js';
import { collect, exitCodeOf } from './helper.js';

export interface CopyRequest {
  /** Keep owners (by their numbers inside), times, and attributes of users. */
  readonly archive?: boolean | undefined;
  /** Copy what the source points to, where it is a symbolic link. */
  readonly followLink?: boolean | undefined;
}

/** Arguments of the front door. Pure. */
export function copyArgs(source: string, target: string, { archive, followLink }: CopyRequest): string[] {
  return ['cp', ...(archive ? ['-a'] : []), ...(followLink ? ['-L'] : []), '--', source, target];
}

/** Runs it to its end: its exit status, and each line that it had to say. */
export function copyByFrontDoor(
  door: FrontDoor,
  args: readonly string[],
): Promise<{ readonly exitCode: number; readonly lines: readonly string[] }> {
  const child = spawnFrontDoor(door, args, ['ignore', 'ignore', 'pipe']);
  const said = collect(child.stderr);
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(frontDoorError(door, error)));
    child.on('close', (code, signal) => {
      const lines = said()
        .split('\n')
        .filter((line) => line !== '');
      resolve({ exitCode: exitCodeOf(code, signal), lines: lines.map((line) => line.replace(/^ctr: /, '')) });
    });
  });
}

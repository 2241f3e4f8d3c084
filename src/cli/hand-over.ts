/** Hands a command to the front door. It has handed it here first: for its help, for `--debug`, or because it is wrong. */
import { CtrError } from '../errors.js';
import { findFrontDoor } from '../exec/front-door.js';
import { runInteractive } from '../exec/interactive.js';

/** Set for the front door: one that hands the same command back has another idea of its options than this parser. */
const MARK = 'CTR_HANDED_OVER';

/**
 * Runs it there, on this process's own stdin, stdout and stderr.
 *
 * @param args of the verb, as the parser has accepted them
 * @returns the exit status
 * @throws CtrError CTR_HELPER
 */
export async function handOver(verb: string, args: readonly string[]): Promise<number> {
  if (process.env[MARK] !== undefined) {
    throw new CtrError('CTR_HELPER', `cannot ${verb}: the native front door does not take these arguments`, {
      hint: 'npm run build makes one of this version',
    });
  }
  const door = findFrontDoor();
  return runInteractive({ ...door, env: { ...door.env, [MARK]: '1' } }, [verb, ...withoutDebug(args)]);
}

/** `--debug` is for this side alone; behind `--` it is an operand. Pure. */
export function withoutDebug(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  return args.filter((arg, index) => arg !== '--debug' || (end >= 0 && index > end));
}

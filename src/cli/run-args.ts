/** Arguments of `run`: the first word that is no option begins the command, which keeps its own options. Pure. */
import { HOT_VERBS, type HotOption } from './hot-verbs.js';

/** Brings them into the order: options, `--`, command. */
export function arrangeRunArgs(args: readonly string[]): string[] {
  let index = 0;
  for (; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--') return [...args];
    if (!arg.startsWith('-') || arg === '-') break;
    if (takesNext(arg)) index += 1;
  }
  return index >= args.length ? [...args] : [...args.slice(0, index), '--', ...args.slice(index)];
}

/** Whether the value of this option is the next argument: not in `--user=x`, not in `-ux`. */
function takesNext(arg: string): boolean {
  const options: readonly HotOption[] = HOT_VERBS.run.filter((option) => 'value' in option);
  if (arg.startsWith('--')) return options.some(({ long }) => arg === `--${long}`);
  const letters = [...arg.slice(1)];
  const first = letters.findIndex((letter) => options.some(({ short }) => short === letter));
  return first >= 0 && first === letters.length - 1;
}

/** Arguments of `enter`: options stand before or after the name, and the command keeps its own. Pure. */

const WITH_VALUE_SHORT = 'uwe';
const WITH_VALUE_LONG = new Set(['--user', '--workdir', '--env', '--without']);

/** Brings them into the order: options, `--`, name, command. */
export function arrangeEnterArgs(args: readonly string[]): string[] {
  const options: string[] = [];
  let name: string | undefined;
  let index = 0;
  for (; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--') {
      index += 1;
      break;
    }
    if (arg.startsWith('-') && arg !== '-') {
      options.push(arg);
      if (takesNext(arg) && index + 1 < args.length) options.push(args[++index] ?? '');
    } else if (name === undefined) {
      name = arg;
    } else {
      break;
    }
  }
  const operands = [...(name === undefined ? [] : [name]), ...args.slice(index)];
  return operands.length === 0 ? options : [...options, '--', ...operands];
}

/** Whether the value of this option is the next argument: not in `--user=x`, not in `-ux`. */
function takesNext(arg: string): boolean {
  if (arg.startsWith('--')) return WITH_VALUE_LONG.has(arg);
  const letters = arg.slice(1);
  const first = [...letters].findIndex((letter) => WITH_VALUE_SHORT.includes(letter));
  return first >= 0 && first === letters.length - 1;
}

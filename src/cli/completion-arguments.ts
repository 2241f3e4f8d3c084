/** Reads the words between a verb and the cursor as the verb's own parser will. Pure. */
import type { CompletedOption, CompletedVerb } from './completion-table.js';

export interface ScannedArguments {
  readonly operands: readonly string[];
  /** Long names of the options that are there. */
  readonly used: ReadonlySet<string>;
  /** The option whose value the next word is. */
  readonly pending?: CompletedOption | undefined;
  /** No option can follow. */
  readonly ended: boolean;
}

/** What these words are. Options that nobody knows take no value. */
export function scanArguments(verb: CompletedVerb, options: readonly CompletedOption[], args: readonly string[]) {
  const operands: string[] = [];
  const used = new Set<string>();
  let pending: CompletedOption | undefined;
  let ended = false;
  for (const arg of args) {
    if (pending !== undefined) {
      pending = undefined;
    } else if (ended || arg === '-' || !arg.startsWith('-')) {
      operands.push(arg);
      ended ||= Boolean(verb.commandFollows) && operands.length > 1;
    } else if (arg === '--') {
      ended = true;
    } else {
      const found = findOptions(options, arg);
      for (const { long } of found.options) used.add(long);
      pending = found.pending;
    }
  }
  return { operands, used, pending, ended } satisfies ScannedArguments;
}

/** The options of one word: `--long`, `--long=value`, or letters of which the first that takes a value ends them. */
function findOptions(options: readonly CompletedOption[], arg: string) {
  const found: CompletedOption[] = [];
  if (arg.startsWith('--')) {
    const [name, value] = arg.slice(2).split('=', 2);
    const option = options.find(({ long }) => long === name);
    if (option === undefined) return { options: found };
    return { options: [option], pending: option.value !== undefined && value === undefined ? option : undefined };
  }
  const letters = [...arg.slice(1)];
  for (const [index, letter] of letters.entries()) {
    const option = options.find(({ short }) => short === letter);
    if (option === undefined) break;
    found.push(option);
    if (option.value !== undefined)
      return { options: found, pending: index === letters.length - 1 ? option : undefined };
  }
  return { options: found };
}

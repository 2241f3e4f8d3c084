/** Which words may stand at the cursor of a command line. Pure: the names of containers come in. */
import { scanArguments } from './completion-arguments.js';
import { COMPLETED_VERBS, type CompletedOption, type CompletedVerb, type OperandKind } from './completion-table.js';
import type { ListedVerb } from './verbs.js';

export interface Candidate {
  /** The whole word, what is there of it included. */
  readonly word: string;
  /** What it does, for shells that show it. */
  readonly text?: string | undefined;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** The shell is to complete the name of a file. */
  readonly files: boolean;
}

/** Names of containers, sorted. Asked only when they are needed. */
export type ListNames = (which: 'running' | 'all') => readonly string[];

const NOTHING: Completion = { candidates: [], files: false };

const EVERYWHERE: readonly CompletedOption[] = [
  { long: 'debug', text: 'say on stderr what is done' },
  { short: 'h', long: 'help', text: 'show help' },
];
const VERSION_OPTION: CompletedOption = { short: 'V', long: 'version', text: 'print the version' };
const HELP: Candidate = { word: 'help', text: 'show help' };

/** Options that may be there more than once. */
const REPEATED: ReadonlySet<string> = new Set(['env', 'bind', 'bind-ro', 'publish']);

/**
 * The candidates for the last word.
 *
 * @param words those behind `ctr`, up to the cursor; the last one is being written and may be empty
 */
export function completeWords(
  words: readonly string[],
  verbs: readonly ListedVerb[],
  listNames: ListNames,
): Completion {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  while (before[0] === '--debug') before.shift();
  const [name, ...args] = before;
  const verbWords = verbs.flatMap(({ name, alias, summary }) =>
    [name, ...(alias === undefined ? [] : [alias])].map((word) => ({ word, text: summary })),
  );
  if (name === undefined) {
    return current.startsWith('-')
      ? offer(current, [...EVERYWHERE, VERSION_OPTION].flatMap(flagsOf))
      : offer(current, [...verbWords, HELP]);
  }
  if (name === 'help') return args.length === 0 ? offer(current, verbWords) : NOTHING;
  const verb = verbs.find((verb) => verb.name === name || verb.alias === name);
  const completed = verb === undefined ? undefined : COMPLETED_VERBS[verb.name];
  return completed === undefined ? NOTHING : completeArguments(completed, args, current, listNames);
}

/** What the stubs of the shells read: a candidate a line, its text behind a tab; `:files` leaves the word to the shell. */
export function formatCompletion({ candidates, files }: Completion): string {
  const lines = candidates.map(({ word, text }) => (text === undefined ? word : `${word}\t${text}`));
  return [...lines, ...(files ? [':files'] : [])].map((line) => `${line}\n`).join('');
}

function completeArguments(verb: CompletedVerb, args: readonly string[], current: string, listNames: ListNames) {
  const options = [...verb.options, ...EVERYWHERE];
  const { operands, used, pending, ended } = scanArguments(verb, options, args);
  if (pending !== undefined) return completeValue(pending, '', current, listNames);
  if (!ended && current.startsWith('-')) {
    const written = options.find(({ long, value }) => value !== undefined && current.startsWith(`--${long}=`));
    if (written !== undefined) return completeValue(written, `--${written.long}=`, current, listNames);
    const left = options.filter(({ long, text }) => text !== undefined && (REPEATED.has(long) || !used.has(long)));
    return offer(current, left.flatMap(flagsOf));
  }
  if (verb.second !== undefined && (operands.length === 1 || (verb.manySecond && operands.length > 1)))
    return completeOperand(verb.second, operands, current, listNames);
  if (verb.operands === undefined || (operands.length > 0 && !verb.many)) return NOTHING;
  return completeOperand(verb.operands, operands, current, listNames);
}

function completeOperand(
  kind: OperandKind,
  earlier: readonly string[],
  current: string,
  listNames: ListNames,
): Completion {
  if (kind === 'files') return { candidates: [], files: true };
  const words = kind === 'running' || kind === 'all' ? listNames(kind) : kind;
  return offer(
    current,
    words.filter((word) => !earlier.includes(word)).map((word) => ({ word })),
  );
}

/** Behind `--option=` a shell completes no file: it takes the word as a whole. */
function completeValue({ values = [] }: CompletedOption, prefix: string, current: string, listNames: ListNames) {
  if (values === 'files') return { candidates: [], files: prefix === '' };
  const words = values === 'running' || values === 'all' ? listNames(values) : values;
  return offer(
    current,
    words.map((value) => ({ word: `${prefix}${value}` })),
  );
}

function flagsOf({ short, long, text }: CompletedOption): Candidate[] {
  return [...(short === undefined ? [] : [`-${short}`]), `--${long}`].map((word) => ({ word, text }));
}

function offer(current: string, candidates: readonly Candidate[]): Completion {
  return { candidates: candidates.filter(({ word }) => word.startsWith(current)), files: false };
}

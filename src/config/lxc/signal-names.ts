import type { ValueType } from './rows.js';
import { parseInteger, right, unknownWord, WRONG } from './values.js';

/** signal(7) in the kernel's order: the first is 1. */
const NAMES =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

const WORDS = NAMES.map((name) => `SIG${name}`);

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['IOT', 'ABRT'],
  ['CLD', 'CHLD'],
  ['POLL', 'IO'],
  ['UNUSED', 'SYS'],
]);

const RTMIN = 34;
const RTMAX = 64;

/** A signal; the value is its name without SIG. */
export const signal: ValueType<string> = {
  label: 'a signal, like SIGPWR, SIGRTMIN+3 or 15',
  parse: (text) => {
    const number = parseInteger(text);
    if (number !== undefined) return ofNumber(number);
    const name = text.toUpperCase().replace(/^SIG/, '');
    const realTime = /^RT(?:MIN(?:\+(\d{1,2}))?|MAX(?:-(\d{1,2}))?)$/.exec(name);
    if (realTime !== null) {
      return Number(realTime[1] ?? realTime[2] ?? 0) <= RTMAX - RTMIN ? right(name.replace(/[+-]0+$/, '')) : WRONG;
    }
    const known = ALIASES.get(name) ?? name;
    return NAMES.includes(known) ? right(known) : unknownWord(`SIG${name}`, WORDS);
  },
};

function ofNumber(number: number) {
  if (number >= RTMIN && number <= RTMAX) return right(number === RTMIN ? 'RTMIN' : `RTMIN+${number - RTMIN}`);
  const name = NAMES[number - 1];
  return name === undefined ? WRONG : right(name);
}

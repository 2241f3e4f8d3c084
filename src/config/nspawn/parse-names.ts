/** Names as systemd checks them: links, hosts, users, signals, ids. */

/** Linux keeps 15 characters. */
const MAX_LINK_NAME = 15;

/** Whether a network interface may have this name. */
export function isLinkName(name: string): boolean {
  if (name.length > MAX_LINK_NAME || /^(?:\.\.?|all|default|\d+)$/.test(name)) return false;
  return /^[!-~]+$/.test(name) && !/[:/%]/.test(name);
}

/** Whether it is a host name of at most 64 characters, dots between its parts allowed. */
export function isHostName(name: string): boolean {
  if (name.length === 0 || name.length > 64) return false;
  return name.split('.').every((label) => /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(label));
}

export function isUserName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_-]{0,30}$/.test(name);
}

/** A uuid in lower case with dashes, of 32 hexadecimal digits with or without them. */
export function parseId128(text: string): string | undefined {
  const digits = text.replace(/^(.{8})-(.{4})-(.{4})-(.{4})-(.{12})$/, '$1$2$3$4$5').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(digits)) return undefined;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** By number, from 1. signal(7) */
const SIGNALS = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU ' +
  'XFSZ VTALRM PROF WINCH IO PWR SYS'
).split(' ');
const REAL_TIME = { first: 34, last: 64 };

/** Name without SIG of `SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`, `RTMAX-2`; one without a name keeps its number. */
export function parseSignal(text: string): string | undefined {
  const word = text.replace(/^SIG/, '');
  if (SIGNALS.includes(word)) return word;
  const realTime = /^RT(?:(MIN)(?:\+(\d{1,2}))?|(MAX)(?:-(\d{1,2}))?)$/.exec(word);
  if (realTime !== null) {
    const [, isMin, up, , down] = realTime;
    return nameSignal(
      isMin === undefined ? REAL_TIME.last - Number(down ?? 0) : REAL_TIME.first + Number(up ?? 0),
      true,
    );
  }
  return /^\d{1,2}$/.test(text) ? nameSignal(Number(text), false) : undefined;
}

function nameSignal(number: number, isRealTime: boolean): string | undefined {
  if (number > REAL_TIME.last || number < (isRealTime ? REAL_TIME.first : 1)) return undefined;
  if (number === REAL_TIME.first) return 'RTMIN';
  return number > REAL_TIME.first ? `RTMIN+${number - REAL_TIME.first}` : (SIGNALS[number - 1] ?? String(number));
}

/** A signal of the model as `parseSignal` reads it back. */
export function printSignal(name: string): string {
  return /^\d/.test(name) ? name : `SIG${name}`;
}

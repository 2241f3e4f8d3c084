/** Signal names and numbers, signal(7). Pure. */
import { constants } from 'node:os';

/** The first real-time signal that programs may use, as glibc and systemd count. */
const RTMIN = 34;
const RTMAX = 64;

/** Number of a signal by name with or without `SIG` (`USR2`, `SIGRTMIN+3`), or by number; undefined when there is none. */
export function signalNumber(name: string): number | undefined {
  if (/^\d{1,2}$/.test(name)) {
    const number = Number(name);
    return number >= 1 && number <= RTMAX ? number : undefined;
  }
  const short = name.toUpperCase().replace(/^SIG/, '');
  const realTime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(short);
  if (realTime) {
    const number = (realTime[1] === 'MIN' ? RTMIN : RTMAX) + Number(`${realTime[2] ?? '+'}${realTime[3] ?? 0}`);
    return number >= RTMIN && number <= RTMAX ? number : undefined;
  }
  return (constants.signals as Record<string, number>)[`SIG${short}`];
}

/** Name without `SIG`: 10 gives `USR1`, 37 gives `RTMIN+3`. */
export function signalName(number: number): string {
  if (number >= RTMIN && number <= RTMAX) return number === RTMIN ? 'RTMIN' : `RTMIN+${number - RTMIN}`;
  const entry = Object.entries(constants.signals).find(([, value]) => value === number);
  return entry ? entry[0].slice(3) : String(number);
}

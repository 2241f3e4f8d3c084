/** Which signal asks an init to end. Pure. */
import { signalNumber } from '../system/signals.js';

/** What /proc says about init; signal sets as bit masks, bit N-1 is signal N. */
export interface InitIdentity {
  readonly exe: string;
  readonly comm: string;
  readonly sigCgt: bigint;
  readonly sigBlk: bigint;
}

const TERM = 15;
const USR2 = 12;
const TSTP = 20;
const PWR = 30;
/** SIGRTMIN+3: what systemd halts on, docs/CONTAINER_INTERFACE of systemd. */
const RTMIN_3 = 37;

/**
 * No signal fits all: SIGTERM is a reboot for BusyBox, a re-exec for systemd and nothing for sysvinit. So: by the program,
 * else by what it waits for (a handler, or blocked for a signalfd). Undefined: it waits for none of them, and the kernel
 * drops signals that a namespace's init does not handle, so asking is in vain.
 */
export function stopSignalFor(init: InitIdentity): number | undefined {
  const handles = (signal: number) => ((init.sigCgt >> BigInt(signal - 1)) & 1n) === 1n;
  const blocks = (signal: number) => ((init.sigBlk >> BigInt(signal - 1)) & 1n) === 1n;
  const program = init.exe.split('/').at(-1) ?? '';
  if (program === 'systemd') return RTMIN_3;
  if (program === 'busybox' && (isBusyboxInit(init.comm, handles(TSTP)) || handles(USR2) || blocks(USR2))) return USR2;
  if (program === 'openrc-init') return TERM;
  if (handles(RTMIN_3) || blocks(RTMIN_3)) return RTMIN_3;
  if (handles(PWR)) return PWR;
  return handles(TERM) || blocks(TERM) ? TERM : undefined;
}

/** The configured signal, else by what init is; undefined when it would not listen. */
export function chooseStopSignal(configured: string | undefined, init: InitIdentity | undefined): number | undefined {
  if (configured !== undefined) return signalNumber(configured);
  return init === undefined ? undefined : stopSignalFor(init);
}

/**
 * BusyBox is many programs, and a shell script called /init has the same name. From 1.33 on its init waits by sigtimedwait(2),
 * during which /proc shows nothing as blocked: what remains is its handler for SIGTSTP, which a shell has not.
 */
function isBusyboxInit(comm: string, handlesTstp: boolean): boolean {
  return handlesTstp && (comm === 'init' || comm === 'linuxrc');
}

import type { ContainerSpec, LifecycleAction, LifecycleSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import { MS, type Op, type OpOf } from '../exec/plan.js';
import { signalNumber } from '../system/signals.js';

/** Where nspawn has it, too. */
export const NOTIFY_PATH = '/run/host/notify';

const NOTIFY_DIR = '/run/host';
/** How long a start waits for READY=1, in ms: as long as systemd waits for a unit. */
const NOTIFY_TIMEOUT_MS = 90_000;

type Continuation = 'stop' | 'restart' | 'preserve';

/** A rename would make a container of another name: what is meant by it is the restart. */
const CONTINUATIONS: Readonly<Record<LifecycleAction, Continuation>> = {
  destroy: 'stop',
  restart: 'restart',
  preserve: 'preserve',
  'rename-restart': 'restart',
};

/** What a reboot(2) inside does, in the words of the `monitor` operation. */
export function continueReboot({ onReboot }: LifecycleSpec): 'stop' | 'restart' {
  return CONTINUATIONS[onReboot] === 'restart' ? 'restart' : 'stop';
}

/** What follows on init's end, and what is sent to it. @throws CtrError CTR_UNSUPPORTED for a signal that this host lacks */
export function planLifecycle({ name, init, lifecycle }: Pick<ContainerSpec, 'name' | 'init' | 'lifecycle'>): Op[] {
  const { onPoweroff, onReboot, onCrash, rebootSignal, killSignal } = lifecycle;
  // ctr makes no core dump of a container: the kernel writes those of its processes where the host says.
  const crash = onCrash.replace('coredump-', '') as LifecycleAction;
  const actions = {
    onPoweroff: CONTINUATIONS[onPoweroff],
    onReboot: CONTINUATIONS[onReboot],
    onCrash: CONTINUATIONS[crash],
  };
  // The small init passes on what it gets, so it tells nothing about what its child listens to.
  const stopSignal = lifecycle.stopSignal ?? (init.reaper === true ? 'TERM' : undefined);
  const isUsual = actions.onPoweroff === 'stop' && actions.onReboot !== 'preserve' && actions.onCrash === 'stop';
  return [
    ...(isUsual ? [] : [{ op: 'lifecycle', ...actions } as const]),
    ...planSignal(name, 'stop-signal', stopSignal),
    ...planSignal(name, 'reboot-signal', rebootSignal),
    ...planSignal(name, 'kill-signal', killSignal),
  ];
}

function planSignal(name: string, op: 'stop-signal' | 'reboot-signal' | 'kill-signal', text: string | undefined): Op[] {
  if (text === undefined) return [];
  const signal = signalNumber(text);
  if (signal === undefined) {
    throw new CtrError('CTR_UNSUPPORTED', `cannot compile '${name}': this host has no signal '${text}'`);
  }
  return [{ op, signal }];
}

/** The socket on which init says that it is ready, in a tmpfs that nobody inside can write to. */
export function planNotify(
  { notifyReady }: LifecycleSpec,
  filesystems: ContainerSpec['filesystems'],
): (OpOf<'mount'> | OpOf<'notify'>)[] {
  if (notifyReady !== true) return [];
  const isThere = filesystems.some(({ target, type }) => target === NOTIFY_DIR && type === 'ram');
  return [...(isThere ? [] : [mountNotifyDir()]), { op: 'notify', path: NOTIFY_PATH, timeout: NOTIFY_TIMEOUT_MS }];
}

function mountNotifyDir(): OpOf<'mount'> {
  const flags = MS.NOSUID | MS.NODEV | MS.NOEXEC;
  return {
    op: 'mount',
    fstype: 'tmpfs',
    source: 'tmpfs',
    target: NOTIFY_DIR,
    flags,
    data: 'mode=755,size=65536',
    options: 0,
  };
}

import type { Condition } from './seccomp-condition.js';

/** Calls of i386 that are inside another one, with the number that is its first argument: `<linux/net.h>`, `<linux/ipc.h>`. */
const SOCKET_CALLS =
  'socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg'.split(
    ' ',
  );

const IPC_CALLS: Readonly<Record<string, number>> = {
  semop: 1,
  semget: 2,
  semctl: 3,
  semtimedop: 4,
  msgsnd: 11,
  msgrcv: 12,
  msgget: 13,
  msgctl: 14,
  shmat: 21,
  shmdt: 22,
  shmget: 23,
  shmctl: 24,
};

interface Inside {
  /** The call that it is inside. */
  readonly call: 'socketcall' | 'ipc';
  readonly condition: Condition;
}

/** The upper half of ipc's first argument is a version. */
const IPC_NUMBER = 0xffffn;

function firstArgument(value: number, mask: bigint): Condition {
  return { argument: 0, op: 'masked-eq', value: BigInt(value), mask, isShort: true };
}

export const MULTIPLEXED: ReadonlyMap<string, Inside> = new Map<string, Inside>([
  ...SOCKET_CALLS.map((name, index): [string, Inside] => [
    name,
    { call: 'socketcall', condition: firstArgument(index + 1, 0xffff_ffffn) },
  ]),
  ...Object.entries(IPC_CALLS).map(([name, number]): [string, Inside] => [
    name,
    { call: 'ipc', condition: firstArgument(number, IPC_NUMBER) },
  ]),
]);

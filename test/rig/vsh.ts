/** vsh and vshd under test, and either side of a session played by the test itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from './index.js';
import { nativeDir, type Rig } from './rig.js';
import { type RunningProgram, type RunOptions, type RunResult, startProgram } from './run-program.js';
import { openTerminal, quote, type Terminal } from './terminal.js';
import {
  type HostMessage,
  makeReader,
  type Response,
  readHostMessage,
  readResponse,
  type Setup,
  setupFrame,
} from './vsh-codec.js';

export const vshProgram = join(nativeDir, 'vsh');
export const vshdProgram = join(nativeDir, 'vshd');

/** One end of a connection, message by message. */
export interface Wire {
  readonly socket: Socket;
  readonly send: (...frames: readonly Buffer[]) => void;
  /** The next message; undefined when the other side has closed. */
  readonly next: () => Promise<Buffer | undefined>;
  /** Every message until the other side closes. */
  readonly rest: () => Promise<Buffer[]>;
  /** All bytes that have come, frames and what is none. */
  readonly raw: () => Buffer;
}

export function makeWire(socket: Socket): Wire {
  const read = makeReader();
  const chunks: Buffer[] = [];
  const waiting: Buffer[] = [];
  let isClosed = false;
  let wake: () => void = () => undefined;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    waiting.push(...read(chunk));
    wake();
  });
  // A reset says the same as an end here.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isClosed = true;
    wake();
  });
  const next = async () => {
    while (waiting.length === 0 && !isClosed) await new Promise<void>((resolve) => (wake = resolve));
    return waiting.shift();
  };
  return {
    socket,
    send: (...frames) => void socket.write(Buffer.concat(frames)),
    next,
    rest: async () => {
      const messages: Buffer[] = [];
      for (let message = await next(); message !== undefined; message = await next()) messages.push(message);
      return messages;
    },
    raw: () => Buffer.concat(chunks),
  };
}

export interface Session extends Wire {
  readonly response: Response;
}

/** What is left of a session: its streams and how it ended. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** Streams whose end was told. */
  readonly ends: readonly number[];
  readonly code: number | undefined;
  readonly description: string;
}

export async function finish(wire: Wire): Promise<Ended> {
  const messages = (await wire.rest()).map(readHostMessage).filter((message) => message !== undefined);
  const data = messages.filter((message): message is Extract<HostMessage, { kind: 'data' }> => message.kind === 'data');
  const of = (stream: number) => Buffer.concat(data.filter((message) => message.stream === stream).map((m) => m.data));
  const last = messages.at(-1);
  return {
    stdout: of(2).toString(),
    stderr: of(3).toString(),
    ends: data.filter((message) => message.data.length === 0).map(({ stream }) => stream),
    code: last?.kind === 'status' && last.status === 2 ? last.code : undefined,
    description: last?.kind === 'status' ? last.description : '',
  };
}

export interface Vshd {
  readonly socket: string;
  readonly pid: number;
  /** What it has logged. */
  readonly log: () => string;
  /** `vsh --unix SOCKET` with these arguments. */
  readonly vsh: (args: readonly string[], options?: RunOptions) => Promise<RunResult>;
  readonly start: (args: readonly string[], options?: RunOptions) => RunningProgram;
  readonly terminal: (args: readonly string[], after?: string) => Terminal;
  readonly connect: () => Promise<Wire>;
  /** Asks for a session by hand, and waits for the answer. */
  readonly open: (setup: Setup) => Promise<Session>;
  readonly stop: () => Promise<void>;
}

let count = 0;

/** Starts vshd on a unix socket of the rig. */
export async function startVshd(rig: Rig, args: readonly string[] = ['--default_user=root']): Promise<Vshd> {
  const socket = join(rig.scratch, `v${count++}.sock`);
  const child = spawn(vshdProgram, [`--listen=unix:${socket}`, ...args], {
    env: rig.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await awaitListener(socket, () => said);
  const start = (words: readonly string[], options: RunOptions = {}) =>
    startProgram([vshProgram, `--unix=${socket}`, ...words], { ...options, env: { ...rig.env, ...options.env } });
  const connectWire = async () => makeWire(await dial(socket));
  return {
    socket,
    pid: child.pid ?? 0,
    log: () => said,
    vsh: (words, options) => start(words, options).result,
    start,
    terminal: (words, after) =>
      openTerminal(
        [[vshProgram, `--unix=${socket}`, ...words].map(quote).join(' '), after].filter((part) => part).join('; '),
        rig.env,
      ),
    connect: connectWire,
    open: async (setup) => {
      const wire = await connectWire();
      wire.send(setupFrame(setup));
      const answer = await wire.next();
      if (answer === undefined) throw new Error('vshd has closed without an answer');
      return { ...wire, response: readResponse(answer) };
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function awaitListener(path: string, said: () => string): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    try {
      (await dial(path)).destroy();
      return;
    } catch {
      await delay(10);
    }
  }
  throw new Error(`vshd does not listen on ${path}: ${said()}`);
}

export async function dial(path: string): Promise<Socket> {
  const socket = connect(path);
  await once(socket, 'connect');
  return socket;
}

/** A server of one connection on a unix socket: the test plays vshd, or a machine's program. */
export async function listenOnce(path: string): Promise<{ accept: () => Promise<Socket>; close: () => void }> {
  const server = createServer({ allowHalfOpen: true });
  const accepted: Socket[] = [];
  let wake: () => void = () => undefined;
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    accepted.push(socket);
    wake();
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    accept: async () => {
      for (;;) {
        const socket = accepted.shift();
        if (socket !== undefined) return socket;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    close: () => {
      for (const socket of accepted) socket.destroy();
      server.close();
    },
  };
}

/** `test` with a vshd, which ends with it. */
export const vshTest = test.extend<{ vshd: Vshd }>({
  vshd: async ({ rig }, use) => {
    const vshd = await startVshd(rig);
    await use(vshd);
    await vshd.stop();
  },
});

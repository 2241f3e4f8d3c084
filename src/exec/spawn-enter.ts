/** `ctr enter` as a subprocess of a program. */
import { CONTROLLED_STDIO, controlProcess, type SpawnedProcess, type TerminalSize } from './controlled-process.js';
import { type EnterRequest, enterArgs, type Limits } from './enter.js';
import { type FrontDoor, frontDoorError, spawnFrontDoor } from './front-door.js';

export interface SpawnRequest extends EnterRequest, Limits {
  /** Rows and columns of its terminal from the start; default 24 × 80. */
  readonly size?: TerminalSize | undefined;
}

/** Starts it in a running container. Errors of `ctr` itself come as exit code 125 with a text on stderr. */
export function spawnEnter(door: FrontDoor, name: string, request: SpawnRequest): SpawnedProcess {
  const [verb = 'enter', ...args] = enterArgs(name, { ...request, tty: request.tty ?? false });
  const { rows, columns } = request.size ?? { rows: 24, columns: 80 };
  const env = { ...door.env, LINES: String(rows), COLUMNS: String(columns) };
  const child = spawnFrontDoor({ ...door, env }, [verb, '--control', ...args], [...CONTROLLED_STDIO]);
  return controlProcess(child, request, (error) => frontDoorError(door, error));
}

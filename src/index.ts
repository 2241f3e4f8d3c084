/**
 * The library: everything that `ctr` does, as typed functions. Sizes are bytes, times ISO 8601 or ms as named, ids numbers.
 * What fails throws `CtrError`; its `code` is one of `ERROR_CODES`, explained in docs/errors.md.
 *
 * Every function takes `{ stateDir, runDir, helper }`; without them the command line's own directories are used.
 *
 * @example
 * const { password } = await bootstrap('web', { template: 'busybox' });
 * await start('web');
 * const { stdout, exitCode } = await exec('web', ['uname', '-n']);
 * await stop('web');
 * await undefine('web', { removeStorage: true });
 */

import './config/all-formats.js';

export type { TextFormat } from './config/detect-format.js';
export type { Diagnostic } from './config/diagnostics.js';
export { specSchema } from './config/json/spec-schema.js';
export type * from './config/spec.js';
export { attachDevice, type DeviceOptions, detachDevice } from './container/attach-device.js';
export {
  type BootstrapOptions,
  type Bootstrapped,
  bootstrap,
  TEMPLATES,
  type TemplateName,
} from './container/bootstrap.js';
export { type CheckItem, check } from './container/check.js';
export type { CtrOptions } from './container/context.js';
export { type Converted, type ConvertOptions, convert, convertFile } from './container/convert.js';
export { type CopyOptions, copyIn, copyOut } from './container/copy.js';
export {
  type Defined,
  type DefineOptions,
  type DefineRootOptions,
  define,
  defineFile,
  defineRoot,
} from './container/define.js';
export { type DumpxmlOptions, dumpxml } from './container/dumpxml.js';
export { type Changed, type Edit, openEdit } from './container/edit.js';
export {
  attachConsole,
  type ConsoleOptions,
  type EnterOptions,
  type ExecOptions,
  type ExecResult,
  enter,
  exec,
  openConsole,
  type SpawnOptions,
  spawn,
} from './container/enter.js';
export { type ContainerEvent, type EventName, type EventsOptions, events } from './container/events.js';
export type { SettingsMode } from './container/find-root.js';
export { type GcReport, gc } from './container/gc.js';
export type { GivenOptions } from './container/given-text.js';
export { type Container, container } from './container/handle.js';
export {
  type ContainerInfo,
  type CpuInfo,
  type ExitInfo,
  type InterfaceInfo,
  info,
  type MemoryInfo,
  type PidsInfo,
} from './container/info.js';
export { type ListEntry, type ListOptions, list } from './container/list.js';
export { type ListDetails, listDetails } from './container/list-details.js';
export { type LogsOptions, logs } from './container/logs.js';
export { plan, planText } from './container/plan.js';
export { type RunBindOption, type RunCommandOptions, type RunResult, run } from './container/run.js';
export { type Limit, type LimitSet, limits, type SetOptions, set } from './container/set.js';
export {
  type StartedContainer,
  type StartManyOptions,
  type StartResult,
  start,
  startMany,
} from './container/start.js';
export { computeRates, type StatRates } from './container/stat-rates.js';
export { type ContainerStats, type StatsOptions, stats } from './container/stats.js';
export {
  destroy,
  type ShutdownOptions,
  type StopOptions,
  type Stopped,
  shutdown,
  stop,
} from './container/stop.js';
export { resume, type SuspendOptions, suspend } from './container/suspend.js';
export { type Undefined, type UndefineOptions, undefine } from './container/undefine.js';
export { type Validated, type ValidateOptions, validate, validateFile } from './container/validate.js';
export { type WaitOptions, wait } from './container/wait.js';
export { CtrError, type CtrErrorOptions, ERROR_CODES, type ErrorCode } from './errors.js';
export type { ConsoleStreams } from './exec/console.js';
export type { Ended, SpawnedProcess, TerminalSize } from './exec/controlled-process.js';
export type { WithoutPart } from './exec/enter.js';
export type { Op, Plan } from './exec/plan.js';
export { type VshAddress, type VshOptions, vsh } from './exec/vsh.js';
export type { StateName } from './state/compute-state.js';
export type { ExitReason } from './state/records.js';

/** `clone-helper probe`: what the kernel lets this user do, each thing really tried. */
import { CtrError } from '../errors.js';
import { runHelper } from './helper.js';

/** `true`, or why not. */
export type Tried = boolean | string;

export interface ProbeReport {
  readonly version: number;
  readonly namespaces: Readonly<Record<string, Tried>>;
  readonly features: Readonly<Record<string, Tried>>;
}

/** @throws CtrError CTR_HELPER when the helper gives no report */
export async function probeByHelper(path: string): Promise<ProbeReport> {
  const { stdout, exitCode } = await runHelper(path, ['probe']);
  const report = parseProbeReport(stdout);
  if (report === undefined) {
    throw new CtrError('CTR_HELPER', `cannot probe the kernel: the helper gave no report and exited with ${exitCode}`);
  }
  return report;
}

/** Pure. */
export function parseProbeReport(text: string): ProbeReport | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || typeof value.version !== 'number') return undefined;
  const { version, namespaces, ...features } = value;
  return { version, namespaces: onlyTried(namespaces), features: onlyTried(features) };
}

function onlyTried(value: unknown): Record<string, Tried> {
  const entries = Object.entries((value ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.filter((entry): entry is [string, Tried] => isTried(entry[1])));
}

function isTried(value: unknown): value is Tried {
  return typeof value === 'boolean' || typeof value === 'string';
}

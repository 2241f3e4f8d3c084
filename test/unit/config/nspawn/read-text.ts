import { expect } from 'vitest';
import { type ReadNspawnOptions, readNspawn } from '../../../../src/config/nspawn/read-nspawn.js';
import type { ContainerSpec } from '../../../../src/config/spec.js';

export const OPTIONS = { file: 'web.nspawn', name: 'web', rootfs: '/srv/web' } as const;

/** `line:column severity: message`, one each. */
export function faultsOf(text: string, options: Partial<ReadNspawnOptions> = {}): string[] {
  return readNspawn(text, { ...OPTIONS, ...options }).diagnostics.map(
    ({ line, column, severity, message }) => `${line}:${column} ${severity}: ${message}`,
  );
}

/** The model of a text that gives no diagnostics. */
export function specOf(text: string, options: Partial<ReadNspawnOptions> = {}): ContainerSpec {
  const { definition, diagnostics } = readNspawn(text, { ...OPTIONS, ...options });
  expect(diagnostics).toEqual([]);
  if (definition === undefined) throw new TypeError('neither a definition nor a diagnostic');
  return definition.spec;
}

/** The model of a text, whatever it warns about. */
export function specWithWarnings(text: string, options: Partial<ReadNspawnOptions> = {}): ContainerSpec {
  const { definition, diagnostics } = readNspawn(text, { ...OPTIONS, ...options });
  if (definition === undefined) throw new TypeError(JSON.stringify(diagnostics));
  return definition.spec;
}

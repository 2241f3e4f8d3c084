import type { Diagnostic } from '../../../../src/config/diagnostics.js';
import { readOci } from '../../../../src/config/oci/read-oci.js';
import type { ContainerSpec } from '../../../../src/config/spec.js';

/** A small config.json as plain data, for tests to change. */
export const CONFIG = {
  ociVersion: '1.0.2',
  process: {
    user: { uid: 0, gid: 0 },
    args: ['sh'],
    env: ['PATH=/usr/bin:/bin', 'TERM=xterm'],
    cwd: '/',
  },
  root: { path: 'rootfs' },
  mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
  linux: {
    namespaces: [
      { type: 'pid' },
      { type: 'network' },
      { type: 'ipc' },
      { type: 'uts' },
      { type: 'mount' },
      { type: 'cgroup' },
    ],
  },
};

export type Changes = Readonly<Record<string, unknown>>;

export const OPTIONS = { file: '/bundles/web/config.json', name: 'web' };

/** The text with some of its properties changed: of `process` and `linux` single ones, of others the whole. `undefined` takes one away. */
export function configText({
  process,
  linux,
  ...others
}: { readonly process?: Changes; readonly linux?: Changes } & Changes = {}): string {
  return JSON.stringify(
    { ...CONFIG, ...others, process: { ...CONFIG.process, ...process }, linux: { ...CONFIG.linux, ...linux } },
    undefined,
    1,
  );
}

/** The spec of a text that is right. */
export function specOf(text: string, options = OPTIONS): ContainerSpec {
  const { definition, diagnostics } = readOci(text, options);
  if (definition === undefined) throw new Error(JSON.stringify(diagnostics));
  return definition.spec;
}

export function messagesOf(text: string, severity: Diagnostic['severity'] = 'error', options = OPTIONS): string[] {
  return readOci(text, options)
    .diagnostics.filter((diagnostic) => diagnostic.severity === severity)
    .map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`));
}

/** Which folder of src/ may import what: the one table. docs/architecture.md says it in words. */

export interface ImportRule {
  /** Folders of src/ (or `errors` for errors.ts) whose values and types may be imported. */
  readonly may: readonly string[];
  /** Folders of which only types may be imported. */
  readonly mayTypes?: readonly string[];
  /** Single files of other folders: pure tables that several folders share. */
  readonly mayFiles?: readonly string[];
  /** Packages this folder owns; nobody else imports them. */
  readonly packages?: readonly string[];
}

/** A kernel concern turns a part of the spec into operations of the plan, and never knows another concern. */
const kernelConcern: ImportRule = {
  may: ['system', 'errors'],
  mayTypes: ['config', 'exec'],
  mayFiles: ['src/exec/plan.ts', 'src/exec/encode-bpf.ts'],
};

/** Everything below the command line, in order: each may import those before it. */
const library = [
  'errors',
  'system',
  'config',
  'exec',
  'namespaces',
  'cgroups',
  'rootfs',
  'devnodes',
  'network',
  'security',
  'state',
  'container',
];

export const IMPORT_RULES: Readonly<Record<string, ImportRule>> = {
  errors: { may: [] },
  config: {
    may: ['errors'],
    mayFiles: ['src/security/seccomp-syscalls.ts', 'src/cgroups/convert-weights.ts'],
    packages: ['fast-xml-parser'],
  },
  system: { may: ['errors'], packages: ['execa', 'ini'] },
  exec: { may: ['system', 'errors'] },
  namespaces: kernelConcern,
  cgroups: kernelConcern,
  rootfs: { ...kernelConcern, packages: ['fs-extra', 'tar'] },
  devnodes: kernelConcern,
  network: kernelConcern,
  security: kernelConcern,
  state: { may: ['system', 'errors'], mayTypes: ['config'] },
  container: { may: library.filter((folder) => folder !== 'container') },
  cli: { may: ['container', 'exec', 'config', 'errors'], packages: ['commander'] },
  index: { may: library },
  main: { may: ['cli', 'errors'] },
};

/** Files that decide and never act: they may not import what touches the system. */
export const PURE_FILE = /^(?:plan|parse|format|compute|describe|encode|compile)(?:-|\.)/;

/** What touches the system. */
export const EFFECTS: ReadonlySet<string> = new Set([
  'node:fs',
  'node:fs/promises',
  'node:child_process',
  'node:net',
  'node:worker_threads',
  'execa',
  'fs-extra/esm',
]);

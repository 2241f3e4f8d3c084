import type { ContainerSpec } from '../spec.js';

/** The model's own form: a spec as JSON, two spaces, with a newline at the end. `readJson` gives the same spec. */
export function formatJson(spec: ContainerSpec): string {
  return `${JSON.stringify(spec, undefined, 2)}\n`;
}

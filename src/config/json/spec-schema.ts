import type { JsonSchema } from './shape.js';
import { specShape } from './spec-shape.js';

/** The JSON Schema (draft 2020-12) of the model's own form, for editors and other programs; made from the table that `readJson` goes by. */
export function specSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'ContainerSpec',
    description:
      'A container as ctr understands it, whatever format it was read from. Sizes are bytes, paths are absolute.',
    ...specShape.schema,
  };
}

/** The same as text: docs/reference/spec.schema.json. */
export function formatSpecSchema(): string {
  return `${JSON.stringify(specSchema(), undefined, 2)}\n`;
}

import { describe, expect, test } from 'vitest';
import type { ContainerSpec } from '../../../src/config/spec.js';
import { compile } from '../../../src/container/compile.js';
import { CtrError } from '../../../src/errors.js';
import { decodePlan } from '../../../src/exec/decode.js';
import { encodePlan } from '../../../src/exec/encode.js';
import { formatPlan } from '../../../src/exec/format-plan.js';
import type { LayoutName } from './example-specs.js';
import { FULL, MINIMAL, makeHost, SYSTEM, UUID } from './example-specs.js';

/** A plan as `ctr plan` prints it, or the error that stands in its place. */
function printPlan(spec: ContainerSpec, layout: LayoutName): string {
  try {
    return formatPlan(compile(spec, makeHost(layout), { uuid: UUID }));
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
    return `${error.code}: ${error.message}\nhint: ${error.hint}\n`;
  }
}

const GOLDEN = [
  ['minimal', MINIMAL, 'hybrid'],
  ['minimal', MINIMAL, 'none'],
  ['system', SYSTEM, 'hybrid'],
  ['system', SYSTEM, 'v1'],
  ['system', SYSTEM, 'v2'],
  ['full', FULL, 'hybrid'],
  ['full', FULL, 'v1'],
  ['full', FULL, 'v2'],
] as const;

describe('compile', () => {
  test.each(GOLDEN)('prints the %s container as before [cgroups %3$s]', async (name, spec, layout) => {
    await expect(printPlan(spec, layout)).toMatchFileSnapshot(`../../golden/plan/${name}-${layout}.txt`);
  });
});

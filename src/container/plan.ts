/** plan: what a start would do, without doing it. */
import { formatPlan } from '../exec/format-plan.js';
import type { Plan } from '../exec/plan.js';
import { readHostFacts } from '../system/read-host-facts.js';
import { checkRefusals } from './check-startable.js';
import { compile } from './compile.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { expectViews } from './ensure-views.js';
import { readSpec } from './read-spec.js';

/** The compiled plan of a defined container on this host. @throws CtrError CTR_NOT_FOUND, CTR_BAD_CONFIG, CTR_UNSUPPORTED */
export function plan(name: string, options: CtrOptions = {}): Plan {
  checkName(name);
  const paths = openPaths(options);
  const { spec, record, path } = readSpec('plan', paths, name);
  checkRefusals(spec);
  const host = { ...readHostFacts(paths, name), views: expectViews(paths, spec) };
  return compile(spec, host, { uuid: record.uuid, definition: path });
}

/** The same as text. @throws as `plan` */
export function planText(name: string, options: CtrOptions = {}): string {
  return formatPlan(plan(name, options));
}

/** plan: what a start would do, without doing it. */
import { formatPlan } from '../exec/format-plan.js';
import type { Plan } from '../exec/plan.js';
import { readHostFacts } from '../system/read-host-facts.js';
import { checkRefusals } from './check-startable.js';
import { compile } from './compile.js';
import { joinFor } from './compiled-plan.js';
import { type CtrOptions, checkName, openPaths } from './context.js';
import { expectViews } from './ensure-views.js';
import { readSpec } from './read-spec.js';

/** The compiled plan of a defined container on this host. @throws CtrError CTR_NOT_FOUND, CTR_BAD_CONFIG, CTR_UNSUPPORTED */
export async function plan(name: string, options: CtrOptions = {}): Promise<Plan> {
  checkName(name);
  const paths = openPaths(options);
  const { spec, record, path } = readSpec('plan', paths, name);
  checkRefusals(spec);
  const networks = await joinFor(paths, options.helper, spec, record.uuid);
  const host = { ...readHostFacts(paths, name), views: expectViews(paths, spec) };
  return compile(spec, host, { uuid: record.uuid, definition: path, networks });
}

/** The same as text. @throws as `plan` */
export async function planText(name: string, options: CtrOptions = {}): Promise<string> {
  return formatPlan(await plan(name, options));
}

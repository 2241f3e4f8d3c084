import type { ContainerSpec, SecurityLabelSpec } from '../config/spec.js';
import { CtrError } from '../errors.js';
import type { OpOf } from '../exec/plan.js';
import type { HostFacts } from '../system/host-facts.js';

type Host = Pick<HostFacts, 'securityModules'>;

const MODELS = { apparmor: 'AppArmor', selinux: 'SELinux' } as const;

/**
 * The label that init gets from its exec. What asks for a label and cannot have it is an error: nobody takes a container without
 * its confinement for one with it.
 *
 * @throws CtrError CTR_UNSUPPORTED when the kernel has no such module, CTR_BAD_CONFIG for a label that is none
 */
export function planLabels(
  { name, security }: Pick<ContainerSpec, 'name' | 'security'>,
  host: Host,
): OpOf<'exec-label'>[] {
  return (security.labels ?? [])
    .filter(({ type }) => type !== 'none')
    .filter(({ optional, model }) => optional !== true || listModules(host, model).length > 0)
    .map((label) => planLabel(name, label, host));
}

/** Those of the kernel that are meant. */
function listModules({ securityModules = [] }: Host, model: SecurityLabelSpec['model']): readonly string[] {
  return securityModules.filter((module) => model === undefined || module === model);
}

function planLabel(name: string, spec: SecurityLabelSpec, host: Host): OpOf<'exec-label'> {
  const modules = host.securityModules ?? [];
  const refuse = (reason: string, hint?: string) =>
    new CtrError('CTR_UNSUPPORTED', `cannot start '${name}': ${reason}`, hint === undefined ? {} : { hint });
  const model = spec.model ?? modules[0];
  if (model === undefined) throw refuse('it asks for a security label: this kernel has neither AppArmor nor SELinux');
  if (!modules.includes(model))
    throw refuse(`it asks for a label of ${MODELS[model]}: this kernel has no ${MODELS[model]}`);
  if (spec.type === 'dynamic') {
    throw refuse(
      `it asks for a label of ${MODELS[model]} that the host chooses`,
      `name a label that ${MODELS[model]} knows, or ask for none`,
    );
  }
  if (spec.relabel === true) throw refuse(`it asks for its files to be labelled anew for ${MODELS[model]}`);
  const { label = '' } = spec;
  // The kernel takes a line; AppArmor's command and the name are separated by a blank, and names may hold blanks.
  if (label === '' || /\p{Cc}/u.test(label)) {
    throw new CtrError('CTR_BAD_CONFIG', `cannot start '${name}': '${label}' is no label of ${MODELS[model]}`);
  }
  return { op: 'exec-label', model, label };
}

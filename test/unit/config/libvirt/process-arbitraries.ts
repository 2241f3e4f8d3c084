import fc from 'fast-check';
import { CAPABILITY_NAMES } from '../../../../src/config/libvirt/features-row.js';
import { NEWER_CAPABILITIES } from '../../../../src/config/libvirt/words-security.js';
import type {
  CapabilitiesSpec,
  HookSpec,
  HostFilesSpec,
  InitSpec,
  ProcessSpec,
  RlimitSpec,
  SeccompArgument,
  SeccompProfile,
  SeccompRule,
  SecurityLabelSpec,
  SecuritySpec,
} from '../../../../src/config/spec.js';
import { few, filled, oneOf, path, some, text } from './value-arbitraries.js';

/** Processes of a spec, and what they may do. */

const env = (name: fc.Arbitrary<string>, value: fc.Arbitrary<string>) => few(fc.record({ name, value }));

export const init: fc.Arbitrary<InitSpec> = fc
  .tuple(
    fc.record({
      path,
      args: fc.oneof(few(filled), few(text)),
      env: fc.oneof(env(fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,5}$/), filled), env(filled, text)),
    }),
    some<Omit<InitSpec, 'path' | 'args' | 'env'>>({
      fallbacks: few(path),
      argv0: text,
      reaper: fc.boolean(),
      dir: path,
      user: fc.constantFrom('root', '0', '1000'),
      group: fc.constantFrom('users', '100'),
      supplementaryGids: few(fc.nat()),
      cmdline: text,
    }),
  )
  .map(([required, rest]) => ({ ...required, ...rest }));

const limit = fc.oneof(fc.nat(), oneOf('infinity'));
const rlimit: fc.Arbitrary<RlimitSpec> = fc.record({
  name: fc.constantFrom('nofile', 'core'),
  soft: limit,
  hard: limit,
});
const nanoseconds = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }).map(String);

export const processes = some<ProcessSpec>({
  rlimits: few(rlimit),
  oomScoreAdj: fc.integer({ min: -1000, max: 1000 }),
  cpuAffinity: fc.constantFrom('0', '0-3'),
  nice: fc.integer({ min: -20, max: 19 }),
  umask: fc.integer({ min: 0, max: 0o777 }),
  sysctls: env(filled, text),
  procFiles: few(fc.record({ file: filled, value: text })),
  suppressSync: fc.boolean(),
  terminal: fc.boolean(),
  timeOffsets: some({ monotonicNs: nanoseconds, boottimeNs: nanoseconds }),
});

export const hook: fc.Arbitrary<HookSpec> = fc
  .tuple(
    fc.record({
      when: oneOf('pre-start', 'mount', 'create-container', 'start', 'destroy'),
      path,
      args: few(text),
      convention: oneOf('lxc', 'lxc1', 'oci'),
    }),
    some<Pick<HookSpec, 'argv0' | 'env' | 'timeoutSeconds'>>({
      argv0: text,
      env: env(filled, text),
      timeoutSeconds: fc.nat(),
    }),
  )
  .map(([required, rest]) => ({ ...required, ...rest }));

export const hostFiles = some<HostFilesSpec>({
  resolvConf: oneOf('off', 'auto', 'delete', 'copy-host', 'bind-stub'),
  timezone: oneOf('off', 'symlink', 'delete'),
  linkJournal: oneOf('no', 'try-guest'),
});

const newer = few(oneOf(...NEWER_CAPABILITIES));
const names = fc.subarray([...CAPABILITY_NAMES, ...NEWER_CAPABILITIES]);

export const capabilities: fc.Arbitrary<CapabilitiesSpec> = fc
  .tuple(
    oneOf('default', 'allow', 'deny'),
    names.chain((some) => fc.tuple(...some.map((name) => fc.record({ name: oneOf(name), state: oneOf('on', 'off') })))),
    some<Omit<CapabilitiesSpec, 'policy' | 'states'>>({
      ambient: newer,
      effective: names,
      permitted: names,
      inheritable: names,
    }),
  )
  .map(([policy, states, sets]) => ({ policy, states, ...sets }));

const action = oneOf('allow', 'errno', 'kill-thread', 'kill-process', 'trap', 'trace', 'log');
const bits64 = fc.oneof(
  fc.nat(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }).map((value) => String(value)),
);
const argument: fc.Arbitrary<SeccompArgument> = fc
  .tuple(
    fc.record({ index: fc.integer({ min: 0, max: 5 }), op: oneOf('ne', 'masked-eq'), value: bits64 }),
    some<Pick<SeccompArgument, 'valueTwo'>>({ valueTwo: bits64 }),
  )
  .map(([required, rest]) => ({ ...required, ...rest }));
const errno = fc.integer({ min: 0, max: 4095 });
const rule: fc.Arbitrary<SeccompRule> = fc
  .tuple(
    fc.record({ names: few(oneOf('read', 'openat2')), action }),
    some<Pick<SeccompRule, 'errno' | 'args'>>({ errno, args: few(argument) }),
  )
  .map(([required, rest]) => ({ ...required, ...rest }));
const profile: fc.Arbitrary<SeccompProfile> = fc
  .tuple(
    fc.record({ defaultAction: action, rules: few(rule) }),
    some<Omit<SeccompProfile, 'defaultAction' | 'rules'>>({
      defaultErrno: errno,
      architectures: few(oneOf('SCMP_ARCH_X86_64', 'SCMP_ARCH_X86')),
      flags: few(oneOf('SECCOMP_FILTER_FLAG_LOG')),
      file: path,
    }),
  )
  .map(([required, rest]) => ({ ...required, ...rest }));

const model = oneOf('selinux', 'apparmor');
const label: fc.Arbitrary<SecurityLabelSpec> = fc.oneof(
  fc.record({ type: oneOf('none') }),
  fc.record({ type: oneOf('none'), model }),
  fc.record({ type: oneOf('static'), model, label: filled }),
  fc.record({ type: oneOf('static'), model, label: filled, relabel: fc.constant(true) }),
  fc.record({ type: oneOf('dynamic') }),
  fc.record({ type: oneOf('dynamic'), model, baselabel: filled }),
);

export const security: fc.Arbitrary<SecuritySpec> = fc
  .tuple(
    fc.record({
      seccomp: fc.oneof(oneOf('os', 'none'), profile),
      masks: fc.boolean(),
      nesting: fc.boolean(),
    }),
    some<Omit<SecuritySpec, 'seccomp' | 'masks' | 'nesting'>>({
      maskedPaths: few(path),
      readonlyPaths: few(path),
      noNewPrivs: fc.boolean(),
      hostRoot: fc.boolean(),
      labels: fc.array(label, { minLength: 1, maxLength: 2 }),
    }),
  )
  .map(([required, rest]) => ({ ...required, ...rest }));

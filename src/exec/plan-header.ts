import { OPS, OPTION, type OpName, PHASES, PLAN_VERSION } from './plan.js';

const FIELD_LETTERS = { str: 's', u64: 'u', bytes: 'b' } as const;

/** The text of `native/plan_ops.h`: the tables of `plan.ts` for the C side. Ends with a newline. */
export function formatPlanHeader(): string {
  const ops = (Object.keys(OPS) as OpName[]).sort((a, b) => OPS[a].code - OPS[b].code);
  return [
    '/* The operations of a plan (docs/plan-format.md). Generated from src/exec/plan.ts by `npm run generate`; do not edit. */',
    '#ifndef CTR_PLAN_OPS_H',
    '#define CTR_PLAN_OPS_H',
    '',
    '#include <stdint.h>',
    '',
    `#define CTR_PLAN_VERSION ${PLAN_VERSION}`,
    '',
    ...formatEnum(
      'plan_phase',
      PHASES.map((phase, index) => [`PHASE_${toConstant(phase)}`, index]),
    ),
    '',
    ...formatEnum(
      'plan_op',
      ops.map((op) => [`OP_${toConstant(op)}`, OPS[op].code]),
    ),
    '',
    ...Object.entries(OPTION).map(([name, value]) => `#define OPT_${name} ${value}`),
    '',
    '/* Index of each field in its operation. */',
    'enum plan_field {',
    ...ops.flatMap(formatFieldIndexes),
    '};',
    '',
    'struct plan_op_shape {',
    '\tuint16_t code;',
    '\tuint8_t phase;',
    "\tconst char *fields; /* one letter each: 's' str, 'u' u64, 'b' bytes */",
    '\tconst char *name;',
    '};',
    '',
    '/* In order of code. */',
    'static const struct plan_op_shape plan_op_shapes[] = {',
    ...ops.map(formatShape),
    '};',
    '',
    '#endif',
    '',
  ].join('\n');
}

/** `host-address` and `logDir` as C writes constants: `HOST_ADDRESS`, `LOG_DIR`. */
function toConstant(name: string): string {
  return name
    .replace(/-/g, '_')
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase();
}

function formatEnum(name: string, members: readonly (readonly [string, number])[]): string[] {
  return [`enum ${name} {`, ...members.map(([member, value]) => `\t${member} = ${value},`), '};'];
}

function formatFieldIndexes(op: OpName): string[] {
  const members = Object.keys(OPS[op].fields).map(
    (field, index) => `F_${toConstant(op)}_${toConstant(field)} = ${index},`,
  );
  return members.length === 0 ? [] : [`\t${members.join(' ')}`];
}

function formatShape(op: OpName): string {
  const { phase, fields } = OPS[op];
  const letters = Object.values(fields).map((type) => FIELD_LETTERS[type as keyof typeof FIELD_LETTERS]);
  return `\t{ OP_${toConstant(op)}, PHASE_${toConstant(phase)}, "${letters.join('')}", "${op}" },`;
}

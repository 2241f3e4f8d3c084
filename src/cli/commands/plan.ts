import { loadFormatsOf } from '../../container/load-formats-of.js';
import { plan, planText } from '../../container/plan.js';
import { PLAN_INDENT } from '../../exec/format-plan.js';
import type { CommandModule } from '../command.js';
import { answer, answerJson, terminalWidth } from '../output.js';
import { wrapLine } from '../wrap.js';

/** Bytes as hexadecimal digits, numbers beyond a double's precision as text. */
function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return typeof value === 'bigint' ? String(value) : value;
}

/** Each operation begins a line, and its fields stay in their column. */
function wrapPlan(text: string, width: number | undefined): string {
  return text.replace(/^.*\n/gm, (line) => wrapLine(line.slice(0, -1), PLAN_INDENT, width));
}

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name>', 'a container')
      .option('--json', 'all operations with all fields')
      .action(async (name: string, { json }: { json?: boolean }) => {
        await loadFormatsOf(name);
        if (!json) return answer(wrapPlan(await planText(name), terminalWidth()));
        const ops = (await plan(name)).ops.map((op) =>
          Object.fromEntries(Object.entries(op).map(([field, value]) => [field, toJson(value)])),
        );
        return answerJson({ ops });
      });
  },
};

import { loadFormatsOf } from '../../container/load-formats-of.js';
import { plan, planText } from '../../container/plan.js';
import type { CommandModule } from '../command.js';
import { answer, answerJson } from '../output.js';

/** Bytes as hexadecimal digits, numbers beyond a double's precision as text. */
function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return typeof value === 'bigint' ? String(value) : value;
}

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<name>', 'a container')
      .option('--json', 'all operations with all fields')
      .action(async (name: string, { json }: { json?: boolean }) => {
        await loadFormatsOf(name);
        if (!json) return answer(await planText(name));
        const ops = (await plan(name)).ops.map((op) =>
          Object.fromEntries(Object.entries(op).map(([field, value]) => [field, toJson(value)])),
        );
        return answerJson({ ops });
      });
  },
};

import { readDefinitionFile } from '../../container/read-spec.js';
import { validate } from '../../container/validate.js';
import type { CommandModule } from '../command.js';
import { answer, note } from '../output.js';

export const command: CommandModule = {
  configure(command) {
    command.argument('<file>', "a definition; '-' is stdin").action(async (file: string) => {
      const { valid, rendered, givesUp } = validate(await readDefinitionFile(file), file);
      if (rendered !== '') note(rendered);
      for (const line of givesUp) note(`note: ${line}`);
      if (valid) answer(`'${file}' is valid\n`);
      else process.exitCode = 1;
    });
  },
};

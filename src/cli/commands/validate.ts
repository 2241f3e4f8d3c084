import { type Validated, validateFile } from '../../container/validate.js';
import type { CommandModule } from '../command.js';
import { forEachName } from '../for-each-name.js';
import { addGivenOptions, checkOneFile, type GivenFlags } from '../given-options.js';
import { answer, answerJson } from '../output.js';
import { tellDefinition } from '../tell-definition.js';
import { visible } from '../visible.js';

interface Options extends GivenFlags {
  json?: boolean;
  schema?: boolean;
}

export const command: CommandModule = {
  configure(command) {
    addGivenOptions(command.argument('[file...]', "definitions in any format; '-' is stdin"))
      .option('--json', 'as JSON')
      .option('--schema', "print the JSON Schema of ctr's own JSON")
      .action(async (files: string[], { json, schema, ...given }: Options) => {
        if (schema) {
          const { formatSpecSchema } = await import('../../config/json/spec-schema.js');
          return answer(formatSpecSchema());
        }
        checkOneFile(command, files, given);
        if (files.length === 0) command.error("error: missing required argument 'file'");
        const results: Validated[] = [];
        await forEachName(files, async (file) => {
          const result = await validateFile(file, given);
          results.push(result);
          if (!result.valid) process.exitCode = 1;
          if (!json) tell(result);
        });
        return json ? answerJson(results.map(formatValidated)) : undefined;
      });
  },
};

/** One element of `validate --json`. */
export function formatValidated({ rendered: _text, ...result }: Validated) {
  return result;
}

function tell({ file, valid, diagnostics, rendered, ...told }: Validated): void {
  tellDefinition('it', { ...told, warnings: diagnostics, renderedWarnings: rendered });
  if (valid) answer(visible(`'${file}' is valid\n`));
}

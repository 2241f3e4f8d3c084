import { type Validated, validateFile } from '../../container/validate.js';
import type { CommandModule } from '../command.js';
import { forEachName } from '../for-each-name.js';
import { addGivenOptions, checkOneFile, type GivenFlags } from '../given-options.js';
import { answer, answerJson, note } from '../output.js';
import { untoldRefusals } from '../untold-refusals.js';
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

function tell({ file, valid, diagnostics, rendered, givesUp, refusals }: Validated): void {
  if (rendered !== '') note(rendered);
  for (const line of givesUp) note(`note: ${line}`);
  for (const line of untoldRefusals(refusals, diagnostics)) note(visible(`warning: it will not start: ${line}`));
  if (valid) answer(visible(`'${file}' is valid\n`));
}

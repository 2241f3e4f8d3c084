import { FORMAT_WORDS, type TextFormat } from '../../config/detect-format.js';
import { convertFile } from '../../container/convert.js';
import type { CommandModule } from '../command.js';
import { addGivenOptions, type GivenFlags } from '../given-options.js';
import { answer, note } from '../output.js';
import { parseFormat } from '../values.js';
import { visible } from '../visible.js';

interface Options extends Omit<GivenFlags, 'format'> {
  to: TextFormat;
  from?: TextFormat;
  likeLibvirt?: boolean;
  uuid?: string;
  emulator?: string;
  strict?: boolean;
}

export const command: CommandModule = {
  configure(command) {
    command
      .argument('<file>', "a definition in any format; '-' is stdin")
      .requiredOption('--to <format>', `what to print: ${FORMAT_WORDS.join(', ')}`, parseFormat);
    addGivenOptions(command, 'from')
      .option('--like-libvirt', "from lxc to xml as libvirt's own conversion")
      .option('--uuid <uuid>', 'uuid of the domain; its MAC addresses follow from it')
      .option('--emulator <path>', 'path of <emulator>, with --like-libvirt')
      .option('--strict', 'exit status 1 when something is lost')
      .addHelpText('after', '\nWhat the format has no word for is told on stderr, a line each.')
      .action(async (file: string, { from, strict, ...options }: Options) => {
        const { text, losses, renderedWarnings } = await convertFile(file, { ...options, format: from });
        if (renderedWarnings !== '') note(renderedWarnings);
        for (const loss of losses) note(visible(`warning: ${loss}`));
        answer(text);
        if (strict && losses.length > 0) process.exitCode = 1;
      });
  },
};

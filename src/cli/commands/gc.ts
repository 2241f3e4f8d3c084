import { gc } from '../../container/gc.js';
import type { CommandModule } from '../command.js';
import { answer, note } from '../output.js';

export const command: CommandModule = {
  configure(command) {
    command.action(async () => {
      const { done, failed } = await gc();
      for (const what of done) answer(`removed ${what}\n`);
      for (const what of failed) note(`ctr: cannot remove ${what}`);
      if (failed.length > 0) process.exitCode = 1;
    });
  },
};

import { compileAheadOfMany } from '../../container/compile-many.js';
import type { CommandModule } from '../command.js';

/** For the front door, before it starts many: it holds no lock then, and has each failure told by the start itself. */
export const command: CommandModule = {
  configure(command) {
    command.argument('<names...>').action((names: string[]) => compileAheadOfMany(names));
  },
};

import type { CommandModule } from '../command.js';
import { addHotOptions } from '../hot-verbs.js';

export const command: CommandModule = {
  handsOver: true,
  configure(command) {
    command
      .argument('[name...]', "containers, also those yet to come (default: all); '*', '?' and '[…]' match names")
      .addHelpText(
        'after',
        `
A line for each: define, undefine, start, restart, freeze, thaw, oom, exit,
stop, crash (its monitor was lost). 'exit' is the end of init, with its reason;
'stop' follows when everything of it is taken away.
It ends with ^C, or when nobody reads it any more.

Examples:
  ctr events web
  ctr events --json 'web-*' | jq -r 'select(.event == "oom") | .name'`,
      );
    addHotOptions(command, 'events');
  },
};

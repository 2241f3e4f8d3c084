/** The parser of one command. The only file that configures commander; `commands/` use what it gives them. */
import { Command } from 'commander';
import type { CommandModule } from './command.js';
import { answer, note } from './output.js';
import type { Verb } from './verbs.js';
import { visible } from './visible.js';

const WIDTH = 80;

/** A parser that throws instead of exiting, and speaks in the shape of ctr's own errors. */
export function makeCommand(verb: Verb, module: CommandModule): Command {
  const command = new Command(`ctr ${verb.name}`)
    .description(sentence(verb.summary))
    .exitOverride()
    .helpOption('-h, --help', 'show this help')
    .configureHelp({ helpWidth: WIDTH })
    .configureOutput({
      writeOut: answer,
      writeErr: (text) => note(text.trimEnd()),
      outputError: (text, write) => write(describeMistake(text, verb)),
    });
  if (verb.alias !== undefined) command.addHelpText('before', `alias: ctr ${verb.alias}\n`);
  module.configure(command);
  // Without an action the parser runs no hooks.
  if (module.handsOver) command.action(() => {});
  command.option('--debug', 'say on stderr what is done');
  command.hook('preAction', () => {
    if (command.opts().debug) process.env.CTR_DEBUG = '1';
  });
  return command;
}

/** In the shape of ctr's own errors, with the parser's guess as the hint. */
function describeMistake(text: string, { name, helpOf = name }: Verb): string {
  const [, message = text, guess] = /^(.*?)\n\(Did you mean (?:one of )?(.*)\?\)\n?$/s.exec(text) ?? [];
  const hint = guess === undefined ? `ctr ${helpOf} --help` : `did you mean ${guess.replace(/[^ ,]+/g, "'$&'")}?`;
  return `${visible(message.replace(/^error: /, 'ctr: ').trimEnd())}\nhint: ${visible(hint)}\n`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** docs/reference/commands.md, from the commands themselves. Pure. */
import type { Command } from 'commander';
import type { CommandModule } from './command.js';
import { command as attachDevice } from './commands/attach-device.js';
import { command as bootstrap } from './commands/bootstrap.js';
import { command as check } from './commands/check.js';
import { command as completion } from './commands/completion.js';
import { command as console_ } from './commands/console.js';
import { command as convert } from './commands/convert.js';
import { command as cp } from './commands/cp.js';
import { command as define } from './commands/define.js';
import { command as destroy } from './commands/destroy.js';
import { command as detachDevice } from './commands/detach-device.js';
import { command as dumpxml } from './commands/dumpxml.js';
import { command as edit } from './commands/edit.js';
import { command as enter } from './commands/enter.js';
import { command as events } from './commands/events.js';
import { command as gc } from './commands/gc.js';
import { command as info } from './commands/info.js';
import { command as list } from './commands/list.js';
import { command as logs } from './commands/logs.js';
import { command as net } from './commands/net.js';
import { command as plan } from './commands/plan.js';
import { command as resume } from './commands/resume.js';
import { command as run } from './commands/run.js';
import { command as set } from './commands/set.js';
import { command as shutdown } from './commands/shutdown.js';
import { command as start } from './commands/start.js';
import { command as stats } from './commands/stats.js';
import { command as stop } from './commands/stop.js';
import { command as suspend } from './commands/suspend.js';
import { command as top } from './commands/top.js';
import { command as undefine } from './commands/undefine.js';
import { command as validate } from './commands/validate.js';
import { command as wait } from './commands/wait.js';
import { makeCommand } from './make-command.js';
import { VERBS, type Verb } from './verbs.js';

/** Loaded at once, unlike in `verbs.ts`. */
const MODULES: Readonly<Record<string, CommandModule>> = {
  'attach-device': attachDevice,
  bootstrap,
  check,
  completion,
  console: console_,
  convert,
  cp,
  define,
  destroy,
  'detach-device': detachDevice,
  dumpxml,
  edit,
  enter,
  events,
  gc,
  info,
  list,
  logs,
  net,
  plan,
  run,
  resume,
  set,
  shutdown,
  start,
  stats,
  stop,
  suspend,
  top,
  undefine,
  validate,
  wait,
};

const INTRODUCTION = `# Commands

Generated from \`src/cli/\` by \`npm run generate\`. The answer of a command is on stdout, everything else on stderr.

Exit status: 0; 1 failed; 2 the command line is wrong. \`enter\` and \`run\` return the status of their command: 125 \`ctr\` itself
failed, 126 not executable, 127 not found, 128+n ended by signal n. Every command takes \`--help\` and \`--debug\`.
`;

/** The whole page. @throws Error when a verb has no module here */
export function describeCommands(): string {
  const groups = [...new Set(VERBS.map(({ group }) => group))];
  const sections = groups.map((group) => {
    const verbs = VERBS.filter((verb) => verb.group === group).map(describeVerb);
    return `## ${group.charAt(0).toUpperCase()}${group.slice(1)}\n\n${verbs.join('\n')}`;
  });
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

function describeVerb(verb: Verb): string {
  const module = MODULES[verb.name];
  if (module === undefined) throw new Error(`describe-commands: '${verb.name}' is missing`);
  const command = makeCommand(verb, module);
  const texts = [command, ...command.commands.filter((part) => part.name() !== 'help')].map((part) =>
    helpText(part).trim(),
  );
  return `### ctr ${verb.name}\n\n${texts.map((text) => `\`\`\`\n${text}\n\`\`\`\n`).join('\n')}`;
}

/** As \`--help\` writes it, the text after the options included. */
function helpText(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

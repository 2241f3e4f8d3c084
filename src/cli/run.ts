/** From the arguments to the exit status. */
import { nearestName } from '../config/nearest-name.js';
import { CtrError } from '../errors.js';
import type { CommandModule } from './command.js';
import { formatHelp } from './help.js';
import { answer, note } from './output.js';
import { exitStatusOf, renderError } from './render-error.js';
import { findVerb, VERBS, type Verb } from './verbs.js';
import { VERSION } from './version.js';

/** Runs one command. @param args without node and the program @returns the exit status */
export async function run(args: readonly string[]): Promise<number> {
  const rest = [...args];
  while (rest[0] === '--debug') {
    process.env.CTR_DEBUG = '1';
    rest.shift();
  }
  const [name, ...verbArgs] = rest;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    return help(name === undefined, verbArgs[0]);
  }
  if (name === '--version' || name === '-V') {
    answer(`ctr ${VERSION}\n`);
    return 0;
  }
  const verb = findVerb(name);
  if (verb === undefined) return fail(unknownVerb(name));
  return runVerb(verb, verbArgs);
}

/** `ctr` alone is a mistake and told on stderr; `ctr help VERB` is `ctr VERB --help`. */
async function help(isMistake: boolean, name: string | undefined): Promise<number> {
  const verb = name === undefined ? undefined : findVerb(name);
  if (verb !== undefined) return runVerb(verb, ['--help']);
  if (isMistake) note(formatHelp(VERBS).trimEnd());
  else answer(formatHelp(VERBS));
  return isMistake ? 2 : 0;
}

async function runVerb(verb: Verb, args: readonly string[]): Promise<number> {
  const [{ makeCommand }, { command: module }] = await Promise.all([import('./make-command.js'), verb.load()]);
  const command = makeCommand(verb, module);
  try {
    const arranged = module.arrange?.(args) ?? [...args];
    await command.parseAsync(arranged, { from: 'user' });
    if (!module.handsOver) return Number(process.exitCode ?? 0);
    const { handOver } = await import('./hand-over.js');
    return await handOver(verb.name, arranged);
  } catch (error) {
    // The parser has written its message, or the help that was asked for.
    if (isParserExit(error)) return error.exitCode === 0 ? 0 : (module.failureStatus ?? 2);
    return fail(error, module);
  }
}

function isParserExit(error: unknown): error is { code: string; exitCode: number } {
  return (
    typeof error === 'object' && error !== null && String((error as { code?: unknown }).code).startsWith('commander.')
  );
}

function unknownVerb(name: string): CtrError {
  const names = VERBS.flatMap((verb) => (verb.alias === undefined ? [verb.name] : [verb.name, verb.alias]));
  const nearest = nearestName(name, names);
  return new CtrError('CTR_USAGE', `cannot run '${name}': there is no such command`, {
    hint: nearest === undefined ? 'ctr --help lists the commands' : `did you mean 'ctr ${nearest}'?`,
  });
}

function fail(error: unknown, module?: CommandModule): number {
  note(renderError(error, { debug: Boolean(process.env.CTR_DEBUG) }));
  return module?.failureStatus ?? exitStatusOf(error);
}

/** All commands, in the order of `ctr --help`. Adding one: a row here, a file in `commands/`. */
import type { CommandModule } from './command.js';

export interface Verb {
  readonly name: string;
  readonly alias?: string;
  /** One line, what it does. */
  readonly summary: string;
  /** Of a hidden one: the verb whose options it has. */
  readonly helpOf?: string;
  readonly load: () => Promise<{ readonly command: CommandModule }>;
}

export interface ListedVerb extends Verb {
  readonly group: 'configuration' | 'lifecycle' | 'getting in' | 'looking' | 'host';
}

export const VERBS: readonly ListedVerb[] = [
  {
    name: 'bootstrap',
    group: 'configuration',
    summary: 'make a root file system from a template and define it',
    load: () => import('./commands/bootstrap.js'),
  },
  {
    name: 'define',
    group: 'configuration',
    summary: 'store definitions of containers',
    load: () => import('./commands/define.js'),
  },
  {
    name: 'undefine',
    group: 'configuration',
    summary: 'forget definitions',
    load: () => import('./commands/undefine.js'),
  },
  {
    name: 'validate',
    group: 'configuration',
    summary: 'check definitions without storing them',
    load: () => import('./commands/validate.js'),
  },
  {
    name: 'convert',
    group: 'configuration',
    summary: 'print a definition in another format',
    load: () => import('./commands/convert.js'),
  },
  {
    name: 'dumpxml',
    group: 'configuration',
    summary: "print a container's definition as libvirt's XML",
    load: () => import('./commands/dumpxml.js'),
  },
  {
    name: 'edit',
    group: 'configuration',
    summary: "change a container's definition in an editor",
    load: () => import('./commands/edit.js'),
  },
  {
    name: 'attach-device',
    group: 'configuration',
    summary: 'add a device to a definition',
    load: () => import('./commands/attach-device.js'),
  },
  {
    name: 'detach-device',
    group: 'configuration',
    summary: 'take a device out of a definition',
    load: () => import('./commands/detach-device.js'),
  },
  {
    name: 'set',
    group: 'configuration',
    summary: 'change limits of a container, running or not',
    load: () => import('./commands/set.js'),
  },
  {
    name: 'plan',
    group: 'configuration',
    summary: 'print what a start would do',
    load: () => import('./commands/plan.js'),
  },
  { name: 'start', group: 'lifecycle', summary: 'start containers', load: () => import('./commands/start.js') },
  {
    name: 'stop',
    group: 'lifecycle',
    summary: 'ask containers to end, then kill them',
    load: () => import('./commands/stop.js'),
  },
  {
    name: 'shutdown',
    group: 'lifecycle',
    summary: 'ask containers to end and wait',
    load: () => import('./commands/shutdown.js'),
  },
  {
    name: 'destroy',
    group: 'lifecycle',
    summary: 'kill containers at once',
    load: () => import('./commands/destroy.js'),
  },
  {
    name: 'suspend',
    group: 'lifecycle',
    summary: 'pause containers: no process of them runs',
    load: () => import('./commands/suspend.js'),
  },
  {
    name: 'resume',
    group: 'lifecycle',
    summary: 'let paused containers go on',
    load: () => import('./commands/resume.js'),
  },
  {
    name: 'wait',
    group: 'lifecycle',
    summary: 'wait until a container has ended',
    load: () => import('./commands/wait.js'),
  },
  {
    name: 'run',
    group: 'getting in',
    summary: 'run a command in a new container that is gone afterwards',
    load: () => import('./commands/run.js'),
  },
  {
    name: 'enter',
    alias: 'exec',
    group: 'getting in',
    summary: 'run a command or a shell in a container',
    load: () => import('./commands/enter.js'),
  },
  {
    name: 'console',
    group: 'getting in',
    summary: "join a container's console",
    load: () => import('./commands/console.js'),
  },
  {
    name: 'cp',
    group: 'getting in',
    summary: 'copy files into a container or out of it',
    load: () => import('./commands/cp.js'),
  },
  { name: 'logs', group: 'getting in', summary: 'print what a console said', load: () => import('./commands/logs.js') },
  { name: 'list', alias: 'ls', group: 'looking', summary: 'list containers', load: () => import('./commands/list.js') },
  {
    name: 'info',
    group: 'looking',
    summary: 'show everything about a container',
    load: () => import('./commands/info.js'),
  },
  {
    name: 'stats',
    group: 'looking',
    summary: 'show what containers use, a line each',
    load: () => import('./commands/stats.js'),
  },
  {
    name: 'top',
    group: 'looking',
    summary: 'show what containers use, live',
    load: () => import('./commands/top.js'),
  },
  {
    name: 'events',
    group: 'looking',
    summary: 'tell what happens to containers, as it happens',
    load: () => import('./commands/events.js'),
  },
  {
    name: 'net',
    group: 'host',
    summary: 'networks that containers connect to',
    load: () => import('./commands/net.js'),
  },
  { name: 'check', group: 'host', summary: 'try what this host offers', load: () => import('./commands/check.js') },
  {
    name: 'gc',
    group: 'host',
    summary: 'take away what killed commands left',
    load: () => import('./commands/gc.js'),
  },
  {
    name: 'completion',
    group: 'host',
    summary: 'print the script that lets a shell complete',
    load: () => import('./commands/completion.js'),
  },
];

/** What the front door and the shells ask of this side. In no help. */
export const HIDDEN_VERBS: readonly Verb[] = [
  {
    name: 'compile-plan',
    summary: 'compile the plan of a container',
    load: () => import('./commands/compile-plan.js'),
  },
  {
    name: 'compile-plans',
    summary: 'compile the plans of many containers',
    load: () => import('./commands/compile-plans.js'),
  },
  {
    name: 'compile-run',
    summary: 'compile the plan of a run',
    helpOf: 'run',
    load: () => import('./commands/compile-run.js'),
  },
  {
    name: 'explain-start',
    summary: 'say why a start failed',
    load: () => import('./commands/explain-start.js'),
  },
  {
    name: '__complete',
    summary: 'complete a command line',
    // It is given the table: to import it would be a cycle.
    load: async () => ({ command: (await import('./commands/complete.js')).makeComplete(VERBS) }),
  },
];

/** The verb of a name or an alias. */
export function findVerb(name: string): Verb | undefined {
  return [...VERBS, ...HIDDEN_VERBS].find((verb) => verb.name === name || verb.alias === name);
}

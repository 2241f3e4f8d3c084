import type { CommandModule } from '../command.js';
import { addHotOptions } from '../hot-verbs.js';

/** A path of a container: `NAME:PATH`, with no slash before the colon. */
const INSIDE = /^[^/:]+:/;

export const command: CommandModule = {
  handsOver: true,
  configure(command) {
    command
      .argument('<src>', "'NAME:PATH' in a container, or a path of the host")
      .argument('<dst>', 'the other of the two')
      .addHelpText(
        'after',
        `
A directory that is there takes SRC by its name; 'DIR/.' is what is in DIR.
What comes in belongs to root inside, what comes out to the caller, unless -a
says otherwise. Symbolic links stay links, holes stay holes; hard links become
files of their own; devices and sockets are left out, and told. Mounts inside
are not entered, unless SRC is one. A container may run or not.

Examples:
  ctr cp nginx.conf web:/etc/nginx/
  ctr cp -a web:/var/log/. ./logs`,
      )
      .hook('preAction', () => {
        const [source = '', target = ''] = command.args;
        if (source === '-' || target === '-')
          command.error("error: there is no stream: 'ctr enter NAME -- tar' makes one");
        if (INSIDE.test(source) !== INSIDE.test(target)) return;
        command.error("error: one of SRC and DST is 'NAME:PATH', and the other a path of the host");
      });
    addHotOptions(command, 'cp');
  },
};

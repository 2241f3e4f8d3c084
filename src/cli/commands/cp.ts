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
says otherwise. Links of both kinds stay links, holes stay holes; devices and
sockets are left out, and told. Mounts inside are not entered, unless SRC is
one. A container may run or not.

'-' on the host's side is a tar archive: SRC becomes one at stdout, or one at
stdin is unpacked in DST, by the same rules.

Examples:
  ctr cp nginx.conf web:/etc/nginx/
  ctr cp -a web:/var/log/. ./logs
  ctr cp web:/etc - | tar -t
  tar -c . | ctr cp - web:/srv`,
      )
      .hook('preAction', () => {
        const [source = '', target = ''] = command.args;
        if (INSIDE.test(source) !== INSIDE.test(target)) return;
        command.error("error: one of SRC and DST is 'NAME:PATH', and the other a path of the host");
      });
    addHotOptions(command, 'cp');
  },
};

/** `attach-device` and `detach-device`, which differ in one word. */
import type { attachDevice } from '../container/attach-device.js';
import { readDefinitionFile } from '../container/read-file.js';
import type { CommandModule } from './command.js';
import { answer } from './output.js';
import { tellDefinition } from './tell-definition.js';

/** @param done what the answer says: `attached a device to` */
export function makeDeviceCommand(edit: typeof attachDevice, done: string): CommandModule {
  return {
    configure(command) {
      command
        .argument('<name>', "a container that is defined by libvirt's XML")
        .argument('<file>', "one <filesystem>, <interface>, <disk>, <hostdev> or <console>; '-' is stdin")
        .option('--config', 'change the definition (the only way so far)')
        .addOption(command.createOption('--live').hideHelp())
        .addHelpText('after', '\nThe next start has it: a running container stays as it is.')
        .action(async (name: string, file: string, { live }: { live?: boolean }) => {
          if (live) command.error('error: --live is not there yet: only the definition can be changed');
          tellDefinition(`'${name}'`, await edit(name, await readDefinitionFile(file), { file }));
          answer(`${done} '${name}'\n`);
        });
    },
  };
}

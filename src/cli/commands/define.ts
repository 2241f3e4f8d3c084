import { type Defined, defineFile, defineRoot } from '../../container/define.js';
import type { SettingsMode } from '../../container/find-root.js';
import type { CommandModule } from '../command.js';
import { forEachName } from '../for-each-name.js';
import { addGivenOptions, checkOneFile, type GivenFlags } from '../given-options.js';
import { answer } from '../output.js';
import { tellDefinition } from '../tell-definition.js';
import { parseOwnership, parseSettingsMode } from '../values.js';

interface Options extends GivenFlags {
  replace?: boolean;
  settings?: SettingsMode;
  ownership?: 'chown';
}

const EXAMPLES = `
FILE is libvirt's XML, an .nspawn file, an LXC configuration or an OCI
config.json; a directory with one of the latter two in it; '-' is stdin.
Without FILE, --rootfs is a tree that is booted, with the settings that
systemd-nspawn would find for it.

  ctr define vm.xml web.nspawn
  ctr define /var/lib/lxc/u1/config
  ctr define bundle/ --name web
  ctr define --rootfs /var/lib/machines/web`;

export const command: CommandModule = {
  configure(command) {
    addGivenOptions(command.argument('[file...]', 'definitions'))
      .option('--replace', 'take the place of another definition of this name')
      .option('--settings <mode>', 'with --rootfs alone: what NAME.nspawn may say (default: yes)', parseSettingsMode)
      .option(
        '--ownership <how>',
        "'chown': give the files of the root to its ids on the host, where its file system has no id-mapped mounts",
        parseOwnership,
      )
      .addHelpText('after', EXAMPLES)
      .action(async (files: string[], options: Options) => {
        const { rootfs, settings, format, ...rest } = options;
        checkOneFile(command, files, options);
        if (files.length === 0 && rootfs === undefined) command.error("error: missing required argument 'file'");
        if (files.length > 0 && settings !== undefined) {
          command.error('error: --settings goes with --rootfs and no file: a file that is named is read');
        }
        if (rootfs !== undefined && files.length === 0) {
          if (format !== undefined) command.error('error: --format goes with a file');
          tell(await defineRoot(rootfs, { ...rest, settings }));
          return;
        }
        await forEachName(files, async (file) => tell(await defineFile(file, options)));
      });
  },
};

function tell(defined: Defined): void {
  const { name, replaced } = defined;
  tellDefinition(`'${name}'`, defined);
  answer(`${replaced ? 'redefined' : 'defined'} '${name}'\n`);
}

import type { Command } from 'commander';
import { checkNetworks } from '../../container/check-network.js';
import {
  autostartNetwork,
  defineNetwork,
  dumpNetwork,
  openNetworkEdit,
  undefineNetwork,
} from '../../container/define-network.js';
import { makeEditedFile } from '../../container/edit-text.js';
import { infoNetwork, listNetworks, type NetworkInfo } from '../../container/network-info.js';
import { listLeases, type NetworkLease, pruneLeases } from '../../container/network-leases.js';
import { readDefinitionFile } from '../../container/read-file.js';
import { startNetwork, stopNetwork } from '../../container/start-network.js';
import type { CommandModule } from '../command.js';
import { editUntilSaved } from '../edit-until-saved.js';
import { forEachName } from '../for-each-name.js';
import { answer, answerJson, note, terminalWidth } from '../output.js';
import { formatFields, formatTable } from '../table.js';
import { formatCheck } from './check.js';

const EXAMPLES = `
A network is libvirt's <network> XML. 'default' is there from the start; it
comes with its first container and goes with its last one, unless it was started
here or is autostarted.

  ctr net define lan.xml && ctr net start lan
  ctr net dumpxml default`;

const COLUMNS = [
  { title: 'NAME' },
  { title: 'STATE' },
  { title: 'AUTOSTART' },
  { title: 'PERSISTENT' },
  { title: 'BRIDGE' },
  { title: 'ADDRESS' },
] as const;

const yesNo = (value: boolean) => (value ? 'yes' : 'no');
const stateOf = ({ active }: NetworkInfo) => (active ? 'active' : 'inactive');

export const command: CommandModule = {
  configure(command) {
    command.usage('ACTION [options] [arguments]').addHelpText('after', EXAMPLES);
    addDefinitions(command);
    addLifecycle(command);
    addLooking(command);
  },
};

function addDefinitions(command: Command): void {
  const tell = async (file: string, transient: boolean) => {
    const { name, replaced, renderedWarnings } = await defineNetwork(await readDefinitionFile(file), {
      file,
      transient,
    });
    if (renderedWarnings !== '') note(renderedWarnings);
    return { name, replaced };
  };
  command
    .command('define')
    .description('Store definitions of networks.')
    .argument('<file...>', "libvirt's <network>; '-' is stdin")
    .action((files: string[]) =>
      forEachName(files, async (file) => {
        const { name, replaced } = await tell(file, false);
        answer(`${replaced ? 'redefined' : 'defined'} network '${name}'\n`);
      }),
    );
  command
    .command('create')
    .description('Start a network that is gone once it is stopped.')
    .argument('<file>', "libvirt's <network>; '-' is stdin")
    .action(async (file: string) => {
      const { name } = await tell(file, true);
      try {
        await startNetwork(name);
      } catch (error) {
        await undefineNetwork(name);
        throw error;
      }
      answer(`created network '${name}'\n`);
    });
  command
    .command('undefine')
    .description('Forget networks; one that is active goes when it is stopped.')
    .argument('<name...>', 'networks')
    .action((names: string[]) =>
      forEachName(names, async (name) => {
        await undefineNetwork(name);
        answer(`undefined network '${name}'\n`);
      }),
    );
  command
    .command('edit')
    .description('Change a definition in an editor.')
    .argument('<name>', 'a network')
    .action(async (name: string) => {
      const edit = await openNetworkEdit(name);
      const file = await makeEditedFile(`${name}.xml`, edit.text);
      await editUntilSaved(`network '${name}'`, file, async (text) => {
        const changed = await edit.save(text);
        if (changed !== undefined && changed.renderedWarnings !== '') note(changed.renderedWarnings);
        return changed !== undefined;
      });
    });
  command
    .command('autostart')
    .description('Keep a network without a container.')
    .argument('<name>', 'a network')
    .option('--disable', 'no longer')
    .action(async (name: string, { disable = false }: { disable?: boolean }) => {
      await autostartNetwork(name, !disable);
      answer(`network '${name}' is ${disable ? 'no longer ' : ''}autostarted\n`);
    });
}

function addLifecycle(command: Command): void {
  command
    .command('start')
    .description('Start networks, which then stay until they are stopped.')
    .argument('<name...>', 'networks')
    .action((names: string[]) =>
      forEachName(names, async (name) => {
        const { notes } = await startNetwork(name);
        for (const line of notes) note(line);
        answer(`started network '${name}'\n`);
      }),
    );
  command
    .command('stop')
    .alias('destroy')
    .description('Take networks down, also under running containers.')
    .argument('<name...>', 'networks')
    .action((names: string[]) =>
      forEachName(names, async (name) => {
        await stopNetwork(name);
        answer(`stopped network '${name}'\n`);
      }),
    );
}

function addLooking(command: Command): void {
  command
    .command('list')
    .description('List networks.')
    .option('-a, --all', 'also those that are not active')
    .option('--json', 'as JSON')
    .action(({ all = false, json = false }: { all?: boolean; json?: boolean }) => {
      const networks = listNetworks().filter(({ active }) => all || active);
      if (json) {
        answerJson(networks);
        return;
      }
      const rows = networks.map((network) => [
        network.name,
        stateOf(network),
        yesNo(network.autostart),
        yesNo(network.persistent),
        network.bridge,
        network.addresses.join(' '),
      ]);
      answer(formatTable(COLUMNS, rows, { width: terminalWidth() }));
    });
  command
    .command('info')
    .description('Show what is known of a network.')
    .argument('<name>', 'a network')
    .option('--json', 'as JSON')
    .action(async (name: string, { json = false }: { json?: boolean }) => {
      const network = await infoNetwork(name);
      if (json) answerJson(network);
      else answer(formatInfo(network));
    });
  command
    .command('leases')
    .description('List the addresses that its DHCP server has lent.')
    .argument('<name>', 'a network')
    .option('--prune', 'first forget those of whoever is no container of it')
    .option('--json', 'as JSON')
    .action(async (name: string, { prune = false, json = false }: { prune?: boolean; json?: boolean }) => {
      if (prune) {
        const count = await pruneLeases(name);
        if (count > 0) note(`${count} ${count === 1 ? 'lease' : 'leases'} released`);
      }
      const leases = await listLeases(name);
      if (json) answerJson(leases);
      else answer(formatLeases(leases));
    });
  command
    .command('dumpxml')
    .description("Print a network's definition as libvirt's XML.")
    .argument('<name>', 'a network')
    .action(async (name: string) => answer(await dumpNetwork(name)));
  command
    .command('check')
    .description('Say what of the host is in the way of active networks, and what to do.')
    .argument('[name...]', 'networks (default: all that are active)')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nThe exit status is 1 when something keeps containers from the world.')
    .action((names: string[], { json = false }: { json?: boolean }) => {
      const items = checkNetworks(names);
      if (json) answerJson(items);
      else answer(items.length === 0 ? 'no network is active\n' : formatCheck(items, terminalWidth()));
      if (items.some(({ status }) => status === 'missing')) process.exitCode = 1;
    });
}

function formatInfo(network: NetworkInfo): string {
  const { name, uuid, active, persistent, autostart, bridge, addresses, forward, outdated } = network;
  return formatFields([
    ['name', name],
    ['uuid', uuid],
    ['state', active ? (outdated ? 'active, as it was defined before' : 'active') : 'inactive'],
    ['persistent', yesNo(persistent)],
    ['autostart', yesNo(autostart)],
    ['bridge', bridge],
    ['address', addresses.length === 0 ? undefined : addresses.join(' ')],
    ['forward', forward],
    ['names', network.nameServer],
    ...network.containers.map(
      ({ name: container, host, addresses: own, mac, link = '' }, index) =>
        [
          index === 0 ? 'containers' : '',
          [container, host === container ? '' : `as ${host}`, ...own, mac, link]
            .filter((part) => part !== '')
            .join(' '),
        ] as const,
    ),
    ...listPorts(network).map((port, index) => [index === 0 ? 'ports' : '', port] as const),
    ['leases', network.leases === 0 ? undefined : String(network.leases)],
  ]);
}

function listPorts({ containers }: NetworkInfo): string[] {
  return containers.flatMap(({ name, ports = [] }) =>
    ports.map(({ protocol, address, host, container }) => {
      const from = address === undefined ? '' : address.includes(':') ? `[${address}]:` : `${address}:`;
      return `${from}${host} to ${name}:${container} ${protocol}`;
    }),
  );
}

const LEASE_COLUMNS = [
  { title: 'EXPIRES' },
  { title: 'MAC' },
  { title: 'ADDRESS' },
  { title: 'CONTAINER' },
  { title: 'CLIENT ID' },
] as const;

function formatLeases(leases: readonly NetworkLease[]): string {
  const rows = leases.map(({ expires, mac = '-', address, container, hostName = '-', clientId = '-' }) => [
    expires === undefined ? 'never' : formatTime(expires),
    mac,
    address,
    container ?? hostName,
    clientId,
  ]);
  return formatTable(LEASE_COLUMNS, rows, { width: terminalWidth() });
}

const formatTime = (seconds: number) => new Date(seconds * 1000).toISOString().replace('T', ' ').slice(0, 19);

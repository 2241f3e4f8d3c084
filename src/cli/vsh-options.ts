/** Options of `vsh` and `vshd`. The native programs' parsers and their --help are made from these tables, and the reference page. */

export interface VshOption {
  /** As ChromeOS spells its flags: with underscores. */
  readonly name: string;
  /** How help writes its value: `<n>`; a switch has none. */
  readonly value?: string;
  readonly text: string;
  /** Of the library alone, and in no help. */
  readonly hidden?: true;
}

export interface VshProgram {
  readonly name: 'vsh' | 'vshd';
  readonly usage: string;
  readonly summary: string;
  readonly options: readonly VshOption[];
  /** Lines below the options. */
  readonly after: readonly string[];
}

const HELP: VshOption = { name: 'help', text: 'show this' };

export const VSH: VshProgram = {
  name: 'vsh',
  usage: 'vsh [options] [--] [NAME=VALUE]... [COMMAND [ARGUMENT]...]',
  summary: 'Opens a shell in a virtual machine or in a container, or runs a command there.',
  options: [
    { name: 'cid', value: '<n>', text: 'machine with this vsock address; 1 is this one' },
    { name: 'vm_name', value: '<name>', text: 'machine of this name in /etc/ctr/vms' },
    { name: 'owner_id', value: '<id>', text: 'whose machine it is; --vm_name needs it' },
    { name: 'uds', value: '<path>', text: 'machine behind this socket of its hypervisor' },
    { name: 'unix', value: '<path>', text: 'vshd that listens on this unix socket' },
    { name: 'port', value: '<n>', text: 'vsock port of vshd (default: 9001)' },
    { name: 'user', value: '<user>', text: 'user there (default: chronos; container: root)' },
    { name: 'target_container', value: '<name>', text: 'in this container, not in the machine itself' },
    { name: 'cwd', value: '<dir|pid>', text: 'working directory, or that of this process there' },
    { name: 'env', value: '<name=value>', text: 'one more variable, of any value; may be repeated' },
    { name: 'listen_port', value: '<n>', text: 'wait 5 s on this port for a vshd that dials' },
    { name: 'container_features', value: '<list>', text: 'accepted, without effect' },
    { name: 'control', value: '<kind>', text: 'pipes or terminal: sizes and signals come by fd 3', hidden: true },
    HELP,
  ],
  after: [
    'No command: a login shell. With a terminal at stdin and stdout there is one at',
    'the other end as well.',
    'Exit status: that of the command; 128+n when signal n ended it; 123 when the',
    'connection was lost; 1 when anything else went wrong; 64, 65: the command line.',
  ],
};

export const VSHD: VshProgram = {
  name: 'vshd',
  usage: 'vshd [options]',
  summary: 'Serves vsh: shells and commands in this machine and in the containers on it.',
  options: [
    { name: 'listen', value: '<address>', text: 'vsock:PORT or unix:PATH (default: vsock:9001)' },
    { name: 'default_user', value: '<user>', text: 'user when nobody is named (default: chronos)' },
    { name: 'allow_to_switch_user', value: '[=bool]', text: 'become other users (default: true)' },
    { name: 'inherit_env', value: '[=bool]', text: "hand on vshd's environment (default: false)" },
    { name: 'forward_to_host_port', value: '<n>', text: 'dial this port of the host, serve it, end' },
    { name: 'allow_cid', value: '<n|any>', text: 'vsock: who else may connect; may be repeated' },
    { name: 'allow_uid', value: '<uid|any>', text: 'unix: who else may connect; may be repeated' },
    { name: 'log_kmsg', value: '[=bool]', text: 'log to /dev/kmsg, not stderr (default: false)' },
    HELP,
  ],
  after: ['Exit status: 0; 1 it cannot listen or dial; 64, 65 the command line is wrong.'],
};

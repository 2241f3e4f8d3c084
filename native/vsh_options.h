/* The options of vsh and vshd. Generated from src/cli/vsh-options.ts by `npm run generate`; do not edit. */
#ifndef CTR_VSH_OPTIONS_H
#define CTR_VSH_OPTIONS_H

enum vsh_value { VSH_NO_VALUE, VSH_VALUE, VSH_BOOL };

struct vsh_option {
	const char *name;
	enum vsh_value value;
};

enum { VSH_CID, VSH_VM_NAME, VSH_OWNER_ID, VSH_UDS, VSH_UNIX, VSH_PORT, VSH_USER, VSH_TARGET_CONTAINER, VSH_CWD, VSH_ENV, VSH_LISTEN_PORT, VSH_CONTAINER_FEATURES, VSH_CONTROL, VSH_HELP, VSH_OPTIONS };

/* Ends with an empty row. */
static const struct vsh_option vsh_options[] = {
	{ "cid", VSH_VALUE },
	{ "vm_name", VSH_VALUE },
	{ "owner_id", VSH_VALUE },
	{ "uds", VSH_VALUE },
	{ "unix", VSH_VALUE },
	{ "port", VSH_VALUE },
	{ "user", VSH_VALUE },
	{ "target_container", VSH_VALUE },
	{ "cwd", VSH_VALUE },
	{ "env", VSH_VALUE },
	{ "listen_port", VSH_VALUE },
	{ "container_features", VSH_VALUE },
	{ "control", VSH_VALUE },
	{ "help", VSH_NO_VALUE },
	{ 0 },
};

static const char vsh_help[] =
	"Usage: vsh [options] [--] [NAME=VALUE]... [COMMAND [ARGUMENT]...]\n"
	"\n"
	"Opens a shell in a virtual machine or in a container, or runs a command there.\n"
	"\n"
	"Options:\n"
	"  --cid=<n>                    machine with this vsock address; 1 is this one\n"
	"  --vm_name=<name>             machine of this name in /etc/ctr/vms\n"
	"  --owner_id=<id>              whose machine it is; --vm_name needs it\n"
	"  --uds=<path>                 machine behind this socket of its hypervisor\n"
	"  --unix=<path>                vshd that listens on this unix socket\n"
	"  --port=<n>                   vsock port of vshd (default: 9001)\n"
	"  --user=<user>                user there (default: chronos; container: root)\n"
	"  --target_container=<name>    in this container, not in the machine itself\n"
	"  --cwd=<dir|pid>              working directory, or that of this process there\n"
	"  --env=<name=value>           one more variable, of any value; may be repeated\n"
	"  --listen_port=<n>            wait 5 s on this port for a vshd that dials\n"
	"  --container_features=<list>  accepted, without effect\n"
	"  --help                       show this\n"
	"\n"
	"No command: a login shell. With a terminal at stdin and stdout there is one at\n"
	"the other end as well.\n"
	"Exit status: that of the command; 128+n when signal n ended it; 123 when the\n"
	"connection was lost; 1 when anything else went wrong; 64, 65: the command line.\n"
	;

enum { VSHD_LISTEN, VSHD_DEFAULT_USER, VSHD_ALLOW_TO_SWITCH_USER, VSHD_INHERIT_ENV, VSHD_FORWARD_TO_HOST_PORT, VSHD_ALLOW_CID, VSHD_ALLOW_UID, VSHD_LOG_KMSG, VSHD_HELP, VSHD_OPTIONS };

/* Ends with an empty row. */
static const struct vsh_option vshd_options[] = {
	{ "listen", VSH_VALUE },
	{ "default_user", VSH_VALUE },
	{ "allow_to_switch_user", VSH_BOOL },
	{ "inherit_env", VSH_BOOL },
	{ "forward_to_host_port", VSH_VALUE },
	{ "allow_cid", VSH_VALUE },
	{ "allow_uid", VSH_VALUE },
	{ "log_kmsg", VSH_BOOL },
	{ "help", VSH_NO_VALUE },
	{ 0 },
};

static const char vshd_help[] =
	"Usage: vshd [options]\n"
	"\n"
	"Serves vsh: shells and commands in this machine and in the containers on it.\n"
	"\n"
	"Options:\n"
	"  --listen=<address>             vsock:PORT or unix:PATH (default: vsock:9001)\n"
	"  --default_user=<user>          user when nobody is named (default: chronos)\n"
	"  --allow_to_switch_user[=bool]  become other users (default: true)\n"
	"  --inherit_env[=bool]           hand on vshd's environment (default: false)\n"
	"  --forward_to_host_port=<n>     dial this port of the host, serve it, end\n"
	"  --allow_cid=<n|any>            vsock: who else may connect; may be repeated\n"
	"  --allow_uid=<uid|any>          unix: who else may connect; may be repeated\n"
	"  --log_kmsg[=bool]              log to /dev/kmsg, not stderr (default: false)\n"
	"  --help                         show this\n"
	"\n"
	"Exit status: 0; 1 it cannot listen or dial; 64, 65 the command line is wrong.\n"
	;

#endif

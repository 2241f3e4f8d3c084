/* The options of vsh and vshd. Generated from src/cli/vsh-options.ts by `npm run generate`; do not edit. */
#ifndef CTR_VSH_OPTIONS_H
#define CTR_VSH_OPTIONS_H

enum vsh_value { VSH_NO_VALUE, VSH_VALUE, VSH_BOOL };

struct vsh_option {
	const char *name;
	enum vsh_value value;
};

enum { VSH_CID, VSH_VM_NAME, VSH_OWNER_ID, VSH_UDS, VSH_UNIX, VSH_PORT, VSH_USER, VSH_TARGET_CONTAINER, VSH_CWD, VSH_LISTEN_PORT, VSH_CONTAINER_FEATURES, VSH_HELP, VSH_OPTIONS };

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
	{ "listen_port", VSH_VALUE },
	{ "container_features", VSH_VALUE },
	{ "help", VSH_NO_VALUE },
	{ 0 },
};

static const char vsh_help[] =
	"Usage: vsh [options] [--] [NAME=VALUE]... [COMMAND [ARGUMENT]...]\n"
	"\n"
	"Opens a shell in a virtual machine or in a container, or runs a command there.\n"
	"\n"
	"Options:\n"
	"  --cid=<n>                    the machine with this vsock address; 1 is this one\n"
	"  --vm_name=<name>             the machine of this name in the table of machines\n"
	"  --owner_id=<id>              whose machine of that name; --vm_name needs it\n"
	"  --uds=<path>                 the machine behind this socket of Firecracker's or Cloud Hypervisor's\n"
	"  --unix=<path>                the vshd that listens on this unix socket\n"
	"  --port=<n>                   vsock port of vshd (default: 9001)\n"
	"  --user=<user>                who runs it (default: 'chronos'; in a container: its own choice)\n"
	"  --target_container=<name>    in this container, not in the machine itself\n"
	"  --cwd=<dir|pid>              working directory, or that of the process with this number there\n"
	"  --listen_port=<n>            wait on this port until a vshd dials in, 5 s at most\n"
	"  --container_features=<list>  accepted and without effect\n"
	"  --help                       show this\n"
	"\n"
	"No command: a login shell. With a terminal at stdin and stdout it gets one as well.\n"
	"Exit status: that of the command; 128+n when signal n ended it; 123 the connection was lost;\n"
	"1 anything else went wrong; 64, 65 the command line is wrong.\n"
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
	"  --listen=<address>             'vsock:PORT' or 'unix:PATH' (default: vsock:9001)\n"
	"  --default_user=<user>          who it is when nobody is named (default: 'chronos')\n"
	"  --allow_to_switch_user[=bool]  become other users than this one (default: true)\n"
	"  --inherit_env[=bool]           hand on this environment (default: false)\n"
	"  --forward_to_host_port=<n>     dial this port of the host, serve that one, end\n"
	"  --allow_cid=<n|any>            vsock: who may connect beside the host; may be repeated\n"
	"  --allow_uid=<uid|any>          unix: who may connect beside root and this user; may be repeated\n"
	"  --log_kmsg[=bool]              log to /dev/kmsg, not to stderr (default: false)\n"
	"  --help                         show this\n"
	"\n"
	"Exit status: 0; 1 it cannot listen or dial; 64, 65 the command line is wrong.\n"
	;

#endif

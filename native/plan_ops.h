/* The operations of a plan (docs/plan-format.md). Generated from src/exec/plan.ts by `npm run generate`; do not edit. */
#ifndef CTR_PLAN_OPS_H
#define CTR_PLAN_OPS_H

#include <stdint.h>

#define CTR_PLAN_VERSION 2

enum plan_phase {
	PHASE_META = 0,
	PHASE_HOST = 1,
	PHASE_LINK = 2,
	PHASE_MOUNT = 3,
	PHASE_INIT = 4,
};

enum plan_op {
	OP_NAME = 1,
	OP_CLONE = 2,
	OP_IDMAP = 3,
	OP_MONITOR = 4,
	OP_STOP_SIGNAL = 5,
	OP_CGROUP_DIR = 16,
	OP_CGROUP_WRITE = 17,
	OP_CGROUP_CPUSET = 18,
	OP_CGROUP_DEVICES = 19,
	OP_CGROUP_JOIN = 20,
	OP_BRIDGE = 21,
	OP_VETH = 32,
	OP_HOST_ADDRESS = 33,
	OP_HOST_ROUTE = 34,
	OP_ROOT = 48,
	OP_DETACH = 49,
	OP_MOUNT = 50,
	OP_BIND = 51,
	OP_NODE = 52,
	OP_SYMLINK = 53,
	OP_DIRECTORY = 54,
	OP_CONSOLE = 55,
	OP_MASK = 56,
	OP_READ_ONLY = 57,
	OP_PIVOT = 58,
	OP_HOSTNAME = 64,
	OP_LOOPBACK = 65,
	OP_ADDRESS = 66,
	OP_LINK_UP = 67,
	OP_ROUTE = 68,
	OP_PERSONALITY = 69,
	OP_CAPABILITIES = 70,
	OP_USER = 71,
	OP_CWD = 72,
	OP_NO_NEW_PRIVS = 73,
	OP_SECCOMP = 74,
	OP_ENV = 75,
	OP_ARG = 76,
	OP_EXEC = 77,
};

#define OPT_IDMAPPED 1
#define OPT_INSIDE 2
#define OPT_OPTIONAL 4
#define OPT_NO_SYMLINKS 8
#define OPT_CONTROLLING_TTY 16
#define OPT_READ_ONLY 32
#define OPT_SHARED 64
#define OPT_EARLY 128

/* Index of each field in its operation. */
enum plan_field {
	F_NAME_NAME = 0,
	F_CLONE_FLAGS = 0,
	F_IDMAP_KIND = 0, F_IDMAP_INSIDE = 1, F_IDMAP_OUTSIDE = 2, F_IDMAP_COUNT = 3,
	F_MONITOR_LOG_DIR = 0, F_MONITOR_LOG_LIMIT = 1, F_MONITOR_ON_REBOOT = 2,
	F_STOP_SIGNAL_SIGNAL = 0,
	F_CGROUP_DIR_PATH = 0, F_CGROUP_DIR_OPTIONS = 1,
	F_CGROUP_WRITE_PATH = 0, F_CGROUP_WRITE_VALUE = 1,
	F_CGROUP_CPUSET_PATH = 0,
	F_CGROUP_DEVICES_PATH = 0, F_CGROUP_DEVICES_PROGRAM = 1,
	F_CGROUP_JOIN_PATH = 0, F_CGROUP_JOIN_VERSION = 1,
	F_BRIDGE_NAME = 0, F_BRIDGE_MAC = 1, F_BRIDGE_OPTIONS = 2,
	F_VETH_HOST = 0, F_VETH_GUEST = 1, F_VETH_MAC = 2, F_VETH_MASTER = 3, F_VETH_MTU = 4,
	F_HOST_ADDRESS_LINK = 0, F_HOST_ADDRESS_ADDRESS = 1, F_HOST_ADDRESS_PREFIX = 2, F_HOST_ADDRESS_PEER = 3,
	F_HOST_ROUTE_LINK = 0, F_HOST_ROUTE_DESTINATION = 1, F_HOST_ROUTE_PREFIX = 2, F_HOST_ROUTE_GATEWAY = 3, F_HOST_ROUTE_METRIC = 4,
	F_ROOT_SOURCE = 0, F_ROOT_OPTIONS = 1,
	F_DETACH_PATH = 0, F_DETACH_OPTIONS = 1,
	F_MOUNT_FSTYPE = 0, F_MOUNT_SOURCE = 1, F_MOUNT_TARGET = 2, F_MOUNT_FLAGS = 3, F_MOUNT_DATA = 4, F_MOUNT_OPTIONS = 5,
	F_BIND_SOURCE = 0, F_BIND_TARGET = 1, F_BIND_FLAGS = 2, F_BIND_OPTIONS = 3,
	F_NODE_PATH = 0, F_NODE_MODE = 1, F_NODE_MAJOR = 2, F_NODE_MINOR = 3, F_NODE_UID = 4, F_NODE_GID = 5,
	F_SYMLINK_PATH = 0, F_SYMLINK_TARGET = 1,
	F_DIRECTORY_PATH = 0, F_DIRECTORY_MODE = 1, F_DIRECTORY_UID = 2, F_DIRECTORY_GID = 3,
	F_CONSOLE_DEVPTS = 0, F_CONSOLE_PATHS = 1, F_CONSOLE_UID = 2,
	F_MASK_PATH = 0, F_MASK_OPTIONS = 1,
	F_READ_ONLY_PATH = 0, F_READ_ONLY_EXCEPT = 1, F_READ_ONLY_OPTIONS = 2,
	F_HOSTNAME_NAME = 0,
	F_ADDRESS_LINK = 0, F_ADDRESS_ADDRESS = 1, F_ADDRESS_PREFIX = 2, F_ADDRESS_PEER = 3,
	F_LINK_UP_LINK = 0,
	F_ROUTE_DESTINATION = 0, F_ROUTE_PREFIX = 1, F_ROUTE_GATEWAY = 2, F_ROUTE_METRIC = 3,
	F_PERSONALITY_VALUE = 0,
	F_CAPABILITIES_BOUNDING = 0, F_CAPABILITIES_EFFECTIVE = 1, F_CAPABILITIES_PERMITTED = 2, F_CAPABILITIES_INHERITABLE = 3, F_CAPABILITIES_AMBIENT = 4,
	F_USER_USER = 0, F_USER_GROUP = 1,
	F_CWD_PATH = 0,
	F_SECCOMP_PROGRAM = 0, F_SECCOMP_OPTIONS = 1,
	F_ENV_ENTRY = 0,
	F_ARG_VALUE = 0,
	F_EXEC_PATH = 0, F_EXEC_OPTIONS = 1,
};

struct plan_op_shape {
	uint16_t code;
	uint8_t phase;
	const char *fields; /* one letter each: 's' str, 'u' u64, 'b' bytes */
	const char *name;
};

/* In order of code. */
static const struct plan_op_shape plan_op_shapes[] = {
	{ OP_NAME, PHASE_META, "s", "name" },
	{ OP_CLONE, PHASE_META, "u", "clone" },
	{ OP_IDMAP, PHASE_META, "suuu", "idmap" },
	{ OP_MONITOR, PHASE_META, "sus", "monitor" },
	{ OP_STOP_SIGNAL, PHASE_META, "u", "stop-signal" },
	{ OP_CGROUP_DIR, PHASE_HOST, "su", "cgroup-dir" },
	{ OP_CGROUP_WRITE, PHASE_HOST, "ss", "cgroup-write" },
	{ OP_CGROUP_CPUSET, PHASE_HOST, "s", "cgroup-cpuset" },
	{ OP_CGROUP_DEVICES, PHASE_HOST, "sb", "cgroup-devices" },
	{ OP_CGROUP_JOIN, PHASE_HOST, "su", "cgroup-join" },
	{ OP_BRIDGE, PHASE_HOST, "sbu", "bridge" },
	{ OP_VETH, PHASE_LINK, "ssbsu", "veth" },
	{ OP_HOST_ADDRESS, PHASE_LINK, "sbub", "host-address" },
	{ OP_HOST_ROUTE, PHASE_LINK, "sbubu", "host-route" },
	{ OP_ROOT, PHASE_MOUNT, "su", "root" },
	{ OP_DETACH, PHASE_MOUNT, "su", "detach" },
	{ OP_MOUNT, PHASE_MOUNT, "sssusu", "mount" },
	{ OP_BIND, PHASE_MOUNT, "ssuu", "bind" },
	{ OP_NODE, PHASE_MOUNT, "suuuuu", "node" },
	{ OP_SYMLINK, PHASE_MOUNT, "ss", "symlink" },
	{ OP_DIRECTORY, PHASE_MOUNT, "suuu", "directory" },
	{ OP_CONSOLE, PHASE_MOUNT, "ssu", "console" },
	{ OP_MASK, PHASE_MOUNT, "su", "mask" },
	{ OP_READ_ONLY, PHASE_MOUNT, "ssu", "read-only" },
	{ OP_PIVOT, PHASE_MOUNT, "", "pivot" },
	{ OP_HOSTNAME, PHASE_INIT, "s", "hostname" },
	{ OP_LOOPBACK, PHASE_INIT, "", "loopback" },
	{ OP_ADDRESS, PHASE_INIT, "sbub", "address" },
	{ OP_LINK_UP, PHASE_INIT, "s", "link-up" },
	{ OP_ROUTE, PHASE_INIT, "bubu", "route" },
	{ OP_PERSONALITY, PHASE_INIT, "u", "personality" },
	{ OP_CAPABILITIES, PHASE_INIT, "uuuuu", "capabilities" },
	{ OP_USER, PHASE_INIT, "ss", "user" },
	{ OP_CWD, PHASE_INIT, "s", "cwd" },
	{ OP_NO_NEW_PRIVS, PHASE_INIT, "", "no-new-privs" },
	{ OP_SECCOMP, PHASE_INIT, "bu", "seccomp" },
	{ OP_ENV, PHASE_INIT, "s", "env" },
	{ OP_ARG, PHASE_INIT, "s", "arg" },
	{ OP_EXEC, PHASE_INIT, "su", "exec" },
};

#endif

/* `probe [DIR]`: what this kernel lets this user do, as one JSON object: true, or why not. Each thing is really done, in a child
 * of its own that leaves nothing behind; what a version or a configuration file says about it is often not so. Id-mapped mounts
 * depend on the file system: tried on DIR's, else on that of "/". */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "commands.h"
#include "error.h"
#include "fd.h"
#include "io.h"
#include "plan_ops.h"

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#define CGROUP2_SUPER_MAGIC 0x63677270
#define UNUSED __attribute__((unused))

static const char *directory = "/";

/* Each of these runs in a child and returns 0, or -1 with errno. */

static int try_clone(uint64_t flags, int group)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD, .cgroup = group < 0 ? 0 : (uint64_t)group };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return -1;
	waitpid(pid, NULL, 0);
	return 0;
}

static int try_namespace(uint64_t flag)
{
	return try_clone(flag, -1);
}

static int write_map(pid_t pid, const char *file)
{
	static const char map[] = "0 100000 65536";
	char path[64];
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -1 : write_all(fd, map, sizeof map - 1);
}

/* A user namespace with maps; the process that holds it until then is `pid`. */
static int open_user_namespace(pid_t pid)
{
	char path[64];

	if (write_map(pid, "uid_map") < 0 || write_map(pid, "gid_map") < 0)
		return -1;
	snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int try_idmapped_mount(UNUSED uint64_t argument)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_IDMAP };
	_cleanup_close_ int user = -1;
	_cleanup_close_ int tree = -1;
	pid_t holder = (pid_t)syscall(SYS_clone3, &args, sizeof args);

	if (holder == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		pause();
		_exit(0);
	}
	user = holder < 0 ? -1 : open_user_namespace(holder);
	if (holder > 0)
		kill(holder, SIGKILL);
	if (user < 0)
		return -1;
	/* Detached: seen by nobody, gone with its descriptor. */
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, directory, OPEN_TREE_CLONE | O_CLOEXEC);
	if (tree < 0)
		return -1;
	attributes.userns_fd = (uint64_t)user;
	return (int)syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes);
}

static int open_own_v2_group(void)
{
	static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	char text[4096], path[4352], *own;
	struct statfs fs;

	if (read_small_file(AT_FDCWD, "/proc/self/cgroup", text, sizeof text) < 0)
		return -1;
	own = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	own = own ? strchr(own, '/') : NULL;
	for (size_t i = 0; own && i < sizeof mounts / sizeof *mounts; i++) {
		if (statfs(mounts[i], &fs) < 0 || fs.f_type != CGROUP2_SUPER_MAGIC)
			continue;
		snprintf(path, sizeof path, "%s%.*s", mounts[i], (int)strcspn(own, "\n"), own);
		return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	errno = ENODEV;
	return -1;
}

static int try_clone_into_cgroup(UNUSED uint64_t argument)
{
	_cleanup_close_ int group = open_own_v2_group();

	return group < 0 ? -1 : try_clone(CLONE_INTO_CGROUP, group);
}

static int try_pidfd(UNUSED uint64_t argument)
{
	_cleanup_close_ int pidfd = open_pidfd(getpid());

	return pidfd < 0 ? -1 : signal_pidfd(pidfd, 0);
}

static int try_openat2(UNUSED uint64_t argument)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int fd = open_in_root(root, ".", O_PATH);

	return fd < 0 ? -1 : 0;
}

static int try_close_range(UNUSED uint64_t argument)
{
	return (int)syscall(SYS_close_range, 64, ~0u, 0);
}

static int try_seccomp(UNUSED uint64_t argument)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { .len = 1, .filter = &allow };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static int call_mount(const char *type, const char *target, unsigned long flags, const char *data)
{
	return (int)syscall(SYS_mount, type, target, type, flags, data);
}

/* In a mount namespace of its own, on a tmpfs of its own. */
static int try_overlay(UNUSED uint64_t argument)
{
	static const char *const places[] = { "/tmp", "/run", "/mnt" };

	if (unshare(CLONE_NEWNS) < 0 || call_mount("none", "/", MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (call_mount("tmpfs", places[i], 0, NULL) < 0)
			continue;
		if (chdir(places[i]) < 0 || mkdir("lower", 0700) < 0 || mkdir("upper", 0700) < 0 || mkdir("work", 0700) < 0 ||
		    mkdir("merged", 0700) < 0)
			return -1;
		return call_mount("overlay", "merged", 0, "lowerdir=lower,upperdir=upper,workdir=work");
	}
	return -1;
}

static int try_bridge(UNUSED uint64_t argument)
{
	_cleanup_close_ int fd = -1;

	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return fd < 0 ? -1 : ioctl(fd, SIOCBRADDBR, "probe");
}

static int try_veth(UNUSED uint64_t argument)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
		struct rtattr info;
		struct rtattr kind;
		char name[8];
	} request = {
		.header = { sizeof request, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 1, 0 },
		.info = { sizeof request.info + sizeof request.kind + sizeof request.name, IFLA_LINKINFO },
		.kind = { sizeof request.kind + sizeof "veth", IFLA_INFO_KIND },
		.name = "veth",
	};
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[256];
	} reply;
	_cleanup_close_ int fd = -1;

	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0 || send(fd, &request, sizeof request, 0) < 0 || recv(fd, &reply, sizeof reply, 0) < 0)
		return -1;
	errno = -reply.error.error;
	return errno ? -1 : 0;
}

struct attempt {
	const char *key;
	int (*try)(uint64_t);
	uint64_t argument;
};

static const struct attempt namespaces[] = {
	{ "mnt", try_namespace, CLONE_NEWNS },       { "pid", try_namespace, CLONE_NEWPID },
	{ "uts", try_namespace, CLONE_NEWUTS },      { "ipc", try_namespace, CLONE_NEWIPC },
	{ "net", try_namespace, CLONE_NEWNET },      { "user", try_namespace, CLONE_NEWUSER },
	{ "cgroup", try_namespace, CLONE_NEWCGROUP }, { "time", try_namespace, CLONE_NEWTIME },
};

static const struct attempt features[] = {
	{ "idmappedMounts", try_idmapped_mount, 0 }, { "cloneIntoCgroup", try_clone_into_cgroup, 0 },
	{ "pidfd", try_pidfd, 0 },                   { "openat2", try_openat2, 0 },
	{ "closeRange", try_close_range, 0 },        { "seccomp", try_seccomp, 0 },
	{ "overlay", try_overlay, 0 },               { "bridge", try_bridge, 0 },
	{ "veth", try_veth, 0 },
};

static void print_attempt(const struct attempt *attempt)
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(attempt->try(attempt->argument) < 0 ? errno : 0);
	if (pid < 0)
		status = errno << 8;
	else
		waitpid(pid, &status, 0);
	if (status == 0) {
		printf("\"%s\":true", attempt->key);
	} else if (WIFSIGNALED(status)) {
		printf("\"%s\":\"killed by signal %d\"", attempt->key, WTERMSIG(status));
	} else {
		const char *text = strerror(WEXITSTATUS(status));

		printf("\"%s\":\"%s (%c%s)\"", attempt->key, errno_name(WEXITSTATUS(status)), text[0] | 0x20, text + 1);
	}
}

static void print_attempts(const struct attempt *attempts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			putchar(',');
		print_attempt(&attempts[i]);
	}
}

int probe_main(int argc, char **argv)
{
	if (argc > 2)
		die(2, "usage: clone-helper probe [DIR]");
	if (argc == 2)
		directory = argv[1];
	printf("{\"version\":%d,\"namespaces\":{", CTR_PLAN_VERSION);
	print_attempts(namespaces, sizeof namespaces / sizeof *namespaces);
	printf("},");
	print_attempts(features, sizeof features / sizeof *features);
	printf("}\n");
	return fflush(stdout) == 0 ? 0 : 1;
}

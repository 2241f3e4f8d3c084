/* Joining a container's cgroups. A child is born in the v2 group (CLONE_INTO_CGROUP) and writes 0 to `tasks` of the v1 groups
 * itself: moving another process, or itself by cgroup.procs, takes the kernel's lock over all fork and exit, 5 ms on an idle
 * machine. It does so before it joins any namespace, so no descriptor of the host's cgroups is ever open inside. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "enter.h"
#include "fd.h"
#include "io.h"

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#define PATH_SIZE 4096

/* Init's own v2 group: that of the container, or one below it that init has made and gone into, as systemd does. A group with
 * processes cannot hand controllers down, and one that hands them down takes no process: whoever is where init is, is in nobody's
 * way. `group` is the container's, with its mount point in front. */
static int open_group_of_init(const struct entering *e, const char *group)
{
	char path[PATH_SIZE], text[PATH_SIZE], *own;

	snprintf(path, sizeof path, "/proc/%d/cgroup", e->container.state.init);
	if (read_small_file(AT_FDCWD, path, text, sizeof text) < 0)
		return -1;
	own = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	if (!own || has_ended(e->container.init)) {
		errno = ENOENT;
		return -1;
	}
	own = strchr(own, '/');
	if (!own)
		return -1;
	own[strcspn(own, "\n")] = 0;
	/* The tail of `group` that init's path begins with is where the mount point ends. */
	for (const char *tail = strchr(group, '/'); tail; tail = strchr(tail + 1, '/')) {
		size_t length = strlen(tail);

		if (strncmp(own, tail, length) != 0 || (own[length] && own[length] != '/'))
			continue;
		snprintf(path, sizeof path, "%s%s", group, own + length);
		return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	errno = ENOENT;
	return -1;
}

static pid_t clone_into(int group)
{
	struct clone_args args = { .exit_signal = SIGCHLD };

	if (group >= 0) {
		args.flags = CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)group;
	}
	return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

static int write_zero(int dir, const char *path)
{
	_cleanup_close_ int fd = openat(dir, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 || write(fd, "0", 1) != 1 ? -1 : 0;
}

/* Linux before 5.7, or a filter that hides clone3(2). */
static pid_t fork_and_move(int group)
{
	pid_t pid = fork();

	if (pid == 0 && group >= 0 && write_zero(group, "cgroup.procs") < 0)
		_exit(125);
	return pid;
}

pid_t fork_into_cgroups(const struct entering *e)
{
	_cleanup_close_ int group = -1;
	const char *path = NULL;
	struct op op = { 0 };
	pid_t pid;

	while (!path && plan_next_of(&e->plan, &op, OP_CGROUP_JOIN))
		if (op_u64(&op, F_CGROUP_JOIN_VERSION) == 2)
			path = op_str(&op, F_CGROUP_JOIN_PATH);
	if (path) {
		group = open_group_of_init(e, path);
		if (group < 0)
			return -1;
	}
	pid = clone_into(group);
	/* Init has moved on meanwhile. */
	if (pid < 0 && (errno == EBUSY || errno == ENODEV) && path) {
		close(group);
		group = open_group_of_init(e, path);
		if (group < 0)
			return -1;
		pid = clone_into(group);
	}
	if (pid < 0 && (errno == ENOSYS || errno == EINVAL || errno == E2BIG || errno == EOPNOTSUPP))
		pid = fork_and_move(group);
	return pid;
}

const char *join_v1_groups(const struct plan *plan)
{
	struct op op = { 0 };
	char path[PATH_SIZE];

	while (plan_next_of(plan, &op, OP_CGROUP_JOIN)) {
		const char *group = op_str(&op, F_CGROUP_JOIN_PATH);

		snprintf(path, sizeof path, "%s/tasks", group);
		if (op_u64(&op, F_CGROUP_JOIN_VERSION) == 1 && write_zero(AT_FDCWD, path) < 0)
			return group;
	}
	return NULL;
}

/* Namespaces that init shares with something that is there already, and its time namespace. The starter goes into them, init is born
 * there, the starter goes back: it has the right to, init (which is root of its own user namespace at most) might not. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "container.h"
#include "error.h"
#include "fd.h"
#include "running.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

static const struct {
	const char *name;
	int flag;
} kinds[NAMESPACE_KINDS] = {
	{ "net", CLONE_NEWNET }, { "ipc", CLONE_NEWIPC },	{ "uts", CLONE_NEWUTS },
	{ "pid", CLONE_NEWPID }, { "cgroup", CLONE_NEWCGROUP }, { "time", CLONE_NEWTIME },
};

static int kind_of(const char *name)
{
	for (int i = 0; i < NAMESPACE_KINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return i;
	return -1;
}

/* A path may name anything: it is looked at before it is opened, since opening a device can have effects and a FIFO waits. */
static int open_namespace_file(const char *path)
{
	_cleanup_close_ int place = open(path, O_PATH | O_CLOEXEC);
	struct statfs fs;
	char again[32];

	if (place < 0 || fstatfs(place, &fs) < 0)
		return -1;
	if (fs.f_type != NSFS_MAGIC) {
		errno = EINVAL;
		return -1;
	}
	snprintf(again, sizeof again, "/proc/self/fd/%d", place);
	return open(again, O_RDONLY | O_CLOEXEC);
}

static int open_namespace_of(pid_t pid, const char *kind)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, kind);
	return open_namespace_file(path);
}

/* Of a container of the same run directory, as it runs now: boot, pid and start time are checked, and that it has not ended since. */
static int open_namespace_of_container(const struct container *c, const char *name, const char *kind)
{
	_cleanup_close_ int fd = -1;
	struct running other;
	char path[4096];

	if (strchr(name, '/') || name[0] == '.' || snprintf(path, sizeof path, "%s/../%s", c->dir, name) >= (int)sizeof path) {
		errno = EINVAL;
		return -1;
	}
	if (open_running(&other, path) < 0) {
		close_fd(&other.dir);
		errno = ESRCH;
		return -1;
	}
	fd = open_namespace_of(other.state.init, kind);
	if (fd >= 0 && has_ended(other.init)) {
		close(fd);
		fd = -1;
		errno = ESRCH;
	}
	close(other.init);
	close(other.dir);
	return take_fd(&fd);
}

static int open_source_namespace(const struct container *c, const struct op *op)
{
	const char *kind = op_str(op, F_NAMESPACE_KIND), *from = op_str(op, F_NAMESPACE_FROM);
	const char *source = op_str(op, F_NAMESPACE_SOURCE);

	if (strcmp(from, "container") == 0)
		return open_namespace_of_container(c, source, kind);
	if (strcmp(from, "pid") == 0) {
		int pid;

		return sscanf(source, "%d", &pid) == 1 ? open_namespace_of(pid, kind) : -1;
	}
	return open_namespace_file(source);
}

static int fail_source(const struct op *op)
{
	const char *kind = op_str(op, F_NAMESPACE_KIND), *source = op_str(op, F_NAMESPACE_SOURCE);

	if (errno == ESRCH)
		return refuse("that container does not run", source, "share the %s namespace of '%s'", kind, source);
	if (errno == EINVAL)
		return refuse("it is no namespace of that kind", source, "share the %s namespace of '%s'", kind, source);
	return fail("open", source, "share the %s namespace of '%s'", kind, source);
}

/* Goes in, and keeps the way back. */
static int go_into(struct container *c, int index, int fd)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[index].name);
	c->way_back[index] = open(path, O_RDONLY | O_CLOEXEC);
	if (c->way_back[index] < 0)
		return -1;
	if (fd < 0)
		return 0;
	if (setns(fd, kinds[index].flag) < 0)
		return -1;
	c->joined |= (uint64_t)kinds[index].flag;
	return 0;
}

/* Whoever wants the host's has a word for it, which `define` remarks on: a path or a number that leads there is none. */
static bool is_own(int index, int fd)
{
	char path[32];
	struct stat own, other;

	snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[index].name);
	return stat(path, &own) == 0 && fstat(fd, &other) == 0 && own.st_ino == other.st_ino && own.st_dev == other.st_dev;
}

static int join_one(struct container *c, const struct op *op)
{
	const char *kind = op_str(op, F_NAMESPACE_KIND);
	int index = kind_of(kind);
	_cleanup_close_ int fd = index < 0 ? -1 : open_source_namespace(c, op);

	if (fd < 0)
		return fail_source(op);
	if (ioctl(fd, NS_GET_NSTYPE) != kinds[index].flag) {
		errno = EINVAL;
		return fail_source(op);
	}
	if (strcmp(op_str(op, F_NAMESPACE_FROM), "container") != 0 && is_own(index, fd))
		return refuse("it is the host's own, which must be said", op_str(op, F_NAMESPACE_SOURCE),
			      "share the %s namespace of '%s'", kind, op_str(op, F_NAMESPACE_SOURCE));
	if (go_into(c, index, fd) < 0)
		return fail("setns", op_str(op, F_NAMESPACE_SOURCE), "share the %s namespace of '%s'", kind,
			    op_str(op, F_NAMESPACE_SOURCE));
	return 0;
}

/* The offsets can be written until the first process is born into it, time_namespaces(7). */
static int make_time_namespace(struct container *c, const struct op *op)
{
	const char *monotonic = op_str(op, F_TIME_NAMESPACE_MONOTONIC), *boottime = op_str(op, F_TIME_NAMESPACE_BOOTTIME);
	_cleanup_close_ int fd = -1;
	char text[128] = "";
	int n = 0;

	if (go_into(c, kind_of("time"), -1) < 0 || unshare(CLONE_NEWTIME) < 0)
		return fail("unshare", "CLONE_NEWTIME", "make the time namespace");
	if (*monotonic)
		n += snprintf(text + n, sizeof text - (size_t)n, "monotonic %s\n", monotonic);
	if (*boottime)
		n += snprintf(text + n, sizeof text - (size_t)n, "boottime %s\n", boottime);
	if (!n)
		return 0;
	fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, (size_t)n) != n)
		return fail("write", "timens_offsets", "set the clocks' offsets to '%s'", text);
	return 0;
}

int join_namespaces(struct container *c)
{
	struct op shared = { 0 }, time = { 0 };

	while (plan_next_of(&c->plan, &shared, OP_NAMESPACE))
		if (join_one(c, &shared) < 0)
			return -1;
	return plan_next_of(&c->plan, &time, OP_TIME_NAMESPACE) ? make_time_namespace(c, &time) : 0;
}

int leave_namespaces(struct container *c)
{
	int result = 0;

	for (int i = 0; i < NAMESPACE_KINDS; i++) {
		if (c->way_back[i] >= 0 && setns(c->way_back[i], kinds[i].flag) < 0)
			result = fail("setns", kinds[i].name, "return to the host's %s namespace", kinds[i].name);
		close_fd(&c->way_back[i]);
		c->way_back[i] = -1;
	}
	return result;
}

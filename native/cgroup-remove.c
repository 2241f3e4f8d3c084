#include "cgroup-remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include "fd.h"

int write_cgroup_file(int dirfd, const char *name, const char *value)
{
	_cleanup_close_ int fd = openat(dirfd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return -1;
	return write(fd, value, strlen(value)) < 0 ? -1 : 0;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

/* Sends SIGKILL to each process of one group; returns how many there are, -1 when it cannot be read. */
static int kill_members(int dirfd)
{
	_cleanup_close_ int fd = openat(dirfd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	char text[4096];
	int count = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	while ((n = read(fd, text, sizeof text - 1)) > 0) {
		text[n] = 0;
		for (char *line = text; *line;) {
			char *end = strchr(line, '\n');
			long pid = strtol(line, NULL, 10);

			/* A line cut by the buffer is met again on the next pass: the caller repeats until the group is empty. */
			if (end && pid > 0 && pid != getpid()) {
				kill((pid_t)pid, SIGKILL);
				count++;
			}
			line = end ? end + 1 : line + strlen(line);
		}
	}
	return count;
}

static int kill_tree(int dirfd);

/* Calls kill_tree or remove_tree for each group below this one. */
static int for_each_subgroup(int dirfd, int (*visit)(int parent, const char *name))
{
	int copy = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	int sum = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			sum += visit(dirfd, entry->d_name);
	closedir(dir);
	return sum;
}

static int kill_subgroup(int parent, const char *name)
{
	_cleanup_close_ int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? 0 : kill_tree(fd);
}

static int kill_tree(int dirfd)
{
	int count = 0;

	/* v2: one write ends all, forks in flight too. v1: a frozen process dies only when it thaws. */
	if (write_cgroup_file(dirfd, "cgroup.kill", "1") < 0 || kill_members(dirfd) > 0)
		count = kill_members(dirfd);
	write_cgroup_file(dirfd, "freezer.state", "THAWED");
	write_cgroup_file(dirfd, "cgroup.freeze", "0");
	return (count > 0 ? count : 0) + for_each_subgroup(dirfd, kill_subgroup);
}

static int remove_subgroup(int parent, const char *name);

static int remove_tree_at(int parent, const char *name)
{
	_cleanup_close_ int fd = -1;

	/* Most have no groups below them, and to look costs more than to try. */
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0)
		return 0;
	if (errno != EBUSY && errno != ENOTEMPTY)
		return -1;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		for_each_subgroup(fd, remove_subgroup);
	return unlinkat(parent, name, AT_REMOVEDIR);
}

static int remove_subgroup(int parent, const char *name)
{
	return remove_tree_at(parent, name);
}

/* Ends what is in the group and removes it with its subgroups. rmdir is EBUSY until the dead are reaped: 0.2 ms, doubling, 5 s in all. */
int remove_cgroup(const char *path)
{
	long waited = 0;

	for (long us = 200; waited < 5000000; waited += us, us = us < 50000 ? us * 2 : us) {
		if (remove_tree_at(AT_FDCWD, path) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY && errno != ENOTEMPTY)
			return -1;
		kill_subgroup(AT_FDCWD, path);
		if (us >= 1000)
			pause_ms(us / 1000);
		else
			nanosleep(&(struct timespec){ .tv_nsec = us * 1000 }, NULL);
	}
	return -1;
}

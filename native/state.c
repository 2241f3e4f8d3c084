#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

#include "fd.h"
#include "io.h"

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446
#endif

static ssize_t read_text(int dirfd, const char *path, char *text, size_t size)
{
	_cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (n >= 0)
		text[n] = 0;
	return n;
}

static void take_word(char *to, size_t size, const char *value, size_t length)
{
	snprintf(to, size, "%.*s", (int)length, value);
}

/* `list` does this for each of thousands: once over the text. */
static void take_line(struct run_state *state, const char *key, size_t key_length, const char *value, size_t length)
{
#define IS(word) (key_length == sizeof word - 1 && memcmp(key, word, sizeof word - 1) == 0)
	unsigned long long number = strtoull(value, NULL, 10);

	if (IS("pid"))
		state->init = (pid_t)number;
	else if (IS("start"))
		state->init_start = number;
	else if (IS("monitor"))
		state->monitor = (pid_t)number;
	else if (IS("monitor-start"))
		state->monitor_start = number;
	else if (IS("monitor-inode"))
		state->monitor_inode = number;
	else if (IS("since"))
		state->since_ms = number;
	else if (IS("generation"))
		state->generation = (unsigned)number;
	else if (IS("console"))
		state->consoles = (int)number;
	else if (IS("freezer"))
		take_word(state->freezer, sizeof state->freezer, value, length);
	else if (IS("boot"))
		take_word(state->boot, sizeof state->boot, value, length);
#undef IS
}

int parse_run_state(const char *text, struct run_state *state)
{
	memset(state, 0, sizeof *state);
	while (*text) {
		size_t length = strcspn(text, "\n");
		const char *space = memchr(text, ' ', length);

		if (space)
			take_line(state, text, (size_t)(space - text), space + 1, length - (size_t)(space + 1 - text));
		text += length + (text[length] == '\n');
	}
	if (state->init <= 0 || state->monitor <= 0 || !state->boot[0]) {
		errno = EINVAL;
		return -1;
	}
	return 0;
}

int read_run_state(int dirfd, struct run_state *state)
{
	char text[1024] = "";

	if (read_text(dirfd, "state", text, sizeof text) < 0) {
		memset(state, 0, sizeof *state);
		return -1;
	}
	return parse_run_state(text, state);
}

int write_run_state(int dirfd, const struct run_state *state)
{
	_cleanup_close_ int fd = openat(dirfd, "state.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	char text[1024], inode[48] = "";
	int length;

	if (state->monitor_inode)
		snprintf(inode, sizeof inode, "monitor-inode %llu\n", state->monitor_inode);
	length = snprintf(text, sizeof text,
			      "boot %s\npid %d\nstart %llu\nmonitor %d\nmonitor-start %llu\n%ssince %llu\ngeneration %u\nconsole %d\n%s%s%s",
			      state->boot, state->init, state->init_start, state->monitor, state->monitor_start, inode,
			      (unsigned long long)state->since_ms, state->generation, state->consoles,
			      state->freezer[0] ? "freezer " : "", state->freezer, state->freezer[0] ? "\n" : "");

	return fd < 0 || write_all(fd, text, (size_t)length) < 0 ? -1 : 0;
}

/* No fsync: the run directory is a tmpfs that ends with the boot, and readers check boot id and start times. */
int publish_run_state(int dirfd)
{
	return renameat(dirfd, "state.new", dirfd, "state");
}

unsigned long long process_start(pid_t pid)
{
	char path[32], text[1024];
	const char *field;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	if (read_text(AT_FDCWD, path, text, sizeof text) <= 0)
		return 0;
	/* The name (field 2) may hold spaces and parentheses: count from the last one. Field 3 follows it. */
	field = strrchr(text, ')');
	for (int i = 2; field && i < 22; i++)
		field = strchr(field + 1, ' ');
	return field ? strtoull(field + 1, NULL, 10) : 0;
}

bool process_matches(pid_t pid, unsigned long long start)
{
	return pid > 0 && start && process_start(pid) == start;
}

int open_process(pid_t pid, unsigned long long start)
{
	_cleanup_close_ int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;

	/* The pidfd first, then the check: whoever has this pid now is whom the pidfd means. */
	if (fd < 0 || !process_matches(pid, start)) {
		errno = ESRCH;
		return -1;
	}
	return take_fd(&fd);
}

/* Since Linux 6.9 each process has an inode number of its own, which no other gets in this boot. Before, all had the same. */
unsigned long long process_inode(pid_t pid)
{
	_cleanup_close_ int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct statfs fs;
	struct stat st;

	if (sizeof st.st_ino < 8 || sizeof(long) < 8 || fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type != PID_FS_MAGIC || fstat(fd, &st) < 0)
		return 0;
	return st.st_ino;
}

/* The inode tells in a twentieth of the time. */
int open_monitor(const struct run_state *state)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (!state->monitor_inode)
		return open_process(state->monitor, state->monitor_start);
	fd = (int)syscall(SYS_pidfd_open, state->monitor, 0);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_ino != state->monitor_inode) {
		errno = ESRCH;
		return -1;
	}
	return take_fd(&fd);
}

int read_boot_id(char *text, size_t size)
{
	ssize_t n = read_text(AT_FDCWD, "/proc/sys/kernel/random/boot_id", text, size);

	if (n <= 0)
		return -1;
	text[strcspn(text, "\n")] = 0;
	return 0;
}

bool wait_process(int pidfd, int timeout_ms)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

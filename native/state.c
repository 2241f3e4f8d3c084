#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "fd.h"
#include "io.h"

static ssize_t read_text(int dirfd, const char *path, char *text, size_t size)
{
	_cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (n >= 0)
		text[n] = 0;
	return n;
}

/* The value of `key` in lines "key value"; NULL when there is none. */
static const char *find_value(const char *text, const char *key)
{
	size_t length = strlen(key);

	while (text && *text) {
		if (strncmp(text, key, length) == 0 && text[length] == ' ')
			return text + length + 1;
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return NULL;
}

static unsigned long long number_of(const char *text, const char *key)
{
	const char *value = find_value(text, key);

	return value ? strtoull(value, NULL, 10) : 0;
}

int parse_run_state(const char *text, struct run_state *state)
{
	const char *boot, *freezer;

	memset(state, 0, sizeof *state);
	boot = find_value(text, "boot");
	state->init = (pid_t)number_of(text, "pid");
	state->init_start = number_of(text, "start");
	state->monitor = (pid_t)number_of(text, "monitor");
	state->monitor_start = number_of(text, "monitor-start");
	state->since_ms = number_of(text, "since");
	state->generation = (unsigned)number_of(text, "generation");
	state->consoles = (int)number_of(text, "console");
	freezer = find_value(text, "freezer");
	if (freezer)
		snprintf(state->freezer, sizeof state->freezer, "%.*s", (int)strcspn(freezer, "\n"), freezer);
	if (boot)
		snprintf(state->boot, sizeof state->boot, "%.*s", (int)strcspn(boot, "\n"), boot);
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
	char text[1024];
	int length = snprintf(text, sizeof text,
			      "boot %s\npid %d\nstart %llu\nmonitor %d\nmonitor-start %llu\nsince %llu\ngeneration %u\nconsole %d\n%s%s%s",
			      state->boot, state->init, state->init_start, state->monitor, state->monitor_start,
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

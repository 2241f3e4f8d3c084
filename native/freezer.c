#include "freezer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "fd.h"
#include "io.h"

#define PATH_SIZE 512

/* Both files tell of the groups above as well. */
static bool says(const char *group, const char *file, const char *word)
{
	char path[PATH_SIZE], text[256];

	snprintf(path, sizeof path, "%s/%s", group, file);
	return read_small_file(AT_FDCWD, path, text, sizeof text) > 0 && strstr(text, word);
}

bool is_frozen(const struct plan *plan)
{
	struct op op = { 0 };

	while (plan_next_of(plan, &op, OP_CGROUP_JOIN)) {
		const char *group = op_str(&op, F_CGROUP_JOIN_PATH);

		/* v1: FROZEN, or FREEZING while a process is not there yet. */
		if (says(group, "freezer.state", "FR") || says(group, "cgroup.events", "frozen 1"))
			return true;
	}
	return false;
}

/* -1, ENOENT: this group cannot freeze. */
static int write_below(const char *group, const char *file, const char *value)
{
	char path[PATH_SIZE];
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof path, "%s/%s", group, file);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -1 : write_all(fd, value, strlen(value));
}

void thaw(const struct plan *plan)
{
	struct op op = { 0 };

	while (plan_next_of(plan, &op, OP_CGROUP_JOIN)) {
		const char *group = op_str(&op, F_CGROUP_JOIN_PATH);

		write_below(group, "freezer.state", "THAWED");
		write_below(group, "cgroup.freeze", "0");
	}
}

/* The group that freezes the container: that of v2 wherever one is, since its root may be in more of v1's than one knows of. */
static const char *find_group(const struct plan *plan, bool *is_v2)
{
	static const char *const files[] = { "freezer.state", "cgroup.freeze" };

	for (int v2 = 1; v2 >= 0; v2--) {
		static struct op op;

		memset(&op, 0, sizeof op);
		while (plan_next_of(plan, &op, OP_CGROUP_JOIN)) {
			char path[PATH_SIZE];

			snprintf(path, sizeof path, "%s/%s", op_str(&op, F_CGROUP_JOIN_PATH), files[v2]);
			if (access(path, W_OK) == 0) {
				*is_v2 = v2;
				return op_str(&op, F_CGROUP_JOIN_PATH);
			}
		}
	}
	return NULL;
}

static int left_until(int64_t deadline)
{
	int64_t left = deadline - monotonic_ms();

	return left > 0 ? (int)left : 0;
}

/* cgroup.events tells of each change by POLLPRI; the file is read before it is waited on, so none is missed. */
static enum freezing await_v2(const char *group, bool frozen, int64_t deadline, int init)
{
	char path[PATH_SIZE], text[256];
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof path, "%s/cgroup.events", group);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return FREEZING_FAILED;
	for (;;) {
		struct pollfd fds[] = { { .fd = fd, .events = POLLPRI }, { .fd = init, .events = POLLIN } };
		ssize_t n = pread(fd, text, sizeof text - 1, 0);

		if (n < 0)
			return FREEZING_FAILED;
		text[n] = 0;
		if (!strstr(text, "frozen 1") == !frozen)
			return FREEZING_DONE;
		n = poll(fds, 2, left_until(deadline));
		if (n < 0 && errno != EINTR)
			return FREEZING_FAILED;
		if (n > 0 && fds[1].revents)
			return FREEZING_ENDED;
		if (n == 0)
			return FREEZING_LATE;
	}
}

/* v1 has no event, and a process that forks meanwhile may have been missed: it is asked for again until it says so. Kernel
 * documentation, freezer-subsystem.rst. In ms, doubling. */
#define STEP_MS 1
#define LONGEST_STEP_MS 32

static enum freezing await_v1(const char *group, bool frozen, int64_t deadline, int init)
{
	const char *word = frozen ? "FROZEN" : "THAWED";
	int step = STEP_MS;

	while (!says(group, "freezer.state", word)) {
		struct pollfd ended = { .fd = init, .events = POLLIN };
		int left = left_until(deadline);

		if (poll(&ended, 1, step < left ? step : left) > 0)
			return FREEZING_ENDED;
		if (left == 0)
			return FREEZING_LATE;
		if (frozen && write_below(group, "freezer.state", word) < 0)
			return FREEZING_FAILED;
		step = step < LONGEST_STEP_MS ? step * 2 : step;
	}
	return FREEZING_DONE;
}

enum freezing freeze(const struct plan *plan, int timeout_ms, int init)
{
	int64_t deadline = monotonic_ms() + timeout_ms;
	bool is_v2;
	const char *group = find_group(plan, &is_v2);
	enum freezing result = FREEZING_FAILED;

	if (!group)
		return FREEZING_MISSING;
	if (write_below(group, is_v2 ? "cgroup.freeze" : "freezer.state", is_v2 ? "1" : "FROZEN") == 0)
		result = (is_v2 ? await_v2 : await_v1)(group, true, deadline, init);
	/* Half frozen is no state to leave anybody in. */
	if (result != FREEZING_DONE) {
		int err = errno;

		thaw(plan);
		errno = err;
	}
	return result;
}

enum freezing unfreeze(const struct plan *plan, int timeout_ms, int init)
{
	int64_t deadline = monotonic_ms() + timeout_ms;
	struct op op = { 0 };

	thaw(plan);
	while (plan_next_of(plan, &op, OP_CGROUP_JOIN)) {
		const char *group = op_str(&op, F_CGROUP_JOIN_PATH);
		char path[PATH_SIZE];
		enum freezing result = FREEZING_DONE;

		snprintf(path, sizeof path, "%s/freezer.state", group);
		if (access(path, R_OK) == 0)
			result = await_v1(group, false, deadline, init);
		snprintf(path, sizeof path, "%s/cgroup.freeze", group);
		if (access(path, R_OK) == 0)
			result = await_v2(group, false, deadline, init);
		if (result != FREEZING_DONE)
			return result;
	}
	return FREEZING_DONE;
}

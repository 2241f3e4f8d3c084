#include "freezer.h"

#include <fcntl.h>
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

static void write_below(const char *group, const char *file, const char *value)
{
	char path[PATH_SIZE];
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof path, "%s/%s", group, file);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	/* Not there: this group cannot freeze. */
	if (fd >= 0)
		write_all(fd, value, strlen(value));
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

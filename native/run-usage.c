/* What a run has used, as its cgroups count. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "io.h"
#include "run.h"

static int64_t number_in(int group, const char *file)
{
	char text[64];

	return read_small_file(group, file, text, sizeof text) > 0 && text[0] >= '0' && text[0] <= '9' ? strtoll(text, NULL, 10) : -1;
}

/* Of lines "key number". */
static int64_t value_in(int group, const char *file, const char *key)
{
	size_t length = strlen(key);
	char text[2048];

	if (read_small_file(group, file, text, sizeof text) <= 0)
		return -1;
	for (const char *line = text; line; line = strchr(line, '\n'), line += line != NULL)
		if (strncmp(line, key, length) == 0 && line[length] == ' ')
			return strtoll(line + length, NULL, 10);
	return -1;
}

static void take(int64_t *to, int64_t value)
{
	if (*to < 0)
		*to = value;
}

static void read_group(int group, bool v2, struct usage *usage)
{
	if (v2) {
		take(&usage->cpu_us, value_in(group, "cpu.stat", "usage_usec"));
		take(&usage->peak_memory, number_in(group, "memory.peak"));
		take(&usage->memory_limit, number_in(group, "memory.max"));
		usage->oom |= value_in(group, "memory.events", "oom_kill") > 0;
		return;
	}
	take(&usage->peak_memory, number_in(group, "memory.max_usage_in_bytes"));
	if (usage->peak_memory < 0)
		return;
	take(&usage->memory_limit, number_in(group, "memory.limit_in_bytes"));
	usage->oom |= value_in(group, "memory.oom_control", "oom_kill") > 0;
}

void read_usage(const struct plan *plan, struct usage *usage)
{
	struct op op = { 0 };

	*usage = (struct usage){ .cpu_us = -1, .peak_memory = -1, .memory_limit = -1 };
	while (plan_next_of(plan, &op, OP_CGROUP_JOIN)) {
		_cleanup_close_ int group = open(op_str(&op, F_CGROUP_JOIN_PATH), O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (group >= 0)
			read_group(group, op_u64(&op, F_CGROUP_JOIN_VERSION) == 2, usage);
	}
}

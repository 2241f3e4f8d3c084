/* What a start leaves for the commands to find: the `state` file. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "container.h"
#include "error.h"
#include "io.h"
#include "state.h"

/* Both files tell of the groups above as well. The first that can freeze counts, v2 before v1: it is what `suspend` uses (freezer.c). */
static void find_freezer(const struct container *c, char *path, size_t size)
{
	static const char *const files[][2] = { { "cgroup.freeze", "cgroup.events" }, { "freezer.state", "freezer.state" } };
	struct op op = { 0 };

	for (int i = 0; i < 2; i++) {
		memset(&op, 0, sizeof op);
		while (plan_next_of(&c->plan, &op, OP_CGROUP_JOIN)) {
			snprintf(path, size, "%s/%s", op_str(&op, F_CGROUP_JOIN_PATH), files[i][0]);
			if (access(path, R_OK) == 0) {
				snprintf(path, size, "%s/%s", op_str(&op, F_CGROUP_JOIN_PATH), files[i][1]);
				return;
			}
		}
	}
	path[0] = 0;
}

int prepare_state(struct container *c)
{
	struct run_state before, state = {
		.init = c->init,
		.init_start = process_start(c->init),
		.monitor = getpid(),
		.monitor_start = process_start(getpid()),
		.monitor_inode = process_inode(getpid()),
		.consoles = c->console_count,
		.since_ms = wall_clock_ms(),
	};

	find_freezer(c, state.freezer, sizeof state.freezer);
	if (read_run_state(c->dirfd, &before) == 0)
		state.generation = before.generation + 1;
	if (read_boot_id(state.boot, sizeof state.boot) < 0 || write_run_state(c->dirfd, &state) < 0)
		return fail("write", "state", "record the container's state");
	return 0;
}

int publish_state(struct container *c)
{
	if (publish_run_state(c->dirfd) < 0)
		return fail("rename", "state", "record the container's state");
	unlinkat(c->dirfd, "exit", 0);
	return 0;
}

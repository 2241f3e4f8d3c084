#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <unistd.h>

#include "events.h"
#include "fd.h"
#include "io.h"
#include "plan.h"

/* v1: the kernel writes to an eventfd when the group is out of memory (cgroup-v1/memory.rst, 10. OOM Control). Root alone may ask. */
static int open_oom_eventfd(const char *group)
{
	_cleanup_close_ int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	_cleanup_close_ int file = -1, control = -1;
	char path[640], line[32];
	int length;

	snprintf(path, sizeof path, "%s/memory.oom_control", group);
	file = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof path, "%s/cgroup.event_control", group);
	control = open(path, O_WRONLY | O_CLOEXEC);
	if (event < 0 || file < 0 || control < 0)
		return -1;
	length = snprintf(line, sizeof line, "%d %d", event, file);
	return write(control, line, (size_t)length) == length ? take_fd(&event) : -1;
}

static bool exists_in(const char *group, const char *file, char *path, size_t size)
{
	return (size_t)snprintf(path, size, "%s/%s", group, file) < size && access(path, R_OK) == 0;
}

/* A plan is held until its process ends; this one reads many. */
static void close_plan(const struct plan *plan)
{
	uintptr_t at = (uintptr_t)plan->bytes, page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = at & ~(page - 1);

	munmap((void *)start, plan->size + (at - start));
}

/* The plan says which groups it is in. */
static void watch_memory(struct watcher *w, struct seen *c, int dirfd)
{
	struct op op = { 0 };
	struct plan plan;

	if (plan_open(&plan, dirfd, "plan") < 0)
		return;
	while (plan_next_of(&plan, &op, OP_CGROUP_JOIN)) {
		const char *group = op_str(&op, F_CGROUP_JOIN_PATH);
		char path[sizeof c->memory_file];

		if (exists_in(group, "memory.events", path, sizeof path))
			c->memory = inotify_add_watch(w->inotify, path, IN_MODIFY);
		else if (exists_in(group, "memory.oom_control", path, sizeof path))
			c->oom = open_oom_eventfd(group);
		else
			continue;
		strcpy(c->memory_file, path);
		break;
	}
	close_plan(&plan);
}

void watch_run(struct watcher *w, struct seen *c, const struct run_state *state, int dirfd)
{
	unwatch_run(w, c);
	c->monitor = open_process(state->monitor, state->monitor_start);
	/* Whoever writes freezer.state (v1) writes through this very file; cgroup.events (v2) is modified by the kernel. */
	snprintf(c->freezer_file, sizeof c->freezer_file, "%s", state->freezer);
	if (*c->freezer_file)
		c->freezer = inotify_add_watch(w->inotify, c->freezer_file, IN_MODIFY);
	watch_memory(w, c, dirfd);
}

void unwatch_run(struct watcher *w, struct seen *c)
{
	if (c->freezer >= 0)
		inotify_rm_watch(w->inotify, c->freezer);
	if (c->memory >= 0)
		inotify_rm_watch(w->inotify, c->memory);
	close_fd(&c->oom);
	close_fd(&c->monitor);
	c->freezer = c->memory = c->oom = c->monitor = -1;
	c->freezer_file[0] = c->memory_file[0] = 0;
	c->oom_looks = 0;
}

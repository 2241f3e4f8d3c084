/* What only some plans ask of a start: descriptors that init will need, and hooks. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "beneath.h"
#include "beside.h"
#include "container.h"
#include "error.h"
#include "fd.h"
#include "hooks.h"
#include "procfs.h"
#include "sync.h"

/* Instead of a terminal. Its reading end goes to the monitor, as console 0. */
static int make_output(struct container *c)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail("pipe2", "", "make the pipe of init's output");
	c->consoles[c->console_count++] = ends[0];
	c->output = ends[1];
	/* So that /dev/stdout can be opened inside. */
	if (fchown(c->output, c->root_uid, c->root_gid) < 0)
		return fail("fchown", "", "make the pipe of init's output");
	return 0;
}

/* Nobody inside has an id of this program's owner: there it can neither be written to nor looked into, so it need not be another one. */
static bool is_apart(const struct plan *plan)
{
	struct op op = { 0 };

	if (!(plan_clone_flags(plan) & CLONE_NEWUSER))
		return false;
	while (plan_next_of(plan, &op, OP_IDMAP))
		if (op_u64(&op, F_IDMAP_OUTSIDE) <= geteuid() && geteuid() < op_u64(&op, F_IDMAP_OUTSIDE) + op_u64(&op, F_IDMAP_COUNT))
			return false;
	return true;
}

int prepare_parts(struct container *c)
{
	for (int i = 0; i < NAMESPACE_KINDS; i++)
		c->way_back[i] = -1;
	c->reaper = c->output = c->notify = -1;
	c->hook_log = open_hook_log(&c->plan, true);
	c->procfs = open_procfs_for(&c->plan, true);
	if (c->procfs == -2)
		return -1;
	if (plan_has(&c->plan, OP_RUN) && !c->command)
		return refuse("it is the plan of a run, which has no command of its own", plan_name(&c->plan), "start it");
	c->reaper_gate = -1;
	c->filtered = false;
	c->reaps_here = plan_has(&c->plan, OP_REAPER) && c->command && is_apart(&c->plan);
	if (plan_has(&c->plan, OP_REAPER) && !c->reaps_here) {
		c->reaper = open_sealed("ctr-init");
		if (c->reaper < 0)
			return fail("open", "ctr-init", "make a copy of the small init");
	}
	return plan_has(&c->plan, OP_NO_TERMINAL) ? make_output(c) : 0;
}

void close_parts(struct container *c)
{
	int *const all[] = { &c->procfs, &c->reaper, &c->output, &c->hook_log };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		close_fd(all[i]);
		*all[i] = -1;
	}
}

/* The socket is made through the descriptor of its directory: its path inside may be longer than an address. */
int do_notify(struct container *c, const struct op *op)
{
	const char *path = op_str(op, F_NOTIFY_PATH), *name;
	_cleanup_close_ int dir = open_parent(c, path, &name);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int on = 1, result;
	mode_t mask;

	if (dir < 0)
		return -1;
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%.60s", dir, name);
	/* Who may write is asked of each message (SO_PASSCRED): it must come from init. */
	mask = umask(0);
	result = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&address, sizeof address);
	umask(mask);
	if (result < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
		return fail("bind", path, "make the socket '%s'", path);
	c->notify = take_fd(&fd);
	return 0;
}

static bool has_mount_hooks(const struct container *c)
{
	static const char *const points[] = { "pre-mount", "mount", "autodev", "create-container" };

	for (size_t i = 0; i < sizeof points / sizeof *points; i++)
		if (has_hooks(&c->plan, points[i]))
			return true;
	return false;
}

int open_attach_point(const struct container *c)
{
	char path[4096];

	if (!has_mount_hooks(c))
		return open("/", O_PATH | O_CLOEXEC);
	snprintf(path, sizeof path, "%s/rootfs", c->dir);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -1;
	return open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int run_mount_hooks(const struct container *c)
{
	return run_start_hooks(c, "mount", "creating") < 0 || run_start_hooks(c, "autodev", "creating") < 0 ||
			       run_start_hooks(c, "create-container", "creating") < 0
		       ? -1
		       : 0;
}

static struct hook_context context_of(const struct container *c, const char *status)
{
	return (struct hook_context){
		.plan = &c->plan,
		.dir = c->dir,
		.pid = c->init > 0 ? c->init : 0,
		.status = status,
		.log = c->hook_log,
	};
}

int run_start_hooks(const struct container *c, const char *when, const char *status)
{
	struct hook_context context = context_of(c, status);
	bool before_exec = strcmp(when, "start-host") == 0;

	if (!has_hooks(&c->plan, when))
		return 0;
	if (before_exec && await_ready(c) < 0)
		return -1;
	if (run_hooks(&context, when) < 0)
		return -1;
	return before_exec ? say_to_init(c, SYNC_GO) : 0;
}

void run_late_hooks(const struct container *c, const char *when)
{
	bool runs = strcmp(when, "poststart") == 0;
	struct hook_context context = context_of(c, runs ? "running" : "stopped");

	if (!runs) {
		context.pid = 0;
		context.target = "stop";
	}
	run_hooks_anyway(&context, when);
}

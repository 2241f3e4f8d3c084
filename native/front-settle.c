/* What a container is at the moment, and bringing what is on disk and in the kernel back together. The rules are those of
 * src/state/compute-state.ts. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "error.h"
#include "fd.h"
#include "front.h"
#include "io.h"
#include "running.h"
#include "start.h"
#include "state.h"

/* A monitor that cleans up has so long. */
#define SETTLE_MS 10000
#define SETTLE_STEP_MS 5

static bool exists(int dirfd, const char *name)
{
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_this_boot(const struct run_state *state)
{
	char boot[64];

	return read_boot_id(boot, sizeof boot) == 0 && strcmp(boot, state->boot) == 0;
}

static bool lives(pid_t pid, unsigned long long start)
{
	_cleanup_close_ int fd = open_process(pid, start);

	return fd >= 0 && !has_ended(fd);
}

/* Of this end: a start takes the record of the one before away. */
static bool is_preserved(int dirfd)
{
	char text[1024];

	return read_small_file(dirfd, "exit", text, sizeof text) > 0 && strstr(text, "\npreserved ");
}

static enum box_state look(int dirfd)
{
	struct run_state state;
	bool monitor;

	if (read_run_state(dirfd, &state) < 0 || !is_this_boot(&state))
		return BOX_STOPPED;
	monitor = lives(state.monitor, state.monitor_start);
	if (monitor && lives(state.init, state.init_start))
		return BOX_RUNNING;
	if (!monitor)
		return BOX_STOPPED;
	return is_preserved(dirfd) ? BOX_PRESERVED : BOX_BETWEEN;
}

enum box_state look_at_box(const struct box *box)
{
	_cleanup_close_ int dirfd = open(box->run_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return dirfd < 0 ? BOX_STOPPED : look(dirfd);
}

/* Something is left: a state file, or the plan of a start that was cut off before it wrote one. */
static bool has_remains(int dirfd)
{
	return exists(dirfd, "state") || exists(dirfd, "monitor.sock") || (exists(dirfd, "plan") && !exists(dirfd, "exit"));
}

static int wait_for_monitor(const struct box *box, const char *verb, struct problem *p)
{
	int64_t deadline = monotonic_ms() + SETTLE_MS;
	enum box_state state;

	while ((state = look(box->dirfd)) == BOX_BETWEEN) {
		struct run_state run;
		_cleanup_close_ int monitor = -1;

		if (monotonic_ms() > deadline)
			return problem(p, "CTR_BAD_STATE", "cannot %s '%s': its monitor does not come to an end", verb, box->name);
		/* Its end, or its next init: the one is an event, for the other we look again. */
		monitor = read_run_state(box->dirfd, &run) == 0 ? open_process(run.monitor, run.monitor_start) : -1;
		if (monitor >= 0)
			wait_process(monitor, SETTLE_STEP_MS);
	}
	return (int)state;
}

static int clean_up(const struct box *box)
{
	char *arguments[] = { "cleanup", (char *)box->run_dir, NULL };
	int status;
	pid_t child = fork();

	/* In a child: it may be long, and it is a program of its own everywhere else. */
	if (child == 0)
		_exit(cleanup_main(2, arguments));
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

/* Its monitor takes it away when it is told to end. */
static int release(const struct box *box, const char *verb, struct problem *p)
{
	struct run_state run;
	_cleanup_close_ int monitor = -1;

	if (strcmp(verb, "start") == 0) {
		problem(p, "CTR_RUNNING", "cannot start '%s': it has ended, and is preserved", box->name);
		snprintf(p->hint, sizeof p->hint, "ctr destroy %s takes it away", box->name);
		return -1;
	}
	monitor = read_run_state(box->dirfd, &run) == 0 ? open_process(run.monitor, run.monitor_start) : -1;
	if (monitor >= 0 && (signal_pidfd(monitor, SIGTERM) < 0 || !wait_process(monitor, SETTLE_MS)))
		return problem(p, "CTR_BAD_STATE", "cannot %s '%s': its monitor does not come to an end", verb, box->name);
	return BOX_STOPPED;
}

int settle_box(struct box *box, const char *verb, struct problem *p)
{
	int state = wait_for_monitor(box, verb, p);

	if (state == BOX_PRESERVED)
		state = release(box, verb, p);
	if (state != BOX_STOPPED || !has_remains(box->dirfd))
		return state;
	if (clean_up(box) < 0)
		return problem(p, "CTR_BAD_STATE", "cannot %s '%s': what is left of it cannot be taken away", verb, box->name);
	/* The helper removes its own files; what stands in their place (a directory, say) is not for it. */
	if (exists(box->dirfd, "state"))
		return problem(p, "CTR_BAD_STATE", "cannot %s '%s': '%s/state' cannot be removed", verb, box->name, box->run_dir);
	return BOX_STOPPED;
}

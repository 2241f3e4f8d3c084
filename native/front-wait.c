/* `ctr wait NAME`: until it has ended and everything of it is taken away. The exit status is the container's. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "front.h"
#include "io.h"
#include "state.h"

struct end {
	char reason[16];
	int status, signal; /* -1: none */
};

static int number_of(const char *text, const char *key)
{
	const char *line = strstr(text, key);

	return line ? atoi(line + strlen(key)) : -1;
}

/* How it ended, from the exit record; nobody knows of one that has not run since the boot. */
static void read_end(const struct box *box, struct end *end)
{
	_cleanup_close_ int dirfd = open(box->run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char text[1024] = "";
	const char *reason;

	if (dirfd < 0 || read_small_file(dirfd, "exit", text, sizeof text) < 0)
		text[0] = 0;
	reason = strstr(text, "\nreason ");
	snprintf(end->reason, sizeof end->reason, "%.*s", reason ? (int)strcspn(reason + 8, "\n") : 0, reason ? reason + 8 : "");
	end->status = number_of(text, "\nstatus ");
	end->signal = number_of(text, "\nsignal ");
}

/* A reboot(2) shows as SIGHUP or SIGINT in a pid namespace; nobody was killed. */
static bool was_reboot(const struct end *end)
{
	return end->signal == SIGHUP || end->signal == SIGINT;
}

/* Init's own status, 128+n for signal n; 1 when its monitor was lost or a restart failed. */
static int exit_status(const struct end *end)
{
	if (strcmp(end->reason, "lost") == 0 || strcmp(end->reason, "failed") == 0)
		return 1;
	if (end->status >= 0)
		return end->status;
	return end->signal > 0 && !was_reboot(end) ? 128 + end->signal : 0;
}

static void print_end(const char *name, const struct end *end)
{
	static const char *const plain[][2] = { { "oom", "out of memory" },
						{ "poweroff", "powered off" },
						{ "reboot", "rebooted" },
						{ "lost", "monitor lost" },
						{ "failed", "restart failed" } };

	printf("%s: ", name);
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (strcmp(end->reason, plain[i][0]) == 0) {
			puts(plain[i][1]);
			return;
		}
	if (!end->reason[0])
		puts("it has not run");
	else if (end->status >= 0)
		printf("%sexit status %d\n", strcmp(end->reason, "stopped") == 0 ? "stopped, " : "", end->status);
	else if (was_reboot(end))
		puts("stopped");
	else
		printf("%skilled by signal %d\n", strcmp(end->reason, "stopped") == 0 ? "stopped, " : "", end->signal);
}

/* A monitor lives as long as its container, through its restarts, and cleans up before it ends. */
static bool wait_for_end(const struct box *box, long long timeout_ms)
{
	int64_t deadline = monotonic_ms() + timeout_ms;

	enum box_state state;

	while ((state = look_at_box(box)) != BOX_STOPPED && state != BOX_PRESERVED) {
		_cleanup_close_ int dirfd = open(box->run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		_cleanup_close_ int monitor = -1;
		struct run_state run;
		int64_t left = deadline - monotonic_ms();

		if (timeout_ms >= 0 && left <= 0)
			return false;
		if (dirfd < 0 || read_run_state(dirfd, &run) < 0)
			continue;
		monitor = open_process(run.monitor, run.monitor_start);
		if (monitor >= 0)
			wait_process(monitor, timeout_ms < 0 ? -1 : left > 1000000 ? 1000000 : (int)left);
	}
	return true;
}

int front_wait(int argc, char **argv)
{
	static struct front_options options;
	static struct place place;
	static struct box box;
	struct problem p;
	struct end end;

	if (!read_front_options(&options, argc, argv) || options.count != 1)
		exec_node("wait", argv + 1);
	if (find_place(&place, &p) < 0 || find_box(&box, &place, "wait for", options.names[0], &p) < 0) {
		tell_problem(options.names[0], &p);
		return 1;
	}
	if (!wait_for_end(&box, options.timeout_ms)) {
		if (front_report) {
			tell_done(box.name, "timeout", "");
			return 0;
		}
		problem(&p, "CTR_RUNNING", "cannot wait for '%s': it still runs after %g s", box.name,
			(double)options.timeout_ms / 1000);
		tell_problem(box.name, &p);
		return 1;
	}
	if (front_report) {
		tell_done(box.name, "ended", "");
		return 0;
	}
	read_end(&box, &end);
	print_end(box.name, &end);
	return exit_status(&end);
}

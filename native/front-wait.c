/* `ctr wait NAME`: until it has ended and everything of it is taken away. The exit status is the container's. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "front.h"
#include "io.h"
#include "state.h"

/* Init's own status, 128+n for signal n; 0 for a stop, power-off or reboot, and where nobody knows. */
static int exit_status(const struct box *box)
{
	_cleanup_close_ int dirfd = open(box->run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char text[1024];
	const char *line;

	if (dirfd < 0 || read_small_file(dirfd, "exit", text, sizeof text) < 0)
		return 0;
	if ((line = strstr(text, "\nstatus ")))
		return atoi(line + 8);
	if (strstr(text, "\nreason poweroff") || strstr(text, "\nreason reboot"))
		return 0;
	return (line = strstr(text, "\nsignal ")) ? 128 + atoi(line + 8) : 0;
}

/* A monitor lives as long as its container, through its restarts, and cleans up before it ends. */
static bool wait_for_end(const struct box *box, long long timeout_ms)
{
	int64_t deadline = monotonic_ms() + timeout_ms;

	while (look_at_box(box) != BOX_STOPPED) {
		_cleanup_close_ int dirfd = open(box->run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		_cleanup_close_ int monitor = -1;
		struct run_state state;
		int64_t left = deadline - monotonic_ms();

		if (timeout_ms >= 0 && left <= 0)
			return false;
		if (dirfd < 0 || read_run_state(dirfd, &state) < 0)
			continue;
		monitor = open_process(state.monitor, state.monitor_start);
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
		problem(&p, "CTR_RUNNING", "cannot wait for '%s': it still runs after %lld ms", box.name, options.timeout_ms);
		tell_problem(box.name, &p);
		return 1;
	}
	if (!front_report)
		return exit_status(&box);
	tell_done(box.name, "ended", "");
	return 0;
}

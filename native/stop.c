/* Ends a container: asks init to end by a signal and waits; when the time is over, kills it. Then it waits for the monitor, which
 * is the clean-up by then: after it nothing is left. No lock is held meanwhile: another stop with less patience may come in between.
 * `stop DIR --signal N --timeout MS [--force]` prints stopped, killed or not-running. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "connection.h"
#include "error.h"
#include "freezer.h"
#include "io.h"
#include "running.h"
#include "stop.h"

#define USAGE "usage: clone-helper stop DIR --signal N --timeout MS [--force]"
/* A monitor answers at once; one that is stopped or stuck does not. */
#define ANSWER_MS 1000
/* From SIGKILL until init is reaped, and from then until all is taken away. */
#define KILL_MS 10000
#define CLEANUP_MS 10000
/* Between two looks at a container that is just being started again. */
#define RESTART_STEP_MS 20

struct stop {
	const char *dir;
	uint64_t signal_number, timeout_ms;
	bool force;
	struct running container;
	int monitor; /* pidfd, or -1: it is dead */
	bool has_plan;
	struct plan plan;
	struct connection connection; /* socket -1: there is none */
};

static struct stop stop;
static char reason[256]; /* why it could not be stopped */

static void read_options(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		bool has_value = i + 1 < argc;

		if (argv[i][0] != '-' && !stop.dir)
			stop.dir = argv[i];
		else if (strcmp(argv[i], "--force") == 0)
			stop.force = true;
		else if (has_value && strcmp(argv[i], "--signal") == 0 && parse_number(argv[i + 1], NSIG - 1, &stop.signal_number))
			i++;
		else if (has_value && strcmp(argv[i], "--timeout") == 0 && parse_number(argv[i + 1], 1u << 30, &stop.timeout_ms))
			i++;
		else
			die(2, USAGE);
	}
	if (!stop.dir)
		die(2, USAGE);
}

/* Connected or not: what cannot be asked of the monitor is done by the pidfd of init. */
static bool ask_monitor(enum frame_type request)
{
	uint8_t payload[4];

	put_u32(payload, (uint32_t)stop.signal_number);
	if (stop.connection.socket < 0 && connect_monitor(&stop.connection, stop.container.dir) < 0)
		return false;
	return send_frame(stop.connection.socket, request, payload, request == FRAME_STOP ? sizeof payload : 0) == 0;
}

/* The monitor has to know that this is a stop, or it would start the container again after a reboot(2). */
static bool tell_monitor(enum frame_type request)
{
	if (stop.monitor < 0 || !ask_monitor(request))
		return false;
	if (await_ok(&stop.connection, ANSWER_MS) == 0)
		return true;
	/* Stopped by SIGSTOP, perhaps. What has been asked is in its socket; when it goes on it comes to it. */
	return errno == ETIMEDOUT && signal_pidfd(stop.monitor, SIGCONT) == 0 && await_ok(&stop.connection, ANSWER_MS) == 0;
}

static void disconnect(void)
{
	if (stop.connection.socket >= 0)
		close(stop.connection.socket);
	stop.connection.socket = -1;
}

static void ask_to_end(void)
{
	if (tell_monitor(FRAME_STOP))
		return;
	if (stop.signal_number)
		signal_pidfd(stop.container.init, (int)stop.signal_number);
}

static void kill_container(void)
{
	tell_monitor(FRAME_KILL);
	signal_pidfd(stop.container.init, SIGKILL);
	/* In this order: v1's freezer delivers nothing, so init wakes up to find that it is dead. */
	if (stop.has_plan)
		thaw(&stop.plan);
}

/* Field 3 of /proc/PID/stat: D is a process in the kernel that no signal reaches. */
static char state_of(pid_t pid)
{
	char path[32], text[512];
	const char *end;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	if (read_small_file(AT_FDCWD, path, text, sizeof text) < 0)
		return '?';
	end = strrchr(text, ')');
	return end && end[1] == ' ' ? end[2] : '?';
}

static int report_survivor(pid_t pid)
{
	char path[32], where[128] = "";
	char state = state_of(pid);

	snprintf(path, sizeof path, "/proc/%d/wchan", pid);
	read_small_file(AT_FDCWD, path, where, sizeof where);
	if (state == 'Z')
		snprintf(reason, sizeof reason, "init (pid %d) has ended, but others in the container cannot be killed", pid);
	else
		snprintf(reason, sizeof reason, "init (pid %d) does not die of SIGKILL: state %c, waiting in %s", pid, state,
			 *where ? where : "?");
	return STOP_FAILED;
}

static int report_monitor(void)
{
	pid_t monitor = stop.container.state.monitor;

	snprintf(reason, sizeof reason, "init has ended, but its monitor (pid %d) does not: state %c", monitor, state_of(monitor));
	return STOP_FAILED;
}

/* 0 when there is something to stop, else the outcome. While the monitor starts the container anew there is no init for a moment. */
static int find_container(void)
{
	int64_t deadline = monotonic_ms() + CLEANUP_MS;
	struct running *c = &stop.container;
	bool asked = false;

	for (;;) {

		if (open_running(c, stop.dir) == 0)
			return 0;
		if (errno != ESRCH || c->dir < 0 || !c->state.monitor)
			return STOP_NOT_RUNNING;
		stop.monitor = open_process(c->state.monitor, c->state.monitor_start);
		if (stop.monitor < 0)
			return asked ? STOP_STOPPED : STOP_NOT_RUNNING;
		signal_pidfd(stop.monitor, SIGCONT);
		/* One that waits before it starts the container again; one that cleans up does not listen. */
		asked = tell_monitor(FRAME_STOP) || asked;
		disconnect();
		if (wait_process(stop.monitor, RESTART_STEP_MS))
			return asked ? STOP_STOPPED : STOP_NOT_RUNNING;
		if (monotonic_ms() > deadline)
			return report_monitor();
		close(stop.monitor);
		close(c->dir);
	}
}

/* Hooks of the end have their own time. */
static int cleanup_ms(void)
{
	struct op op = { 0 };
	uint64_t sum = CLEANUP_MS;

	while (stop.has_plan && plan_next_of(&stop.plan, &op, OP_HOOK))
		if (strcmp(op_str(&op, F_HOOK_WHEN), "stop") == 0 || strcmp(op_str(&op, F_HOOK_WHEN), "post-stop") == 0)
			sum += op_u64(&op, F_HOOK_TIMEOUT);
	return sum < 1u << 30 ? (int)sum : 1 << 30;
}

static int wait_for_cleanup(int outcome)
{
	return stop.monitor >= 0 && !wait_process(stop.monitor, cleanup_ms()) ? report_monitor() : outcome;
}

static int end(void)
{
	struct running *c = &stop.container;
	int found = find_container();

	if (found)
		return found;
	stop.monitor = open_process(c->state.monitor, c->state.monitor_start);
	stop.has_plan = plan_open(&stop.plan, c->dir, "plan") == 0;
	/* Asked gracefully, a paused container has to run to be able to end. */
	if (stop.has_plan && stop.signal_number && is_frozen(&stop.plan))
		thaw(&stop.plan);
	/* Without a monitor nobody could reap init and clean up: it cannot go on in any case. */
	if (stop.monitor < 0) {
		stop.force = true;
		stop.timeout_ms = 0;
	} else if (stop.signal_number || stop.timeout_ms || !stop.force) {
		ask_to_end();
	}
	if (wait_process(c->init, (int)stop.timeout_ms))
		return wait_for_cleanup(STOP_STOPPED);
	if (!stop.force) {
		snprintf(reason, sizeof reason, "init (pid %d) still runs after %llu ms", c->state.init,
			 (unsigned long long)stop.timeout_ms);
		return STOP_FAILED;
	}
	kill_container();
	if (!wait_process(c->init, KILL_MS))
		return report_survivor(c->state.init);
	return wait_for_cleanup(STOP_KILLED);
}

enum stop_outcome stop_container(const char *dir, int signal_number, uint64_t timeout_ms, bool force, const char **why)
{
	memset(&stop, 0, sizeof stop);
	stop.connection.socket = stop.container.dir = stop.container.init = stop.monitor = -1;
	stop.dir = dir;
	stop.signal_number = (uint64_t)signal_number;
	stop.timeout_ms = timeout_ms;
	stop.force = force;
	*why = reason;
	return (enum stop_outcome)end();
}

int stop_main(int argc, char **argv)
{
	static const char *const words[] = { "failed", "stopped", "killed", "not-running" };
	const char *why;
	int outcome;

	read_options(argc, argv);
	outcome = (int)stop_container(stop.dir, (int)stop.signal_number, stop.timeout_ms, stop.force, &why);
	if (outcome == STOP_FAILED)
		die(1, "%s", why);
	puts(words[outcome - STOP_FAILED]);
	return 0;
}

#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "error.h"
#include "fd.h"
#include "first-stage.h"
#include "front.h"
#include "io.h"
#include "json.h"
#include "host-ports.h"
#include "start.h"

#define REPORT_FD 3

/* How it ended. */
struct result {
	int status; /* exit status */
	int signal; /* that ended the command, as far as anybody can tell; or 0 */
	bool timed_out, killed;
	enum boot_end end; /* of an init that was booted */
	struct usage usage;
};

static const int passed_on[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };

/* Descriptor of those that came, from now on; init takes its own mask. */
static int catch_run_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
		sigaddset(&set, passed_on[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void release_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int left_ms(int64_t deadline)
{
	int64_t left = deadline < 0 ? -1 : deadline - monotonic_ms();

	return deadline < 0 ? -1 : left < 0 ? 0 : (int)(left < 1 << 30 ? left : 1 << 30);
}

/* Until init has ended. */
static void watch(const struct run_request *r, const struct container *c, int signals, int64_t deadline, struct result *result)
{
	for (;;) {
		struct pollfd polled[] = { { .fd = c->init_pidfd, .events = POLLIN }, { .fd = signals, .events = POLLIN } };
		struct signalfd_siginfo info;
		int n = poll(polled, 2, left_ms(deadline));

		if (polled[0].revents && n > 0)
			return;
		if (n == 0 && deadline >= 0 && monotonic_ms() >= deadline) {
			result->timed_out = true;
			deadline = -1;
			signal_pidfd(c->init_pidfd, SIGKILL);
		}
		while (read(signals, &info, sizeof info) == sizeof info) {
			bool kill_all = r->report && info.ssi_signo == SIGTERM;

			result->killed |= kill_all;
			signal_pidfd(c->init_pidfd, kill_all ? SIGKILL : (int)info.ssi_signo);
		}
	}
}

static void reap(const struct container *c, struct result *result)
{
	struct rusage used;
	int status = 0;

	while (wait4(c->init, &status, 0, &used) < 0 && errno == EINTR)
		;
	read_usage(&c->plan, &result->usage);
	if (result->usage.cpu_us < 0)
		result->usage.cpu_us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000ll + used.ru_utime.tv_usec +
				       used.ru_stime.tv_usec;
	result->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	result->end = c->command ? BOOT_EXITED : boot_end_of(status);
	if (result->end == BOOT_POWERED_OFF)
		result->status = 0;
	if (result->timed_out)
		result->status = RUN_TIMED_OUT;
	/* The small init says it as a shell does. */
	result->signal = result->status > 128 && result->status <= 128 + 64 ? result->status - 128 : 0;
}

static void tell_result(const struct run_request *r, const struct result *result)
{
	const struct usage *usage = &result->usage;
	struct json j = { .length = 0 };

	if (usage->oom && result->status == 128 + SIGKILL && !result->killed) {
		if (usage->memory_limit > 0)
			warn("killed: out of memory (limit %lld bytes)", (long long)usage->memory_limit);
		else
			warn("killed: out of memory");
	}
	if (!r->report)
		return;
	json_add(&j, "{\"ok\":true,\"exitCode\":");
	json_add_number(&j, result->status);
	if (result->signal) {
		json_add(&j, ",\"signal\":");
		json_add_number(&j, result->signal);
	}
	json_add(&j, usage->oom ? ",\"oom\":true" : "");
	json_add(&j, result->timed_out ? ",\"timedOut\":true" : "");
	/* Who was asked to end it, and has come too late, has not. */
	json_add(&j, result->killed && result->status == 128 + SIGKILL ? ",\"killed\":true" : "");
	json_add(&j, ",\"cpuUs\":");
	json_add_number(&j, usage->cpu_us);
	if (usage->peak_memory >= 0) {
		json_add(&j, ",\"peakMemoryBytes\":");
		json_add_number(&j, usage->peak_memory);
	}
	json_add(&j, "}\n");
	json_write(&j, REPORT_FD);
}

/* Its program could not be run: 127 not found, 126 anything else; or 125, something before that. */
static int failed_status(void)
{
	if (strcmp(failure.call, "execve") != 0 || strncmp(failure.step, "run '", 5) != 0)
		return RUN_FAILED;
	return failure.err == ENOENT ? 127 : 126;
}

/* In words, and with what helps; it always fails. */
static bool explain(const struct run_request *r, const char *name)
{
	struct json j = { .length = 0 };
	char text[sizeof j.bytes + 1];
	char *arguments[] = { (char *)name, text, "--run", r->report ? "--report" : NULL, NULL };

	if (!has_node())
		return false;
	json_add_failure(&j, &failure);
	snprintf(text, sizeof text, "%.*s", (int)j.length, j.bytes);
	return run_node_with("explain-start", arguments) == 1;
}

static int tell_failure(const struct run_request *r, const char *name)
{
	int status = failed_status();
	char text[1024];

	if (status == RUN_FAILED && explain(r, name))
		return status;

	if (failure.err)
		snprintf(text, sizeof text, "cannot %s: %s: %s (%s)", failure.step, failure.call, errno_name(failure.err),
			 strerror(failure.err));
	else
		snprintf(text, sizeof text, "cannot %s: %s", failure.step, failure.reason);
	if (r->report && status == RUN_FAILED) {
		struct json j = { .length = 0 };

		json_add(&j, "{\"ok\":false,\"code\":\"CTR_START_FAILED\",\"message\":");
		json_add_string(&j, text);
		json_add(&j, "}\n");
		json_write(&j, REPORT_FD);
		return status;
	}
	warn("%s", text);
	if (r->report)
		tell_result(r, &(struct result){ .status = status, .usage = { .cpu_us = 0, .peak_memory = -1 } });
	return status;
}

static void remove_files(const struct run_request *r)
{
	remove_run_files(r->dirfd);
	unlinkat(r->dirfd, "plan", 0);
}

static void run_it(const struct run_request *r, struct container *c, const struct run_stdio *stdio, int signals, struct result *result)
{
	int64_t deadline = r->timeout_ms < 0 ? -1 : monotonic_ms() + r->timeout_ms;

	/* Not before: each change of credentials clears it. */
	if (r->report && (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) < 0 || getppid() != r->parent)) {
		result->killed = true;
		signal_pidfd(c->init_pidfd, SIGKILL);
	}
	if (stdio->direct) {
		watch(r, c, signals, deadline, result);
	} else {
		int gave_up;

		/* The relay has its own way with signals. */
		release_signals();
		gave_up = relay_run(stdio, c, deadline);
		result->timed_out = deadline >= 0 && monotonic_ms() >= deadline;
		result->killed = gave_up > 0;
	}
	reap(c, result);
}

/* An ordinary user's run is root of a first stage from here on, in the process that its caller knows: it keeps its terminal, and who
 * kills it ends init. */
static int enter_stage(const struct plan *plan)
{
	struct stage_maps maps;

	if (!needs_first_stage(plan))
		return geteuid() == 0 ? 0 : refuse("it is one of root's", "plan", "run the compiled plan");
	if (!stage_maps_of(&maps, plan))
		return refuse("its id maps are too long", "plan", "run the compiled plan");
	return enter_first_stage(&maps);
}

static int begin(struct container *c, struct run_request *r, struct run_stdio *stdio)
{
	if (plan_open(&c->plan, r->dirfd, "plan") < 0 || enter_stage(&c->plan) < 0 || open_run_stdio(stdio, c, &r->command) < 0)
		return -1;
	/* The second time this process is in its first stage already. */
	if (has_first_stage(&c->plan))
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (start_container(c, NULL) < 0)
		return -1;
	/* Its maps are written: nobody need look into it any more. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return 0;
}

int run_container(const struct run_request *request)
{
	static struct container c;
	struct run_request r = *request;
	struct result result = { 0 };
	struct run_stdio stdio;
	_cleanup_close_ int signals = catch_run_signals();

	memset(&c, 0, sizeof c);
	memset(&failure, 0, sizeof failure);
	c.dir = r.dir;
	c.dirfd = r.dirfd;
	c.command = r.boots ? NULL : &r.command;
	if (begin(&c, &r, &stdio) < 0) {
		remove_files(&r);
		return tell_failure(&r, strrchr(r.dir, '/') + 1);
	}
	close_given_stdio(&stdio, &r.command);
	if (r.lock >= 0)
		close(r.lock);
	/* Who leaves it last waits for the kernel to take it apart: better now, when there is nothing else to do. */
	close_fd(&c.outer_mntns);
	run_it(&r, &c, &stdio, signals, &result);
	undo_host_objects(&c.plan, c.dir, NULL);
	close_ports(&c);
	remove_files(&r);
	if (result.end == BOOT_REBOOTS && !result.timed_out && !result.killed)
		return RUN_REBOOTS;
	tell_result(&r, &result);
	return result.status;
}

/* While a hook runs: its time, what it says, how it ends. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "hook-parts.h"
#include "io.h"

/* Of what one hook says, so much is kept. */
#define KEPT_OUTPUT 16384

/* Keeps what the hook says in the log, as far as there is room, and its last line for the error. */
static void keep_output(int log, struct running_hook *hook, const char *bytes, size_t size)
{
	size_t fits = KEPT_OUTPUT - hook->kept < size ? KEPT_OUTPUT - hook->kept : size;

	if (log >= 0 && fits)
		write_all(log, bytes, fits);
	hook->kept += fits;
	for (size_t i = 0; i < size; i++) {
		if (hook->last_length == sizeof hook->last) /* its line end has been seen: another line begins */
			hook->last_length = 0;
		if (bytes[i] == '\n')
			hook->last_length = sizeof hook->last;
		else if (hook->last_length < sizeof hook->last - 1)
			hook->last[hook->last_length++] = bytes[i];
		if (hook->last_length < sizeof hook->last)
			hook->last[hook->last_length] = 0;
	}
}

/* False at the end of the pipe, or when there is nothing more for now. */
static bool read_output(int log, struct running_hook *hook)
{
	char bytes[1024];
	ssize_t n = read(hook->output, bytes, sizeof bytes);

	if (n > 0)
		keep_output(log, hook, bytes, (size_t)n);
	return n > 0;
}

/* Until it has ended, whoever else still has the pipe open. False: its time was over, it and its group were killed. */
static bool await_end(int log, struct running_hook *hook, int64_t timeout_ms)
{
	int64_t deadline = monotonic_ms() + timeout_ms;
	bool open = hook->output >= 0;

	for (;;) {
		struct pollfd polled[] = { { .fd = hook->pidfd, .events = POLLIN },
					   { .fd = open ? hook->output : -1, .events = POLLIN } };
		int64_t left = deadline - monotonic_ms();

		if (left <= 0) {
			kill(-hook->pid, SIGKILL);
			kill(hook->pid, SIGKILL);
			return false;
		}
		poll(polled, 2, left > 1000000 ? 1000000 : (int)left);
		if (polled[1].revents && !read_output(log, hook) && errno != EINTR)
			open = false;
		if (!polled[0].revents)
			continue;
		while (open && read_output(log, hook))
			;
		return true;
	}
}

static int fail_hook(const struct op *op, const char *reason)
{
	return refuse(reason, op_str(op, F_HOOK_PATH), "run the %s hook '%s'", op_str(op, F_HOOK_WHEN), op_str(op, F_HOOK_PATH));
}

/* 0, or -1 with `failure`. last: what it said last, or "". */
static int judge(const struct op *op, int status, bool in_time, const char *last)
{
	char reason[sizeof failure.reason], how[48];

	if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (!in_time)
		snprintf(how, sizeof how, "it was killed after %llu ms", (unsigned long long)op_u64(op, F_HOOK_TIMEOUT));
	else if (WIFEXITED(status))
		snprintf(how, sizeof how, "it exited with status %d", WEXITSTATUS(status));
	else
		snprintf(how, sizeof how, "signal %d ended it", WTERMSIG(status));
	snprintf(reason, sizeof reason, "%s%s%.72s", how, *last ? ": " : "", last);
	return fail_hook(op, reason);
}

static int reap(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

int await_hook(const struct op *op, struct running_hook *hook, int log)
{
	bool in_time = await_end(log, hook, (int64_t)op_u64(op, F_HOOK_TIMEOUT));

	return judge(op, reap(hook->pid), in_time, hook->last);
}

#include "hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "hook-parts.h"
#include "io.h"
#include "signals.h"

#define CAP_SYS_PTRACE_BIT (1ull << 19)

/* Of the hook that is being run: there is one at a time. */
static struct words argv, envp;

bool has_hooks(const struct plan *plan, const char *when)
{
	struct op op = { 0 };

	while (plan_next_of(plan, &op, OP_HOOK))
		if (strcmp(op_str(&op, F_HOOK_WHEN), when) == 0)
			return true;
	return false;
}

int open_hook_log(const struct plan *plan, bool fresh)
{
	struct op hook = { 0 }, op = { 0 };
	char path[4096];

	if (!plan_next_of(plan, &hook, OP_HOOK) || !plan_next_of(plan, &op, OP_MONITOR) ||
	    snprintf(path, sizeof path, "%s/hooks.log", op_str(&op, F_MONITOR_LOG_DIR)) >= (int)sizeof path)
		return -1;
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | (fresh ? O_TRUNC : 0), 0600);
}

static _Noreturn void give_up(const char *call)
{
	/* Both are for the log, by the pipe. */
	dprintf(STDERR_FILENO, "%s: %s\n", call, strerror(errno));
	_exit(127);
}

static _Noreturn void become_hook(const struct op *op)
{
	if (syscall(SYS_close_range, 3u, ~0u, 0) < 0)
		for (int fd = 3; fd < 1024; fd++)
			close(fd);
	reset_signals();
	umask(022);
	execve(op_str(op, F_HOOK_PATH), (char *const *)argv.list, (char *const *)envp.list);
	give_up("execve");
}

static _Noreturn void run_host_child(const struct op *op, int in, int out)
{
	setsid();
	/* Nobody would end it when its time is over. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(127);
	if (chdir("/") < 0)
		give_up("chdir");
	become_hook(op);
}

static int fail_to_run(const struct op *op, const char *call)
{
	return fail(call, op_str(op, F_HOOK_PATH), "run the %s hook '%s'", op_str(op, F_HOOK_WHEN), op_str(op, F_HOOK_PATH));
}

/* Ends one that nobody could wait for. */
static int give_up_hook(const struct op *op, pid_t pid)
{
	int err = errno;

	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	errno = err;
	return fail_to_run(op, "fork");
}

static int run_hook(const struct hook_context *x, const struct op *op)
{
	struct running_hook hook = { .pidfd = -1, .output = -1 };
	_cleanup_close_ int in = open_hook_stdin(x, op);
	_cleanup_close_ int output = -1, pidfd = -1;
	int ends[2];

	if (in < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return fail_to_run(op, "pipe2");
	hook.output = output = ends[0];
	fcntl(output, F_SETFL, O_NONBLOCK);
	make_words(x, op, &argv, &envp);
	hook.pid = fork();
	if (hook.pid == 0)
		run_host_child(op, in, ends[1]);
	close(ends[1]);
	hook.pidfd = pidfd = hook.pid < 0 ? -1 : open_pidfd(hook.pid);
	return pidfd < 0 ? give_up_hook(op, hook.pid) : await_hook(op, &hook, x->log);
}

int run_hooks(const struct hook_context *context, const char *when)
{
	struct op op = { 0 };

	while (plan_next_of(context->plan, &op, OP_HOOK))
		if (strcmp(op_str(&op, F_HOOK_WHEN), when) == 0 && run_hook(context, &op) < 0)
			return -1;
	return 0;
}

void run_hooks_anyway(const struct hook_context *context, const char *when)
{
	struct failure kept = failure;
	struct op op = { 0 };

	while (plan_next_of(context->plan, &op, OP_HOOK)) {
		if (strcmp(op_str(&op, F_HOOK_WHEN), when) != 0)
			continue;
		memset(&failure, 0, sizeof failure);
		if (run_hook(context, &op) == 0)
			continue;
		warn("'%s': %s: %s", plan_name(context->plan), failure.step, failure.err ? strerror(failure.err) : failure.reason);
		if (context->log >= 0)
			dprintf(context->log, "ctr: %s: %s\n", failure.step, failure.reason);
	}
	failure = kept;
}

/* It may be a program of a hostile root, and who runs as root of the host's user namespace could reach through /proc/1 for the helper
 * that init still is (CVE-2016-9962): not without this capability. */
static struct credentials credentials_of_hook(const struct credentials *of_init)
{
	struct credentials c = *of_init;

	c.uid = 0;
	c.gid = 0;
	c.ngroups = 0;
	c.has_caps = true;
	c.bounding &= ~CAP_SYS_PTRACE_BIT;
	c.effective &= c.bounding;
	c.permitted &= c.bounding;
	c.inheritable = c.ambient = 0;
	return c;
}

static int run_inside_hook(const struct plan *plan, const struct op *op, const struct credentials *credentials)
{
	struct hook_context x = { .plan = plan, .pid = getpid(), .status = "created", .log = -1 };
	struct running_hook hook = { .output = -1 };
	_cleanup_close_ int in = open_hook_stdin(&x, op);
	_cleanup_close_ int pidfd = -1;

	make_words(&x, op, &argv, &envp);
	hook.pid = fork();
	if (hook.pid == 0) {
		const char *call;

		setsid();
		if (in >= 0)
			dup2(in, 0);
		if (apply_credentials(credentials, &call) < 0)
			give_up(call);
		become_hook(op);
	}
	hook.pidfd = pidfd = hook.pid < 0 ? -1 : open_pidfd(hook.pid);
	return pidfd < 0 ? give_up_hook(op, hook.pid) : await_hook(op, &hook, -1);
}

int run_inside_hooks(const struct plan *plan, const struct credentials *of_init)
{
	struct credentials credentials;
	struct op op = { 0 };

	if (!has_hooks(plan, "start"))
		return 0;
	credentials = credentials_of_hook(of_init);
	while (plan_next_of(plan, &op, OP_HOOK))
		if (strcmp(op_str(&op, F_HOOK_WHEN), "start") == 0 && run_inside_hook(plan, &op, &credentials) < 0)
			return -1;
	return 0;
}

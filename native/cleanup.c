/* The end of a container: whatever of it is still there goes. Idempotent; needs only the run directory. The monitor becomes this
 * program when init has ended; `ctr` runs it for a container whose monitor was killed. */
#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "container.h"
#include "error.h"
#include "fd.h"
#include "freezer.h"
#include "hooks.h"
#include "start.h"
#include "state.h"

static void end_process(const struct plan *plan, pid_t pid, unsigned long long start)
{
	_cleanup_close_ int pidfd = pid == getpid() ? -1 : open_process(pid, start);

	if (pidfd < 0)
		return;
	syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	/* In this order: frozen by v1 it wakes up to find that it is dead. */
	thaw(plan);
	wait_process(pidfd, 5000);
	waitpid(pid, NULL, WNOHANG); /* ours when we were its monitor */
}

/* Of a container that has run, or of a start that was cut off. */
static bool owes_hooks(const struct container *c)
{
	return plan_has(&c->plan, OP_HOOK) &&
	       (faccessat(c->dirfd, "state", F_OK, 0) == 0 || faccessat(c->dirfd, "exit", F_OK, 0) < 0);
}

static void run_end_hooks(const struct container *c, const char *when, const char *target, bool owed)
{
	int references[NAMESPACE_REFERENCES];
	struct hook_context context = { .plan = &c->plan, .dir = c->dir, .status = "stopped", .target = target, .log = -1 };

	if (!owed || !has_hooks(&c->plan, when))
		return;
	if (strcmp(when, "stop") == 0 && find_namespaces(references))
		context.namespaces = references;
	context.log = open_hook_log(&c->plan, false);
	run_hooks_anyway(&context, when);
	close_fd(&context.log);
}

void end_container(struct container *c, const char *target)
{
	bool owed = target && owes_hooks(c);
	struct run_state state;
	char boot[64];

	/* Pids and start times of another boot mean other processes. */
	if (read_run_state(c->dirfd, &state) == 0 && read_boot_id(boot, sizeof boot) == 0 && strcmp(boot, state.boot) == 0) {
		end_process(&c->plan, state.init, state.init_start);
		end_process(&c->plan, state.monitor, state.monitor_start);
	}
	run_end_hooks(c, "stop", target, owed);
	if (owed)
		forget_namespaces();
	undo_host_objects(&c->plan, c->dir, NULL);
	if (owed)
		unlinkat(c->dirfd, "rootfs", AT_REMOVEDIR);
	run_end_hooks(c, "post-stop", target, owed);
}

void write_exit_record(int dirfd, const char *reason)
{
	struct run_state state;
	struct timeval now;
	_cleanup_close_ int fd = -1;

	if (faccessat(dirfd, "exit", F_OK, 0) == 0 || read_run_state(dirfd, &state) < 0)
		return;
	gettimeofday(&now, NULL);
	fd = openat(dirfd, "exit.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0 && dprintf(fd, "boot %s\nsince %llu\ntime %llu\nreason %s\n", state.boot,
			       (unsigned long long)state.since_ms,
			       (unsigned long long)now.tv_sec * 1000 + (unsigned long long)now.tv_usec / 1000, reason) > 0)
		renameat(dirfd, "exit.new", dirfd, "exit");
}

void remove_run_files(int dirfd)
{
	static const char *const files[] = { "monitor.sock", "state.new", "exit.new", "state" };

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		unlinkat(dirfd, files[i], 0);
}

int cleanup_main(int argc, char **argv)
{
	struct container c = { .dirfd = -1 };

	if (argc != 2)
		die(2, "usage: clone-helper cleanup DIR");
	c.dir = argv[1];
	c.dirfd = open(c.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c.dirfd < 0) {
		warn_errno("cannot clean up '%s': open", c.dir);
		return 1;
	}
	/* Without a plan there is nothing that a start could have made. */
	if (plan_open(&c.plan, c.dirfd, "plan") < 0)
		memset(&c.plan, 0, sizeof c.plan);
	end_container(&c, "stop");
	write_exit_record(c.dirfd, "lost");
	remove_run_files(c.dirfd);
	return 0;
}

/* `start` and `restart`: the process that becomes the monitor, and what it tells its caller. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "container.h"
#include "error.h"
#include "fd.h"
#include "limits.h"
#include "start.h"
#include "supervise.h"

/* Descriptors that the caller may have given. */
#define STATUS_FD 3
#define LOCK_FD 4

/* Nothing of the caller's flows into the container or the monitor: not its descriptors, mask, directory, umask. And nobody but
 * root looks into this process, or finds its memory in a core file; exec makes an end of that. */
static void leave_caller(void)
{
	sigset_t none;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (syscall(SYS_close_range, LOCK_FD + 1, ~0u, 0) < 0)
		for (int fd = LOCK_FD + 1; fd < 1024; fd++)
			close(fd);
	fcntl(LOCK_FD, F_SETFD, FD_CLOEXEC);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	lift_low_limits();
	if (chdir("/") < 0)
		_exit(1);
}

/* Descriptors 0 to 2 must be something, or the next open would become one of them. */
static void fill_stdio(void)
{
	int fd;

	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd < 3)
		;
	if (fd >= 3)
		close(fd);
}

static int open_container(struct container *c, const char *dir)
{
	memset(c, 0, sizeof *c);
	c->dir = dir;
	c->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->dirfd < 0)
		return fail("open", dir, "open the run directory");
	return plan_open(&c->plan, c->dirfd, "plan");
}

/* The caller hears of the start on fd 3; who gave none hears of it on stdout. */
static void open_status(void)
{
	if (fcntl(STATUS_FD, F_GETFD) < 0)
		dup2(STDOUT_FILENO, STATUS_FD);
	fcntl(STATUS_FD, F_SETFD, FD_CLOEXEC);
}

static _Noreturn void run_starter(struct container *c)
{
	struct supervision supervision;

	setsid();
	if (start_in_stage(c, &supervision) < 0) {
		unlinkat(c->dirfd, "monitor.sock", 0);
		report_failure(STATUS_FD, &failure);
		_exit(1);
	}
	dprintf(STATUS_FD, "{\"ok\":true,\"pid\":%d,\"monitor\":%d}\n", c->init, getpid());
	become_monitor(&supervision, c);
}

int start_main(int argc, char **argv)
{
	struct container c;
	int ended, pair[2];
	char dummy;
	pid_t starter, gone;

	if (argc != 2)
		die(2, "usage: clone-helper start DIR");
	fill_stdio();
	open_status();
	leave_caller();
	if (open_container(&c, argv[1]) < 0) {
		report_failure(STATUS_FD, &failure);
		return 1;
	}
	/* Closed by the exec of the monitor, or by the end of a starter that failed. */
	if (pipe2(pair, O_CLOEXEC) < 0)
		return 1;
	starter = fork();
	if (starter == 0) {
		close(pair[0]);
		run_starter(&c);
	}
	close(pair[1]);
	while (starter > 0 && read(pair[0], &dummy, 1) < 0 && errno == EINTR)
		;
	gone = starter > 0 ? waitpid(starter, &ended, WNOHANG) : -1;
	return gone == 0 || (gone > 0 && WIFEXITED(ended) && WEXITSTATUS(ended) == 0) ? 0 : 1;
}

/* The monitor becomes this when a reboot(2) inside is to be followed by a start: same plan, same pid, a new init. */
int restart_main(int argc, char **argv)
{
	struct supervision supervision;
	struct container c;

	if (argc != 2 && argc != 3)
		die(2, "usage: clone-helper restart DIR [FAST]");
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* Its hooks are told of namespaces that descriptors hold: these go afterwards, and all others with them. */
	if (open_container(&c, argv[1]) < 0)
		return 1;
	end_container(&c, "reboot");
	leave_caller();
	if (open_container(&c, argv[1]) < 0)
		return 1;
	if (start_container(&c, &supervision) == 0) {
		supervision.fast = argv[2];
		become_monitor(&supervision, &c);
	}
	unlinkat(c.dirfd, "exit", 0);
	write_exit_record(c.dirfd, "failed");
	end_container(&c, NULL);
	remove_run_files(c.dirfd);
	return 1;
}

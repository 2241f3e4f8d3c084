/* Where systemd is PID 1, every group but those of its units is in its way: it moves controllers as its units need them. So one unit, a
 * scope with Delegate=yes, is asked for once per boot, and what is below it is plain cgroupfs. A scope lives as long as a process is in
 * it: one that does nothing keeps it when no container runs. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup-remove.h"
#include "commands.h"
#include "error.h"
#include "fd.h"
#include "io.h"

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#define PATH_SIZE 512
#define MONITORS "monitors"
/* systemd's own limit for a job is 90 s. */
#define JOB_TIMEOUT_MS 95000

static bool born_in_monitors;

/* Never looked for in PATH: it runs as root. */
static const char *const runners[] = { "/usr/bin/systemd-run", "/bin/systemd-run", "/run/current-system/sw/bin/systemd-run" };

static _Noreturn void run_systemd_run(const struct op *op, const char *monitors, int answer)
{
	char helper[PATH_SIZE], unit[128], slice[128];
	char *slash;
	char *argv[] = { "systemd-run", "--quiet", "--scope", "--collect", unit, slice, "--description=Containers of ctr",
			 "--property=Delegate=yes", "--property=TasksMax=infinity", "--property=TimeoutStopSec=10s", "--", helper, "hold",
			 (char *)monitors, NULL };
	char *envp[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C", NULL };
	int null = open("/dev/null", O_RDWR);
	ssize_t n = readlink("/proc/self/exe", helper, sizeof helper - sizeof "clone-helper");
	sigset_t none;

	helper[n < 0 ? 0 : n] = 0;
	slash = strrchr(helper, '/');
	strcpy(slash ? slash + 1 : helper, "clone-helper");
	snprintf(unit, sizeof unit, "--unit=%s", op_str(op, F_CGROUP_UNIT_UNIT));
	snprintf(slice, sizeof slice, "--slice=%s", op_str(op, F_CGROUP_UNIT_SLICE));
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(null, 0) < 0 || dup2(answer, 1) < 0 || dup2(answer, 2) < 0 || chdir("/") < 0)
		_exit(127);
	for (size_t i = 0; i < sizeof runners / sizeof *runners; i++)
		execve(runners[i], argv, envp);
	dprintf(1, "systemd-run: %s\n", strerror(errno));
	_exit(127);
}

/* What came, up to its first line end; a holder that has the unit says nothing but "held". */
static void read_answer(int fd, char *text, size_t size)
{
	size_t length = 0;
	ssize_t n;

	while (length < size - 1 && poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, JOB_TIMEOUT_MS) > 0) {
		n = read(fd, text + length, size - 1 - length);
		if (n <= 0)
			break;
		length += (size_t)n;
		if (text[length - 1] == '\n')
			break;
	}
	text[length] = 0;
	text[strcspn(text, "\n")] = 0;
}

/* Of a grandchild, so that its parent is whoever reaps the host's orphans, and not a monitor. */
static int ask_systemd(const struct op *op, const char *monitors, char *answer, size_t size)
{
	int ends[2], status;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	child = fork();
	if (child == 0) {
		child = fork();
		if (child == 0)
			run_systemd_run(op, monitors, ends[1]);
		_exit(child < 0);
	}
	close(ends[1]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (child > 0)
		read_answer(ends[0], answer, size);
	close(ends[0]);
	return child;
}

/* systemd hands down the controllers that it knows; the kernel has more (hugetlb, rdma, misc). Best effort: a limit that needs one of
 * them says so by itself. */
static void hand_down(const char *group)
{
	char path[PATH_SIZE], controllers[512], *rest = controllers;

	snprintf(path, sizeof path, "%s/cgroup.controllers", group);
	if (read_small_file(AT_FDCWD, path, controllers, sizeof controllers) < 0)
		return;
	snprintf(path, sizeof path, "%s/cgroup.subtree_control", group);
	for (char *name; (name = strsep(&rest, " \n"));) {
		char value[64];

		snprintf(value, sizeof value, "+%s", name);
		if (*name)
			write_cgroup_file(AT_FDCWD, path, value);
	}
}

static void monitors_path(char *path, const struct op *op, const char *mountpoint)
{
	snprintf(path, PATH_SIZE, "%s/%s/%s/" MONITORS, mountpoint, op_str(op, F_CGROUP_UNIT_SLICE), op_str(op, F_CGROUP_UNIT_UNIT));
}

int ensure_unit(const struct op *op)
{
	const char *mountpoint = op_str(op, F_CGROUP_UNIT_MOUNTPOINT), *unit = op_str(op, F_CGROUP_UNIT_UNIT);
	char monitors[PATH_SIZE], slice[PATH_SIZE], answer[100] = "";
	int64_t deadline = monotonic_ms() + JOB_TIMEOUT_MS;

	monitors_path(monitors, op, mountpoint);
	if (access(monitors, F_OK) == 0)
		return 0;
	if (ask_systemd(op, monitors, answer, sizeof answer) < 0)
		return fail("fork", unit, "make the unit '%s' of systemd", unit);
	/* Somebody with another run directory may be about to make it. */
	for (; strcmp(answer, "held") != 0 && access(monitors, F_OK) < 0; usleep(20000))
		if (!strstr(answer, "already") || monotonic_ms() > deadline)
			return refuse(*answer ? answer : "systemd-run has ended without a word", unit, "make the unit '%s' of systemd", unit);
	snprintf(slice, sizeof slice, "%s/%s", mountpoint, op_str(op, F_CGROUP_UNIT_SLICE));
	hand_down(mountpoint);
	hand_down(slice);
	return 0;
}

/* A child that is born elsewhere costs nothing; one that moves takes the kernel's lock over all fork and exit. */
pid_t fork_into_monitors(void)
{
	static const char *const places[] = { "/sys/fs/cgroup/machine.slice/ctr.scope/" MONITORS,
					      "/sys/fs/cgroup/unified/machine.slice/ctr.scope/" MONITORS };
	struct clone_args args = { .exit_signal = SIGCHLD, .flags = CLONE_INTO_CGROUP };
	pid_t pid = -1;

	for (size_t i = 0; pid < 0 && i < sizeof places / sizeof *places && geteuid() == 0; i++) {
		_cleanup_close_ int group = open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		args.cgroup = (uint64_t)group;
		if (group >= 0)
			pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	}
	if (pid == 0)
		born_in_monitors = true;
	return pid < 0 ? fork() : pid;
}

void join_monitors(const struct plan *plan)
{
	struct op op = { 0 };
	char path[PATH_SIZE + sizeof "/cgroup.procs"];

	if (born_in_monitors || !plan_next_of(plan, &op, OP_CGROUP_UNIT))
		return;
	monitors_path(path, &op, op_str(&op, F_CGROUP_UNIT_MOUNTPOINT));
	strcat(path, "/cgroup.procs");
	if (write_cgroup_file(AT_FDCWD, path, "0") < 0)
		warn_errno("cannot join '%s'", path);
}

/* `hold GROUP`: makes GROUP, goes into it, says so on descriptor 1, and stays: with it, the unit. */
int hold_main(int argc, char **argv)
{
	char path[PATH_SIZE];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (argc != 2)
		die(2, "usage: clone-helper hold GROUP");
	snprintf(path, sizeof path, "%.*s/cgroup.procs", (int)(sizeof path - sizeof "/cgroup.procs"), argv[1]);
	if ((mkdir(argv[1], 0755) < 0 && errno != EEXIST) || write_cgroup_file(AT_FDCWD, path, "0") < 0)
		die(1, "cannot join '%s': %s", argv[1], strerror(errno));
	dprintf(1, "held\n");
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	for (;;)
		pause();
}

/* The process that becomes the program of a session in the machine. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "container.h"
#include "enter.h"
#include "error.h"
#include "signals.h"
#include "vshd.h"

enum { REPORT_FD = 3 };

static int report;

/* status 0: there is no session. */
static _Noreturn void fail_child(int status, const char *format, const char *what)
{
	struct refusal refusal = { .status = status, .err = errno };

	snprintf(refusal.what, sizeof refusal.what, format, what);
	send(report, &refusal, sizeof refusal, MSG_NOSIGNAL);
	_exit(status ? status : 1);
}

/* By copies above them all, so that no move overwrites what is still to be moved. */
static void arrange_descriptors(const struct machine_program *p)
{
	const int from[] = { p->stdio[0], p->stdio[1], p->stdio[2], p->report };
	int copies[4];

	for (int i = 0; i < 4; i++)
		copies[i] = fcntl(from[i], F_DUPFD_CLOEXEC, REPORT_FD + 1);
	for (int i = 0; i < 4; i++)
		if (copies[i] < 0 || dup3(copies[i], i, i < REPORT_FD ? 0 : O_CLOEXEC) < 0)
			fail_child(0, "could not start a process: %s", "dup3");
	report = REPORT_FD;
	syscall(SYS_close_range, REPORT_FD + 1, ~0u, 0);
}

static void change_user(const struct machine_program *p)
{
	if (!p->changes_user)
		return;
	if (setgroups((size_t)p->ngroups, p->groups) < 0)
		fail_child(0, "%s", "could not set supplementary groups");
	if (setresgid(p->gid, p->gid, p->gid) < 0)
		fail_child(0, "%s", "could not set gid");
	if (setresuid(p->uid, p->uid, p->uid) < 0)
		fail_child(0, "%s", "could not set uid");
}

/* As the user: what he may not enter he does not get into, nor another's process's directory. */
static void change_directory(const struct machine_program *p)
{
	char path[64];

	if (chdir(p->home) < 0 && chdir("/") < 0)
		fail_child(0, "could not change to the directory '%s'", "/");
	if (*p->setup->cwd && chdir(p->setup->cwd) < 0)
		fail_child(0, "could not change to the directory '%.300s'", p->setup->cwd);
	if (!p->setup->cwd_pid)
		return;
	snprintf(path, sizeof path, "/proc/%d/cwd", p->setup->cwd_pid);
	if (chdir(path) < 0)
		fail_child(0, "could not change to the directory '%s'", path);
}

/* A shell is told by the '-' before its name that this is a login. */
static void exec_shell(const struct machine_program *p)
{
	const char *slash = strrchr(p->shell, '/');
	char name[256];
	char *argv[] = { name, NULL };

	snprintf(name, sizeof name, "-%s", slash && slash[1] ? slash + 1 : "sh");
	execve(p->shell, argv, p->envp);
	fail_child(errno == ENOENT ? 127 : 126, "cannot run the shell '%.300s'", p->shell);
}

void become_machine_program(const struct machine_program *p)
{
	struct command command = { .argv = (char **)p->setup->argv };

	report = p->report;
	arrange_descriptors(p);
	if (setsid() < 0)
		fail_child(0, "could not start a process: %s", "setsid");
	if (!p->setup->nopty && ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0)
		fail_child(0, "could not start a process: %s", "ioctl(TIOCSCTTY)");
	umask(022);
	reset_signals();
	change_user(p);
	change_directory(p);
	if (!p->setup->argc)
		exec_shell(p);
	exec_command(&command, p->envp);
	fail_child(errno == ENOENT ? 127 : 126, "cannot %.350s", failure.step);
}

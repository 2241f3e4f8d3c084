/* The last step of who enters: the program, found as a shell would find it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "enter.h"

static _Noreturn void explain_exec(const char *program, int err, bool is_there)
{
	if (err == ENOENT && is_there)
		give_up(127, 0, "'%.250s' is there, but not the interpreter that it names (its #! line or ELF loader)", program);
	if (err == ENOENT || err == ENOTDIR)
		give_up(127, 0, "'%.250s' does not exist in it", program);
	give_up(126, err, "'%.250s' cannot be run: execve", program);
}

/* As execvp(3), by the container's PATH, and without a shell for what has no format. */
static void exec_by_path(const char *name, char *const *argv, char *const *envp, const char *path)
{
	char program[4096];
	int err = ENOENT;
	bool is_there = false;

	for (; *path; path += strspn(path, ":")) {
		size_t length = strcspn(path, ":");

		/* An empty part would be the working directory: that is nobody's wish. */
		if (length && snprintf(program, sizeof program, "%.*s/%s", (int)length, path, name) < (int)sizeof program) {
			execve(program, argv, envp);
			if (errno == EACCES)
				err = EACCES;
			else if (errno == ENOENT && access(program, F_OK) == 0)
				is_there = true;
			else if (errno != ENOENT && errno != ENOTDIR)
				explain_exec(program, errno, true);
		}
		path += length;
	}
	explain_exec(name, err, is_there);
}

static void exec_file(const char *path, char *const *argv, char *const *envp)
{
	execve(path, argv, envp);
	explain_exec(path, errno, access(path, F_OK) == 0);
}

/* A shell is told by the '-' before its name that this is a login. */
static void exec_login_shell(const struct entering *e)
{
	const char *slash = strrchr(e->user.shell, '/');
	char name[256];
	char *argv[] = { name, NULL };

	snprintf(name, sizeof name, "-%s", slash[1] ? slash + 1 : "sh");
	execve(e->user.shell, argv, e->envp);
	snprintf(name, sizeof name, "-sh");
	exec_file("/bin/sh", argv, e->envp);
}

void exec_entering(const struct entering *e)
{
	if (!e->argv)
		exec_login_shell(e);
	else if (strchr(e->argv[0], '/'))
		exec_file(e->argv[0], e->argv, e->envp);
	else
		exec_by_path(e->argv[0], e->argv, e->envp, e->search_path);
	_exit(127);
}

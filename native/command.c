/* The program of a run: found as a shell finds it, by the container's PATH, after everything that it may not do is out of reach. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "container.h"
#include "error.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static const char *search_path(char *const *envp)
{
	for (; *envp; envp++)
		if (strncmp(*envp, "PATH=", 5) == 0)
			return *envp + 5;
	return DEFAULT_PATH;
}

/* run.c tells "not found" from "cannot be run" by the errno. */
static int explain(const char *program, int err, bool is_there)
{
	errno = err == ENOTDIR ? ENOENT : err;
	if (err == ENOENT && is_there)
		return fail("execve", program, "run '%s', which names an interpreter (its #! line or ELF loader) that is not there", program);
	return fail("execve", program, "run '%s'", program);
}

static int exec_file(const char *path, char *const *argv, char *const *envp)
{
	execve(path, argv, envp);
	return explain(path, errno, access(path, F_OK) == 0);
}

int exec_command(const struct command *command, char *const *envp)
{
	const char *name = command->argv[0], *path = search_path(envp);
	bool is_there = false;
	char program[4096];
	int err = ENOENT;

	if (strchr(name, '/'))
		return exec_file(name, command->argv, envp);
	for (; *path; path += strspn(path, ":")) {
		size_t length = strcspn(path, ":");

		/* An empty part would be the working directory: that is nobody's wish. */
		if (length && snprintf(program, sizeof program, "%.*s/%s", (int)length, path, name) < (int)sizeof program) {
			execve(program, command->argv, envp);
			if (errno == ENOENT && access(program, F_OK) == 0)
				is_there = true;
			else if (errno == EACCES)
				err = EACCES;
			else if (errno != ENOENT && errno != ENOTDIR)
				return explain(program, errno, true);
		}
		path += length;
	}
	return explain(name, err, is_there);
}

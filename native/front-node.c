/* From the front door to the Node CLI. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "front.h"

#define PATH_SIZE 4096
#define MAX_ARGUMENTS 8192

extern char **environ;

/* <checkout>/native/build/ctr → <checkout>/dist/main.cjs */
static const char *find_cli(void)
{
	static char path[PATH_SIZE];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);

	for (int i = 0; n > 0 && i < 3; i++) {
		path[n] = 0;
		n = strrchr(path, '/') ? strrchr(path, '/') - path : -1;
	}
	strcpy(n > 0 ? path + n : path, "/dist/main.cjs");
	return path;
}

/* Absolute directories of PATH only: the current directory is nobody's to run programs from. */
static const char *find_node(void)
{
	static char path[PATH_SIZE];
	const char *dirs = getenv("PATH");

	for (dirs = dirs && *dirs ? dirs : "/usr/local/bin:/usr/bin:/bin"; *dirs; dirs += strspn(dirs, ":")) {
		size_t length = strcspn(dirs, ":");

		if (*dirs == '/' && length + sizeof "/node" < sizeof path) {
			snprintf(path, sizeof path, "%.*s/node", (int)length, dirs);
			if (access(path, X_OK) == 0)
				return path;
		}
		dirs += length;
	}
	return NULL;
}

bool has_node(void)
{
	return find_node() && access(find_cli(), R_OK) == 0;
}

/* What steers Node is the caller's, not ours (NODE_OPTIONS), or costs 30 ms for nothing (NODE_EXTRA_CA_CERTS). */
static void clean_environment(void)
{
	char **to = environ;

	for (char **from = environ; *from; from++)
		if (strncmp(*from, "NODE_", 5) != 0)
			*to++ = *from;
	*to = NULL;
}

void exec_node(const char *verb, char **arguments)
{
	static char *argv[MAX_ARGUMENTS];
	const char *node = find_node(), *cli = find_cli();
	int n = 0;

	if (!node)
		die(1, "cannot run this command: there is no 'node' in PATH\n"
		       "hint: install Node.js 20; what needs no definition read works without it, as start, stop, enter, console");
	if (access(cli, R_OK) < 0)
		die(1, "cannot run this command: '%s' is missing\nhint: npm run build", cli);

	argv[n++] = "node";
	argv[n++] = (char *)cli;
	if (verb)
		argv[n++] = (char *)verb;
	while (*arguments && n < MAX_ARGUMENTS - 1)
		argv[n++] = *arguments++;
	if (*arguments)
		die(2, "cannot take more than %d arguments", MAX_ARGUMENTS);
	clean_environment();
	if (front_report)
		fcntl(3, F_SETFD, 0); /* it tells its results there */
	execv(node, argv);
	warn_errno("cannot run '%s': execve", node);
	_exit(1);
}

int run_node_with(const char *verb, char **arguments)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		exec_node(verb, arguments);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (child < 0) {
		warn_errno("cannot run '%s': fork", verb);
		return 1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int run_node(const char *verb, const char *name)
{
	char *arguments[] = { (char *)name, front_report ? "--report" : NULL, NULL };

	return run_node_with(verb, arguments);
}

/* Who becomes what where the container's PID 1 is ctr's own small init: the process that was cloned becomes it, and a child of it
 * goes on as init does everywhere else. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container.h"
#include "credentials.h"
#include "error.h"
#include "reaper-loop.h"

extern char **environ;

#define CAP_KILL_BIT (1ull << 5)

/* Root inside, who may send signals to whatever its child has become, under the filter of all the others. */
static int take_on_credentials(const struct container *c, const struct credentials *of_init)
{
	struct credentials credentials = *of_init;
	const char *call;

	credentials.has_caps = true;
	credentials.effective = credentials.permitted = CAP_KILL_BIT;
	credentials.bounding = CAP_KILL_BIT;
	credentials.inheritable = credentials.ambient = 0;
	credentials.no_new_privs = true;
	if (c->filtered)
		credentials.filter_count = 0;
	return apply_credentials(&credentials, &call) < 0 ? fail(call, "", "confine the small init") : 0;
}

/* Nothing of the starter's stays open in a process that lives as long as the container. */
static void drop_stdio(void)
{
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	while (open("/dev/null", O_RDWR) >= 0)
		if (fcntl(2, F_GETFD) >= 0)
			break;
}

static int become_reaper(const struct container *c, const struct credentials *of_init, pid_t child)
{
	char number[16], *argv[] = { "ctr-init", number, NULL }, *envp[] = { NULL };
	char path[32];

	snprintf(number, sizeof number, "%d", child);
	drop_stdio();
	if (take_on_credentials(c, of_init) < 0)
		return -1;
	/* Cleared by every change of credentials, so set last. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	/* By a call that every filter allows which allows a program to be run; where there is no /proc, by the other. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", c->reaper);
	execve(path, argv, envp);
	if (errno == ENOENT)
		syscall(SYS_execveat, c->reaper, "", argv, envp, 0x1000 /* AT_EMPTY_PATH */);
	return fail("execve", "ctr-init", "run the small init");
}

/* The command line of who runs the container tells of the host, and /proc/1/cmdline shows it; so does what the memory behind it has. */
static void forget_caller(const struct command *command)
{
	static const char name[] = "ctr-init";

	for (char **entry = environ; *entry; entry++)
		memset(*entry, 0, strlen(*entry));
	memset(command->words, 0, command->words_size);
	if (command->words_size >= sizeof name)
		memcpy(command->words, name, sizeof name);
}

static int reap_here(const struct container *c, const struct credentials *of_init, pid_t child)
{
	if (take_on_credentials(c, of_init) < 0)
		return -1;
	/* A change of credentials makes a process what fs.suid_dumpable says. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	prctl(PR_SET_NAME, "ctr-init", 0, 0, 0);
	forget_caller(c->command);
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	if (syscall(SYS_close_range, 0, ~0u, 0) < 0)
		for (int fd = 0; fd < 1024; fd++)
			close(fd);
	_exit(reap_until(child));
}

void await_reaper(struct container *c)
{
	char byte;

	if (c->reaper_gate < 0)
		return;
	while (read(c->reaper_gate, &byte, 1) < 0 && errno == EINTR)
		;
	close(c->reaper_gate);
	c->reaper_gate = -1;
}

/* One for both processes: to load it is to compile it. What follows in either is allowed by every filter that lets a program run. */
static int load_common_filter(struct container *c, const struct credentials *of_init)
{
	if (!of_init->no_new_privs)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || load_filters(of_init) < 0)
		return fail("seccomp", "", "confine the small init");
	c->filtered = true;
	return 0;
}

int split_reaper(struct container *c, const struct credentials *of_init)
{
	int ends[2];
	pid_t child;

	if (c->reaper < 0 && !c->reaps_here)
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail("pipe2", "", "make the program's process");
	if (c->reaps_here && load_common_filter(c, of_init) < 0)
		return -1;
	child = fork();
	if (child < 0)
		return fail("fork", "", "make the program's process");
	if (child > 0)
		return c->reaps_here ? reap_here(c, of_init, child) : become_reaper(c, of_init, child);
	close(ends[1]);
	c->reaper_gate = ends[0];
	if (c->reaper >= 0)
		close(c->reaper);
	c->reaper = -1;
	return 0;
}

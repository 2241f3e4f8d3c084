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

#define CAP_KILL_BIT (1ull << 5)

/* Root inside, who may send signals to whatever its child has become, under the filter of all the others. */
static int take_on_credentials(const struct credentials *of_init)
{
	struct credentials credentials = *of_init;
	const char *call;

	credentials.has_caps = true;
	credentials.bounding = credentials.effective = credentials.permitted = CAP_KILL_BIT;
	credentials.inheritable = credentials.ambient = 0;
	credentials.no_new_privs = true;
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
	if (take_on_credentials(of_init) < 0)
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

int split_reaper(struct container *c, const struct credentials *of_init)
{
	int ends[2];
	pid_t child;
	char byte;

	if (c->reaper < 0)
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail("pipe2", "", "make the program's process");
	child = fork();
	if (child < 0)
		return fail("fork", "", "make the program's process");
	if (child > 0)
		return become_reaper(c, of_init, child);
	close(ends[1]);
	/* Until PID 1 is what it is to be: no code of the container runs while it is still the helper (CVE-2019-5736). */
	while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
		;
	close(ends[0]);
	close(c->reaper);
	c->reaper = -1;
	return 0;
}

#include "reaper-loop.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

/* Of all that have ended; the status of the child when it is among them. */
static void reap_all(pid_t child, int *status, bool *ended, int options)
{
	pid_t pid;
	int how;

	while ((pid = waitpid(-1, &how, options)) > 0) {
		if (pid == child) {
			*ended = true;
			*status = how;
			return;
		}
	}
}

/* The parent's exit status as a shell has it: who looks at PID 1 from outside cannot see a signal of PID 2. */
static int as_shell(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int reap_until(pid_t child)
{
	bool ended = false;
	int status = 0;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	while (!ended) {
		siginfo_t info;
		int number;

		reap_all(child, &status, &ended, WNOHANG);
		if (ended)
			break;
		number = sigwaitinfo(&all, &info);
		/* A filter that refuses this call leaves the duty of waiting. */
		if (number < 0 && errno != EINTR)
			reap_all(child, &status, &ended, 0);
		/* The child's own word for "something has happened" is not for it. */
		if (number > 0 && number != SIGCHLD)
			kill(child, number);
	}
	return as_shell(status);
}

/* ctr-init: PID 1 of a container that runs one program, which is PID 2 by then. It reaps whatever is left to it, passes on the
 * signals it gets, and ends as its child does. The program needs none of a PID 1's duties, and has the signals' usual effects.
 *
 * It holds nothing but the right to send signals, runs from a copy in memory that nobody can write to, and allocates nothing. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The number of the child; 2, unless the pid namespace is shared. */
static pid_t child;

/* Of all that have ended; the status of the child when it is among them. */
static void reap_all(int *status, int *ended, int options)
{
	pid_t pid;
	int how;

	while ((pid = waitpid(-1, &how, options)) > 0) {
		if (pid == child) {
			*ended = 1;
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

int main(int argc, char **argv)
{
	int status = 0, ended = 0;
	sigset_t all;

	child = argc == 2 ? (pid_t)atoi(argv[1]) : 0;
	if (child <= 0)
		return 2;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NAME, "ctr-init", 0, 0, 0);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	while (!ended) {
		siginfo_t info;
		int number;

		reap_all(&status, &ended, WNOHANG);
		if (ended)
			break;
		number = sigwaitinfo(&all, &info);
		/* A filter that refuses this call leaves the duty of waiting. */
		if (number < 0 && errno != EINTR)
			reap_all(&status, &ended, 0);
		/* The child's own word for "something has happened" is not for it. */
		if (number > 0 && number != SIGCHLD)
			kill(child, number);
	}
	return as_shell(status);
}

/* ctr-init: PID 1 of a container that runs one program, which is PID 2 by then. The program needs none of a PID 1's duties, and has
 * the signals' usual effects.
 *
 * It holds nothing but the right to send signals, runs from a copy in memory that nobody can write to, and allocates nothing. */
#include <stdlib.h>
#include <sys/prctl.h>

#include "reaper-loop.h"

int main(int argc, char **argv)
{
	pid_t child = argc == 2 ? (pid_t)atoi(argv[1]) : 0;

	if (child <= 0)
		return 2;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NAME, "ctr-init", 0, 0, 0);
	return reap_until(child);
}

/* A container that runs, as the commands find it: by its run directory, its pid and start time, and its boot. */
#ifndef CTR_RUNNING_H
#define CTR_RUNNING_H

#include "state.h"

struct running {
	const char *name; /* last part of the run directory's path */
	int dir;
	struct run_state state;
	int init; /* pidfd */
};

/* Opens it. -1 with errno; ESRCH: it does not run. dir and name are set whenever the directory is there. */
int open_running(struct running *r, const char *path);

/* What the container of a run directory is called. */
const char *container_name(const char *path);

/* True when the process behind the pidfd has ended. */
bool has_ended(int pidfd);

#endif

#ifndef CTR_SUPERVISE_H
#define CTR_SUPERVISE_H

#include "container.h"

/* What the monitor will need. */
struct supervision {
	char monitor[512], helper[512]; /* the two programs, absolute */
	int log_dir, socket;
	uint64_t log_limit;
	const char *on_poweroff, *on_reboot, *on_crash;
	const char *fast; /* in decimal: restarts in a row that were soon needed again */
};

/* Opens it all; -1 with `failure` set. */
int prepare_supervision(struct supervision *s, struct container *c);

/* Replaces this process, the starter, by the monitor: same pid, still init's parent. */
_Noreturn void become_monitor(const struct supervision *s, const struct container *c);

#endif

/* What a process of the container is besides its credentials: limits, priorities, places on CPUs and in memory. The same for init and
 * for what enters. */
#ifndef CTR_PROCESS_H
#define CTR_PROCESS_H

#include <sys/types.h>

#include "plan.h"

/* What needs rights of the host's: nice value, files of /proc/PID, hard limits above those of `pid`. It is called in the host's
 * mount namespace. -1 with `failure`. */
int set_outer_attributes(const struct plan *plan, pid_t pid);

/* What a process does for itself, last of all: CPUs, memory nodes, umask, limits. -1 with `failure`. */
int set_own_attributes(const struct plan *plan);

#endif

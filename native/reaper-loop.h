/* What the small init does: it reaps whatever is left to it, passes on the signals it gets, and ends as its child does. */
#ifndef CTR_REAPER_LOOP_H
#define CTR_REAPER_LOOP_H

#include <stdbool.h>
#include <sys/types.h>

/* child: 2, unless the pid namespace is shared. The exit status that stands for its end. */
int reap_until(pid_t child);

#endif

#ifndef CTR_CLEANUP_H
#define CTR_CLEANUP_H

#include "container.h"

/* Ends init and monitor (unless that is us) and undoes the host phase; runs the hooks of an end. target: LXC's word for what follows,
 * stop or reboot; NULL: its hooks have run. */
void end_container(struct container *c, const char *target);

/* Writes `exit` with this reason, unless there is one already. */
void write_exit_record(int dirfd, const char *reason);

/* Removes what says that the container runs. The plan, the lock and the exit record stay. */
void remove_run_files(int dirfd);

#endif

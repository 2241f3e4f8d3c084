/* The delegated unit of systemd below which all groups of ctr lie. docs/adr/0012 */
#ifndef CTR_UNIT_H
#define CTR_UNIT_H

#include <sys/types.h>

#include "plan.h"

/* OP_CGROUP_UNIT: makes the unit where it is not there. The caller holds the lock of the run directory. */
int ensure_unit(const struct op *op);

/* fork(2), with the child in the unit's group of monitors where there is one: it has nothing to do with the group, and the end, of
 * whoever starts a container. */
pid_t fork_into_monitors(void);

/* Goes into the group of monitors of the plan's unit, unless fork_into_monitors() has put this process there. */
void join_monitors(const struct plan *plan);

#endif

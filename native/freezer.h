/* The freezer of the cgroups a plan names. */
#ifndef CTR_FREEZER_H
#define CTR_FREEZER_H

#include "plan.h"

/* Whether the container, or a group above it, is frozen: a process that joins would freeze as well. */
bool is_frozen(const struct plan *plan);

/* Thaws the container's own groups. A process frozen by v1 does not even die of SIGKILL before that. */
void thaw(const struct plan *plan);

/* LATE: it was not in time. MISSING: no group of it can freeze. ENDED: init did meanwhile. FAILED: errno says why. */
enum freezing { FREEZING_DONE, FREEZING_LATE, FREEZING_MISSING, FREEZING_ENDED, FREEZING_FAILED };

/* Freezes the container and returns when all of it is; what could not be frozen as a whole is thawed again. `init` is a pidfd. */
enum freezing freeze(const struct plan *plan, int timeout_ms, int init);

/* Thaws it and returns when it runs; LATE: a group above it is frozen. */
enum freezing unfreeze(const struct plan *plan, int timeout_ms, int init);

#endif

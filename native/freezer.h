/* The freezer of the cgroups a plan names. */
#ifndef CTR_FREEZER_H
#define CTR_FREEZER_H

#include "plan.h"

/* Whether the container, or a group above it, is frozen: a process that joins would freeze as well. */
bool is_frozen(const struct plan *plan);

/* Thaws the container's own groups. A process frozen by v1 does not even die of SIGKILL before that. */
void thaw(const struct plan *plan);

#endif

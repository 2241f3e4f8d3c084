/* The first stage of an ordinary user: a user namespace in which the starter is root, and a mount namespace that belongs to it. All
 * that follows is what root does. docs/adr/0011 */
#ifndef CTR_FIRST_STAGE_H
#define CTR_FIRST_STAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "plan.h"

/* As the kernel takes them: lines of inside, outside, count. One line of a user's own id needs no program to write it. */
struct stage_maps {
	char uid[2048], gid[2048];
};

/* False: the plan is one of root's, or the maps do not fit. */
bool stage_maps_of(struct stage_maps *maps, const struct plan *plan);

/* Whether the plan needs a first stage, and whether this process is in one already (a restart is). */
bool has_first_stage(const struct plan *plan);
bool needs_first_stage(const struct plan *plan);

/* Forks. In the child 0, as root of the new namespaces; in the parent the child's pid, and -1 with `failure` where there is no child
 * any more. *talk ties both together. */
pid_t fork_first_stage(const struct stage_maps *maps, int *talk);
/* The same without a child that stays: this process becomes root of them. -1 with `failure`; it may be of no use any more then. */
int enter_first_stage(const struct stage_maps *maps);
/* In the child: hands `failure` to the parent, and ends. */
_Noreturn void give_up_first_stage(int talk);
/* In the parent: 0 when the child has closed its end (by exec, or by its end), -1 with its `failure`. */
int await_first_stage(pid_t child, int talk);

/* Goes into the user namespace that the container's own was made in, when that is not ours: the first stage. -1 with errno */
int join_first_stage(pid_t init);

#endif

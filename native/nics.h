/* Links of the host that move into a container, and back: `phys` operations. */
#ifndef CTR_NICS_H
#define CTR_NICS_H

#include "container.h"

/* Writes down what the link is, pins init's network namespace, so that the link cannot go with it, and moves the link there. -1 with
 * `failure`. */
int take_nic(struct container *c, const struct op *op);

/* Moves all of them back, with their names, MTU, addresses and alternative names, and unpins. Also after a start that was cut off, or a
 * monitor that was killed; nothing when they are back already. */
void return_nics(const struct plan *plan, const char *dir);

#endif

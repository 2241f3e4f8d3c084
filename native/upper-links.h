/* Links on top of a link of the host: macvlan, ipvlan, vlan. */
#ifndef CTR_UPPER_LINKS_H
#define CTR_UPPER_LINKS_H

#include "container.h"

/* macvlan, ipvlan, vlan operations: by one message, in init's network namespace; it ends with that. -1 with `failure`. */
int make_upper_link(const struct container *c, const struct op *op);

#endif

/* Limits of speed of a link of the host. */
#ifndef CTR_BANDWIDTH_H
#define CTR_BANDWIDTH_H

#include "plan.h"

/* bandwidth operation. The limits end with the link. -1 with `failure`. */
int limit_bandwidth(const struct op *op);

#endif

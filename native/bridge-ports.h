/* Ports of bridges: who is in, who is on its way out, and what a port may do. */
#ifndef CTR_BRIDGE_PORTS_H
#define CTR_BRIDGE_PORTS_H

#include "plan.h"

/* A link that ends with its network namespace stays for some 40 ms in the bridge, and whoever asks the kernel for it waits as long. So
 * the end of a container writes down which of its ports do not count any more, below the run directory of `dir` (<run>/containers/NAME). */
void mark_dying_ports(const struct plan *plan, const char *dir);

/* A port of that name is made anew. */
void forget_dying_port(const char *dir, const char *name);

/* Whether a port is in the bridge that does not die. `dir` is <run>/ANY/NAME. */
bool has_port(const char *bridge, const char *dir);

/* bridge-port operation. -1 with `failure`. */
int set_port_flags(const struct op *op);

#endif

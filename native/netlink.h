/* Links, addresses and routes by rtnetlink(7): one message each, each acknowledged. */
#ifndef CTR_NETLINK_H
#define CTR_NETLINK_H

#include "plan.h"

/* bridge operation: makes it when missing, brings it up. */
int ensure_bridge(const struct op *op);

/* Removes a bridge that ctr made and that has no port left. */
void release_bridge(const char *name);

/* Removes the host end of a veth pair that ctr made; nothing when there is none. */
void remove_link(const char *name);

/* Operations of init in its own network namespace: loopback, link-up, address, route. */
int do_network_op(const struct op *op);

#endif

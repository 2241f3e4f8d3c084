/* The operations of a plan that are about links, addresses and routes. */
#ifndef CTR_LINKS_H
#define CTR_LINKS_H

#include "plan.h"

/* Our mark on links in the host's network namespace: "ctr" as a device group (`ip link show group 6517874`), since a group, unlike
 * an alias, can be given in the message that makes the link. Only links that carry it are ever removed. */
#define LINK_GROUP 0x637472

bool is_our_link(const char *name);

/* bridge operation: makes it when missing, brings it up. */
int ensure_bridge(const struct op *op);

/* Removes a bridge that ctr made and that has no port left but dying ones. `dir` is the container's run directory. */
void release_bridge(const char *name, const char *dir);

/* Removes a link that ctr made, which takes the kernel 33 ms: one that ends with its network namespace is left to it. Nothing when there
 * is none. */
void remove_link(const char *name);

/* Adds the address in the fields of an operation to a link; -1 with `failure` set. */
int add_address(const char *link, const struct op *op, int address_field, int prefix_field, int peer_field);

/* Adds the route whose destination is the first of four fields; by that link unless "". */
int add_route(const char *link, const struct op *op, int first_field);

/* Operations of init in its own network namespace: loopback, link-up, address, route. */
int do_network_op(const struct op *op);

#endif
